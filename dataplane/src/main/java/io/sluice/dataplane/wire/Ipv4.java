package io.sluice.dataplane.wire;

import java.lang.foreign.MemorySegment;

/**
 * The IPv4 header (RFC 791).
 *
 * <pre>
 *        0               1               2               3
 *      +-------+-------+---------------+-------------------------------+
 *   0  |version|  IHL  |  DSCP   | ECN |         total length          |
 *      +-------+-------+---------------+-----+-------------------------+
 *   4  |        identification         |0|D|M|    fragment offset      |
 *      +---------------+---------------+-----+-------------------------+
 *   8  |      TTL      |   protocol    |        header checksum        |
 *      +---------------+---------------+-------------------------------+
 *  12  |                        source address                         |
 *      +---------------------------------------------------------------+
 *  16  |                      destination address                      |
 *      +---------------------------------------------------------------+
 *  20  |                     options, IHL * 4 - 20                     |
 *      +---------------------------------------------------------------+
 * </pre>
 */
public final class Ipv4 {
    /** Bytes of a header without options. */
    public static final int LENGTH = 20;
    /** Offset of DSCP and ECN. */
    public static final int TRAFFIC_CLASS = 1;
    /** Offset of the total length. */
    public static final int TOTAL_LENGTH = 2;
    /** Offset of the identification. */
    public static final int IDENTIFICATION = 4;
    /** Offset of flags and fragment offset. */
    public static final int FRAGMENT = 6;
    /** Offset of the TTL. */
    public static final int TTL = 8;
    /** Offset of the protocol. */
    public static final int PROTOCOL = 9;
    /** Offset of the header checksum. */
    public static final int CHECKSUM = 10;
    /** Offset of the source address. */
    public static final int SOURCE = 12;
    /** Offset of the destination address. */
    public static final int DESTINATION = 16;

    /** Don't fragment, in the 16 bits at {@link #FRAGMENT}. */
    public static final int DONT_FRAGMENT = 0x4000;
    /** More fragments, in the 16 bits at {@link #FRAGMENT}. */
    public static final int MORE_FRAGMENTS = 0x2000;
    /** The fragment offset in units of 8 bytes, in the 16 bits at {@link #FRAGMENT}. */
    public static final int FRAGMENT_OFFSET = 0x1fff;

    /** Protocol number of ICMP. */
    public static final int ICMP = 1;
    /** Protocol number of TCP. */
    public static final int TCP = 6;
    /** Protocol number of UDP. */
    public static final int UDP = 17;

    private Ipv4() {
    }

    /**
     * The header's length.
     *
     * @param memory where the packet is
     * @param ip     offset of its first byte
     * @return bytes, 0 to 60; less than 20 is malformed
     */
    public static int headerLength(final MemorySegment memory, final long ip) {
        return (NetworkOrder.u8(memory, ip) & 0xf) << 2;
    }

    /**
     * The source address in mapped form.
     *
     * @param memory where the packet is
     * @param ip     offset of its first byte
     * @return low eight bytes of {@code ::ffff:a.b.c.d}
     */
    public static long source(final MemorySegment memory, final long ip) {
        return Address.lowOfIpv4(NetworkOrder.i32(memory, ip + SOURCE));
    }

    /**
     * The destination address in mapped form.
     *
     * @param memory where the packet is
     * @param ip     offset of its first byte
     * @return low eight bytes of {@code ::ffff:a.b.c.d}
     */
    public static long destination(final MemorySegment memory, final long ip) {
        return Address.lowOfIpv4(NetworkOrder.i32(memory, ip + DESTINATION));
    }

    /**
     * Writes a header of 20 bytes with its checksum.
     *
     * @param memory         where the packet is
     * @param ip             offset of its first byte
     * @param trafficClass   DSCP and ECN, 8 bits
     * @param totalLength    bytes of header and payload, at most 65535
     * @param identification 16 bits
     * @param fragment       flags and offset, 16 bits
     * @param ttl            8 bits
     * @param protocol       8 bits
     * @param source         low half of the mapped source
     * @param destination    low half of the mapped destination
     */
    public static void write(final MemorySegment memory, final long ip, final int trafficClass, final int totalLength,
                             final int identification, final int fragment, final int ttl, final int protocol,
                             final long source, final long destination) {
        NetworkOrder.i32(memory, ip, 0x45 << 24 | trafficClass << 16 | totalLength);
        NetworkOrder.i32(memory, ip + IDENTIFICATION, identification << 16 | fragment);
        NetworkOrder.i32(memory, ip + TTL, ttl << 24 | protocol << 16);
        NetworkOrder.i32(memory, ip + SOURCE, (int) source);
        NetworkOrder.i32(memory, ip + DESTINATION, (int) destination);
        writeChecksum(memory, ip, LENGTH);
    }

    /**
     * Computes and writes the header checksum.
     *
     * @param memory       where the packet is
     * @param ip           offset of its first byte
     * @param headerLength bytes, options included
     */
    public static void writeChecksum(final MemorySegment memory, final long ip, final int headerLength) {
        NetworkOrder.u16(memory, ip + CHECKSUM, 0);
        NetworkOrder.u16(memory, ip + CHECKSUM, Checksum.finish(Checksum.sum(memory, ip, headerLength)));
    }

    /**
     * Whether the header checksum is right.
     *
     * @param memory       where the packet is
     * @param ip           offset of its first byte
     * @param headerLength bytes, options included
     * @return true if it is
     */
    public static boolean isChecksumRight(final MemorySegment memory, final long ip, final int headerLength) {
        return Checksum.fold(Checksum.sum(memory, ip, headerLength)) == 0xffff;
    }
}
