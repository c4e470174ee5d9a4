package io.sluice.dataplane.connection;

import java.security.SecureRandom;

/**
 * The keyed hash of a flow: three folded 64 x 64 to 128-bit multiplications. Seeds are random per process, so that nobody
 * outside can choose flows that collide.
 */
public final class FlowHash {
    private static final long MIX = 0x9e37_79b9_7f4a_7c15L;
    private final long seed0;
    private final long seed1;

    /** With random seeds. */
    public FlowHash() {
        final SecureRandom random = new SecureRandom();
        this.seed0 = random.nextLong();
        this.seed1 = random.nextLong();
    }

    /**
     * Hashes source, destination and protocol.
     *
     * @param protocol        protocol number
     * @param sourceHigh      source, first eight bytes
     * @param sourceLow       source, last eight bytes
     * @param sourcePort      source port
     * @param destinationHigh destination, first eight bytes
     * @param destinationLow  destination, last eight bytes
     * @param destinationPort destination port
     * @return 64 well-mixed bits
     */
    public long of(final int protocol, final long sourceHigh, final long sourceLow, final int sourcePort,
                   final long destinationHigh, final long destinationLow, final int destinationPort) {
        final long ports = (long) protocol << 32 | (long) sourcePort << 16 | destinationPort;
        long hash = fold(sourceHigh ^ seed0, sourceLow ^ seed1);
        hash = fold(hash ^ destinationHigh ^ MIX, destinationLow ^ seed0);
        return fold(hash ^ ports, seed1 | 1);
    }

    private static long fold(final long a, final long b) {
        return a * b ^ Math.unsignedMultiplyHigh(a, b);
    }
}
