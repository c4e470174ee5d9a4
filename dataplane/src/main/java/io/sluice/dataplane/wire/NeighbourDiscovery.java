package io.sluice.dataplane.wire;

import java.lang.foreign.MemorySegment;

/**
 * Neighbour solicitations and advertisements of IPv6 (RFC 4861, 4.3 and 4.4), as duplicate address detection (RFC 4862, 5.4)
 * and the announcement of a new link-layer address (RFC 4861, 7.2.6) need them.
 *
 * <pre>
 *        0               1               2               3
 *      +---------------+---------------+-------------------------------+
 *   0  |type 135 or 136|    code: 0    |           checksum            |
 *      +-+-+-+---------+---------------+-------------------------------+
 *   4  |R|S|O|           reserved; in a solicitation all of it         |
 *      +-+-+-+---------------------------------------------------------+
 *   8  |                   target address (16 bytes)                   |
 *      +---------------+---------------+-------------------------------+
 *  24  |option: type 2 |length 1: 8 B. |                               |
 *      +---------------+---------------+                               +
 *  28  |            target link-layer address (6 bytes)                |
 *      +---------------------------------------------------------------+
 *
 *                    source        destination              Ethernet destination
 *   probe            ::            ff02::1:ffTT:TTTT        33:33:ff:TT:TT:TT     no option
 *   advertisement    the address   ff02::1                  33:33:00:00:00:01     O, option
 * </pre>
 *
 * <p>TT:TTTT are the last 24 bits of the address. Both travel with hop limit 255, which proves that no router has passed them.
 */
public final class NeighbourDiscovery {
    /** Bytes of a message without options. */
    public static final int LENGTH = 24;
    /** Offset of the target address. */
    public static final int TARGET = 8;
    /** ICMPv6 type of a solicitation. */
    public static final int SOLICITATION = 135;
    /** ICMPv6 type of an advertisement. */
    public static final int ADVERTISEMENT = 136;
    /** The only hop limit that counts. */
    public static final int HOP_LIMIT = 255;
    /** Bytes of the frame that {@link #writeProbe} makes. */
    public static final int PROBE_LENGTH = Ethernet.LENGTH + Ipv6.LENGTH + LENGTH;
    /** Bytes of the frame that {@link #writeAdvertisement} makes. */
    public static final int ADVERTISEMENT_LENGTH = PROBE_LENGTH + 8;

    private static final int OVERRIDE = 0x2000_0000;
    private static final int TARGET_LINK_LAYER_ADDRESS = 2;
    private static final long LINK_SCOPE_HIGH = 0xff02_0000_0000_0000L;
    private static final long ALL_NODES_LOW = 1;
    private static final long SOLICITED_NODE_LOW = 0x1_ff00_0000L;
    private static final long LAST_24_BITS = 0xff_ffffL;
    private static final long MULTICAST_MAC = 0x3333_0000_0000L;

    private NeighbourDiscovery() {
    }

    /**
     * Whether an IPv6 packet is a solicitation or advertisement that RFC 4861 (7.1) lets count: hop limit 255, right behind the
     * fixed header, code 0, long enough, with a right checksum.
     *
     * @param memory where the packet is
     * @param ip     offset of its first byte
     * @param end    offset behind its last byte, or behind the padding of a short frame
     * @return true if {@link #isAdvertisement}, {@link #targetHigh} and {@link #targetLow} mean something
     */
    public static boolean isValid(final MemorySegment memory, final long ip, final long end) {
        if (ip + Ipv6.LENGTH + LENGTH > end || NetworkOrder.u8(memory, ip + Ipv6.NEXT_HEADER) != Ipv6.ICMPV6
            || NetworkOrder.u8(memory, ip + Ipv6.HOP_LIMIT) != HOP_LIMIT) {
            return false;
        }
        final long icmp = ip + Ipv6.LENGTH;
        final int length = NetworkOrder.u16(memory, ip + Ipv6.PAYLOAD_LENGTH);
        final int type = NetworkOrder.u8(memory, icmp + Icmp.TYPE);
        return length >= LENGTH && icmp + length <= end && (type == SOLICITATION || type == ADVERTISEMENT)
            && NetworkOrder.u8(memory, icmp + Icmp.CODE) == 0 && Checksum.finish(sum(memory, ip, length)) == 0;
    }

    /**
     * Which of the two a valid message is.
     *
     * @param memory where the packet is
     * @param ip     offset of its first byte
     * @return true for an advertisement, false for a solicitation
     */
    public static boolean isAdvertisement(final MemorySegment memory, final long ip) {
        return NetworkOrder.u8(memory, ip + Ipv6.LENGTH + Icmp.TYPE) == ADVERTISEMENT;
    }

