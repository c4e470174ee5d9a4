package io.sluice.dataplane.connection;

import java.security.SecureRandom;

/**
 * The keyed hash of a flow: four folded 64 x 64 to 128-bit multiplications. Seeds are random per process, so that nobody
 * outside can choose flows that collide.
 */
public final class FlowHash {
    private static final long MIX = 0x9e37_79b9_7f4a_7c15L;
    private final long seed0;
    private final long seed1;

    /** With random seeds. */
    public FlowHash() {
        this(new SecureRandom().nextLong(), new SecureRandom().nextLong());
    }

    /**
     * With seeds that a test can repeat.
     *
     * @param seed0 any number
     * @param seed1 any number
     */
    FlowHash(final long seed0, final long seed1) {
        this.seed0 = seed0;
        this.seed1 = seed1;
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
        hash = fold(hash ^ ports, seed1 | 1);
        // Ports that count up are a mere arithmetic progression after one multiplication; with some seeds that clusters badly.
        return fold(hash ^ seed0, MIX);
    }

    private static long fold(final long a, final long b) {
        return a * b ^ Math.unsignedMultiplyHigh(a, b);
    }
}
