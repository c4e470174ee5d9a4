package io.sluice.dataplane.nat;

/**
 * Initial sequence numbers that grow with time for each pair of local and real endpoint (RFC 6528): a keyed hash of the
 * endpoints plus a clock of 64 ns ticks. A server that still holds the previous connection of the pair in TIME_WAIT accepts
 * a SYN with a larger number.
 *
 * <p>The hash is SipHash-2-4 (<a href="https://www.aumasson.jp/siphash/siphash.pdf">Aumasson, Bernstein</a>) over six words.
 * The key outlives the process, so that numbers go on growing over a restart. Thread-safe.
 */
public final class SequenceGenerator {
    private static final int NS_PER_TICK_SHIFT = 6;
    private static final long WORDS_LENGTH = 48L << 56;

    private final long key0;
    private final long key1;

    /**
     * With a key.
     *
     * @param key0 first eight bytes, little-endian
     * @param key1 last eight bytes, little-endian
     */
    public SequenceGenerator(final long key0, final long key1) {
        this.key0 = key0;
        this.key1 = key1;
    }

    /**
     * The number for a new connection.
     *
     * @param localHigh local address, first eight bytes
     * @param localLow  local address, last eight bytes
     * @param localPort local port
     * @param realHigh  real server, first eight bytes
     * @param realLow   real server, last eight bytes
     * @param realPort  real server's port
     * @param nowNs     the time, on a clock that goes on over restarts
     * @return 32 bits
     */
    public int next(final long localHigh, final long localLow, final int localPort, final long realHigh, final long realLow,
                    final int realPort, final long nowNs) {
        final long hash = hash(localHigh, localLow, realHigh, realLow, (long) localPort << 16 | realPort, 0);
        return (int) hash + (int) (nowNs >>> NS_PER_TICK_SHIFT);
    }

    /**
     * SipHash-2-4 of six words.
     *
     * @param w0 first eight bytes of the message, little-endian
     * @param w1 next
     * @param w2 next
     * @param w3 next
     * @param w4 next
     * @param w5 last
     * @return the hash
     */
    long hash(final long w0, final long w1, final long w2, final long w3, final long w4, final long w5) {
        long v0 = key0 ^ 0x736f6d6570736575L;
        long v1 = key1 ^ 0x646f72616e646f6dL;
        long v2 = key0 ^ 0x6c7967656e657261L;
        long v3 = key1 ^ 0x7465646279746573L;
        for (int i = 0; i < 11; i++) {
            final long word = switch (i) {
                case 0 -> w0;
                case 1 -> w1;
                case 2 -> w2;
                case 3 -> w3;
                case 4 -> w4;
                case 5 -> w5;
                case 6 -> WORDS_LENGTH;
                default -> 0;
            };
            // Six words and the length take two rounds each; then come four rounds after v2 was marked.
            if (i == 7) {
                v2 ^= 0xff;
            }
            final int rounds = i < 7 ? 2 : 1;
            v3 ^= word;
            for (int round = 0; round < rounds; round++) {
                v0 += v1;
                v2 += v3;
                v1 = Long.rotateLeft(v1, 13) ^ v0;
                v3 = Long.rotateLeft(v3, 16) ^ v2;
                v0 = Long.rotateLeft(v0, 32);
                v2 += v1;
                v0 += v3;
                v1 = Long.rotateLeft(v1, 17) ^ v2;
                v3 = Long.rotateLeft(v3, 21) ^ v0;
                v2 = Long.rotateLeft(v2, 32);
            }
            v0 ^= word;
        }
        return v0 ^ v1 ^ v2 ^ v3;
    }
}