    /**
     * Whether a valid solicitation probes for duplicates, as told by its unspecified source (RFC 4862, 5.4.3).
     *
     * @param memory where the packet is
     * @param ip     offset of its first byte
     * @return true if the source is {@code ::}
     */
    public static boolean isProbe(final MemorySegment memory, final long ip) {
        return !isAdvertisement(memory, ip)
            && (NetworkOrder.i64(memory, ip + Ipv6.SOURCE) | NetworkOrder.i64(memory, ip + Ipv6.SOURCE + 8)) == 0;
    }

    /**
     * The target address.
     *
     * @param memory where the packet is
     * @param ip     offset of its first byte
     * @return first eight bytes
     */
    public static long targetHigh(final MemorySegment memory, final long ip) {
        return NetworkOrder.i64(memory, ip + Ipv6.LENGTH + TARGET);
    }

    /**
     * The target address.
     *
     * @param memory where the packet is
     * @param ip     offset of its first byte
     * @return last eight bytes
     */
    public static long targetLow(final MemorySegment memory, final long ip) {
        return NetworkOrder.i64(memory, ip + Ipv6.LENGTH + TARGET + 8);
    }

    /**
     * Writes a frame that asks whether anybody uses an address, without claiming it (RFC 4862, 5.4.2).
     *
     * @param memory where the frame goes, with room for {@link #PROBE_LENGTH} bytes
     * @param frame  offset of its first byte
     * @param mac    of the asking interface
     * @param high   the address, first eight bytes
     * @param low    the address, last eight bytes
     */
    public static void writeProbe(final MemorySegment memory, final long frame, final long mac, final long high, final long low) {
        write(memory, frame, mac, 0, 0, SOLICITED_NODE_LOW | low & LAST_24_BITS, LENGTH);
        writeMessage(memory, frame, SOLICITATION, 0, high, low);
        writeChecksum(memory, frame + Ethernet.LENGTH, LENGTH);
    }

    /**
     * Writes a frame that tells every node on the link who uses an address now; it overrides what they have cached (RFC 4861,
     * 7.2.6).
     *
     * @param memory where the frame goes, with room for {@link #ADVERTISEMENT_LENGTH} bytes
     * @param frame  offset of its first byte
     * @param mac    of the interface that uses it
     * @param high   the address, first eight bytes
     * @param low    the address, last eight bytes
     */
    public static void writeAdvertisement(final MemorySegment memory, final long frame, final long mac, final long high,
                                          final long low) {
        final int length = LENGTH + 8;
        write(memory, frame, mac, high, low, ALL_NODES_LOW, length);
        writeMessage(memory, frame, ADVERTISEMENT, OVERRIDE, high, low);
        NetworkOrder.i64(memory, frame + PROBE_LENGTH, (long) TARGET_LINK_LAYER_ADDRESS << 56 | 1L << 48 | mac);
        writeChecksum(memory, frame + Ethernet.LENGTH, length);
    }

    private static void write(final MemorySegment memory, final long frame, final long mac, final long sourceHigh, final long sourceLow,
                              final long destinationLow, final int length) {
        // RFC 2464, 7: the last four bytes of a multicast address behind 33:33.
        Ethernet.write(memory, frame, MULTICAST_MAC | destinationLow & 0xffff_ffffL, mac, Ethernet.IPV6);
        Ipv6.write(memory, frame + Ethernet.LENGTH, 0, length, Ipv6.ICMPV6, HOP_LIMIT, sourceHigh, sourceLow, LINK_SCOPE_HIGH,
            destinationLow);
    }

    private static void writeMessage(final MemorySegment memory, final long frame, final int type, final int flags, final long high,
                                     final long low) {
        final long icmp = frame + Ethernet.LENGTH + Ipv6.LENGTH;
        NetworkOrder.i32(memory, icmp, type << 24);
        NetworkOrder.i32(memory, icmp + Icmp.REST, flags);
        NetworkOrder.i64(memory, icmp + TARGET, high);
        NetworkOrder.i64(memory, icmp + TARGET + 8, low);
    }

    private static void writeChecksum(final MemorySegment memory, final long ip, final int length) {
        NetworkOrder.u16(memory, ip + Ipv6.LENGTH + Icmp.CHECKSUM, Checksum.finish(sum(memory, ip, length)));
    }

    private static long sum(final MemorySegment memory, final long ip, final int length) {
        return Checksum.pseudoHeader(NetworkOrder.i64(memory, ip + Ipv6.SOURCE), NetworkOrder.i64(memory, ip + Ipv6.SOURCE + 8),
            NetworkOrder.i64(memory, ip + Ipv6.DESTINATION), NetworkOrder.i64(memory, ip + Ipv6.DESTINATION + 8), Ipv6.ICMPV6, length)
            + Checksum.sum(memory, ip + Ipv6.LENGTH, length);
    }
}
