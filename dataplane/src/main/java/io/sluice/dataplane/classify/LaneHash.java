package io.sluice.dataplane.classify;

/**
 * The keyed hash by which flows and fragmented datagrams are dealt out to lanes. The kernel's fan-out program
 * ({@code native/fanout/steer.bpf.c}) computes the same one, so that packets arrive where they belong.
 *
 * <p>One multiplication and one shift for each word, simple enough for eBPF, which has no 128-bit product; the key is random
 * per process, so that nobody outside can choose flows that all meet in one lane. Immutable.
 */
public final class LaneHash {
    private static final long MULTIPLIER = 0xd6e8_feb8_6659_fd93L;

    private final long key;

    /**
     * With a key.
     *
     * @param key any number
     */
    public LaneHash(final long key) {
        this.key = key;
    }

    /**
     * The key, for whoever has to compute the same hash.
     *
     * @return as given
     */
    public long key() {
        return key;
    }

    /**
     * Hashes a flow, as seen in packets from its source.
     *
     * @param protocol        protocol number
     * @param sourceHigh      source, first eight bytes
     * @param sourceLow       source, last eight bytes
     * @param sourcePort      source port
     * @param destinationHigh destination, first eight bytes
     * @param destinationLow  destination, last eight bytes
     * @param destinationPort destination port
     * @return 64 bits, of which the upper half chooses the lane
     */
    public long ofFlow(final int protocol, final long sourceHigh, final long sourceLow, final int sourcePort,
                       final long destinationHigh, final long destinationLow, final int destinationPort) {
        return of(sourceHigh, sourceLow, destinationHigh, destinationLow,
            (long) protocol << 32 | (long) sourcePort << 16 | destinationPort);
    }

    /**
     * Hashes a datagram, as seen in each of its fragments.
     *
     * @param protocol        protocol number
     * @param sourceHigh      source, first eight bytes
     * @param sourceLow       source, last eight bytes
     * @param destinationHigh destination, first eight bytes
     * @param destinationLow  destination, last eight bytes
     * @param identification  of the datagram
     * @return 64 bits, of which the upper half chooses the lane
     */
    public long ofDatagram(final int protocol, final long sourceHigh, final long sourceLow, final long destinationHigh,
                           final long destinationLow, final int identification) {
        return of(sourceHigh, sourceLow, destinationHigh, destinationLow,
            (long) protocol << 32 | identification & 0xffff_ffffL);
    }

    private long of(final long sourceHigh, final long sourceLow, final long destinationHigh, final long destinationLow,
                    final long last) {
        long hash = mix(key, sourceHigh);
        hash = mix(hash, sourceLow);
        hash = mix(hash, destinationHigh);
        hash = mix(hash, destinationLow);
        hash = mix(hash, last);
        return mix(hash, key);
    }

    private static long mix(final long hash, final long word) {
        final long product = (hash ^ word) * MULTIPLIER;
        return product ^ product >>> 32;
    }

    /**
     * The lane that a hash chooses, all about equally often.
     *
     * @param hash  of a flow or datagram
     * @param lanes number of lanes
     * @return 0 to {@code lanes} - 1
     */
    public static int lane(final long hash, final int lanes) {
        return (int) ((hash >>> 32) * lanes >>> 32);
    }
}
