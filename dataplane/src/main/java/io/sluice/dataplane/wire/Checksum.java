package io.sluice.dataplane.wire;

import java.lang.foreign.MemorySegment;

/**
 * The Internet checksum: one's complement of the one's complement sum of 16-bit words (RFC 1071), and its incremental
 * update (RFC 1624).
 *
 * <p>Sums travel as unfolded longs; a sum may be added to another when both start at an even offset of the same checksummed
 * data. A checksum field of a frame may be <em>partial</em>: it then holds the folded, uncomplemented sum of the
 * pseudo-header only, and the hardware (or the kernel) adds the rest.
 */
public final class Checksum {
    private Checksum() {
    }

    /**
     * Sums bytes.
     *
     * @param memory where they are
     * @param offset of the first one
     * @param length number of bytes; an odd last byte counts as the high half of a word
     * @return unfolded sum; for up to 64 KiB it is far from overflowing
     */
    public static long sum(final MemorySegment memory, final long offset, final int length) {
        long sum = 0;
        long at = offset;
        final long words = offset + (length & ~3);
        while (at < words) {
            sum += NetworkOrder.i32(memory, at) & 0xffff_ffffL;
            at += 4;
        }
        if ((length & 2) != 0) {
            sum += (long) NetworkOrder.u16(memory, at) << 16;
            at += 2;
        }
        if ((length & 1) != 0) {
            sum += (long) NetworkOrder.u8(memory, at) << 24;
        }
        return sum;
    }

    /**
     * The sum of the pseudo-header that TCP, UDP and ICMPv6 checksums cover (RFC 9293 3.1, RFC 8200 8.1).
     *
     * @param sourceHigh      source, first eight bytes (IPv4 mapped)
     * @param sourceLow       source, last eight bytes
     * @param destinationHigh destination, first eight bytes
     * @param destinationLow  destination, last eight bytes
     * @param protocol        protocol number
     * @param length          bytes of the transport header and payload
     * @return unfolded sum
     */
    public static long pseudoHeader(final long sourceHigh, final long sourceLow, final long destinationHigh,
                                    final long destinationLow, final int protocol, final int length) {
        final long rest = (long) protocol + length;
        if (Address.isIpv4(sourceHigh, sourceLow)) {
            return (sourceLow & 0xffff_ffffL) + (destinationLow & 0xffff_ffffL) + rest;
        }
        return halves(sourceHigh) + halves(sourceLow) + halves(destinationHigh) + halves(destinationLow) + rest;
    }

    /**
     * Folds a sum to 16 bits.
     *
     * @param sum unfolded
     * @return 0 to 65535, not complemented
     */
    public static int fold(final long sum) {
        long folded = (sum & 0xffff_ffffL) + (sum >>> 32);
        folded = (folded & 0xffff) + (folded >>> 16);
        folded = (folded & 0xffff) + (folded >>> 16);
        folded = (folded & 0xffff) + (folded >>> 16);
        return (int) folded;
    }

    /**
     * The value for a checksum field.
     *
     * @param sum unfolded sum over everything, the field itself taken as zero
     * @return 0 to 65535
     */
    public static int finish(final long sum) {
        return ~fold(sum) & 0xffff;
    }

    /**
     * Updates a complete checksum for changed data: RFC 1624, equation 3.
     *
     * @param checksum the old value of the field
     * @param oldSum   unfolded sum of what was there
     * @param newSum   unfolded sum of what is there now
     * @return the new value of the field
     */
    public static int update(final int checksum, final long oldSum, final long newSum) {
        return finish((~checksum & 0xffff) + (~fold(oldSum) & 0xffff) + newSum);
    }

    private static long halves(final long value) {
        return (value >>> 32) + (value & 0xffff_ffffL);
    }
}
