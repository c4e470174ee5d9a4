package io.sluice.dataplane.service;

/**
 * A 64-bit hash of an address, with or without a port.
 *
 * <p>All nodes of a cluster, also of different versions, must pick the same backend for the same client. So there is no secret
 * and no seed of the process: seed and function are part of the product's contract and never change. Whoever can choose source
 * addresses freely can therefore aim at one backend; that is what consistent hashing across nodes costs.
 *
 * <p>The mixing step is the finaliser of SplitMix64 (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators, 2014).
 */
final class KeyHash {
    private static final long SEED = 0x51c1_ce00_0000_0001L;
    private static final long STEP = 0x9e37_79b9_7f4a_7c15L;

    private KeyHash() {
    }

    static long of(final long high, final long low) {
        return mix(mix(SEED ^ high) + STEP ^ low);
    }

    static long of(final long high, final long low, final int port) {
        return mix(of(high, low) + STEP ^ port);
    }

    static long mix(final long value) {
        long z = value;
        z = (z ^ z >>> 30) * 0xbf58_476d_1ce4_e5b9L;
        z = (z ^ z >>> 27) * 0x94d0_49bb_1331_11ebL;
        return z ^ z >>> 31;
    }
}
