package io.sluice.dataplane.wire;

import java.lang.foreign.MemorySegment;

/**
 * TCP options: kind, length, value; END and NOP are single bytes (RFC 9293, 3.2).
 *
 * <p>Walk them so; a malformed length ends the walk, what was before it counts:
 *
 * <pre>{@code
 * for (long at = first; (length = TcpOptions.lengthAt(memory, at, end)) > 0; at += length) { ... }
 * }</pre>
 */
public final class TcpOptions {
    /** End of the list. */
    public static final int END = 0;
    /** Padding. */
    public static final int NOP = 1;
    /** Maximum segment size, length 4. */
    public static final int MSS = 2;
    /** Window scale, length 3. */
    public static final int WINDOW_SCALE = 3;
    /** SACK permitted, length 2. */
    public static final int SACK_PERMITTED = 4;
    /** SACK blocks (RFC 2018), length 2 + 8 n. */
    public static final int SACK = 5;
    /** Timestamps (RFC 7323), length 10. */
    public static final int TIMESTAMPS = 8;
    /** Multipath TCP (RFC 8684). */
    public static final int MPTCP = 30;
    /** Fast Open cookie (RFC 7413). */
    public static final int FAST_OPEN = 34;

    private TcpOptions() {
    }

    /**
     * The length of the option at a place.
     *
     * @param memory where the segment is
     * @param at     offset of the option's kind
     * @param end    offset behind the header
     * @return 1 for NOP, its length for a well-formed option, 0 at the end of the list or at a malformed option
     */
    public static int lengthAt(final MemorySegment memory, final long at, final long end) {
        if (at >= end) {
            return 0;
        }
        final int kind = NetworkOrder.u8(memory, at);
        if (kind == NOP) {
            return 1;
        }
        if (kind == END || at + 1 >= end) {
            return 0;
        }
        final int length = NetworkOrder.u8(memory, at + 1);
        return length >= 2 && at + length <= end ? length : 0;
    }

    /**
     * Finds an option.
     *
     * @param memory where the segment is
     * @param first  offset of the first option
     * @param end    offset behind the header
     * @param kind   which one
     * @return offset of its kind byte, or -1
     */
    public static long find(final MemorySegment memory, final long first, final long end, final int kind) {
        int length;
        for (long at = first; (length = lengthAt(memory, at, end)) > 0; at += length) {
            if (NetworkOrder.u8(memory, at) == kind) {
                return at;
            }
        }
        return -1;
    }

    /**
     * Overwrites bytes with NOPs.
     *
     * @param memory where the segment is
     * @param at     offset of the first one
     * @param length number of bytes
     */
    public static void pad(final MemorySegment memory, final long at, final int length) {
        for (int i = 0; i < length; i++) {
            NetworkOrder.u8(memory, at + i, NOP);
        }
    }
}
