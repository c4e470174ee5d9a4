package io.sluice.dataplane.wire;

import java.lang.foreign.MemorySegment;

/**
 * The IPv6 header and its extension headers (RFC 8200).
 *
 * <pre>
 *        0               1               2               3
 *      +-------+---------------+---------------------------------------+
 *   0  |version| traffic class |               flow label              |
 *      +-------+---------------+-------+---------------+---------------+
 *   4  |        payload length         |  next header  |   hop limit   |
 *      +-------------------------------+---------------+---------------+
 *   8  |                    source address (16 bytes)                  |
 *  24  |                  destination address (16 bytes)               |
 *      +---------------------------------------------------------------+
 *
 *   fragment header:
 *      +---------------+---------------+-------------------------+-+-+-+
 *   0  |  next header  |   reserved    |     fragment offset     |0|0|M|
 *      +---------------+---------------+-------------------------+-+-+-+
 *   4  |                         identification                        |
 *      +---------------------------------------------------------------+
 * </pre>
 */
public final class Ipv6 {
    /** Bytes of the fixed header. */
    public static final int LENGTH = 40;
    /** Offset of the payload length. */
    public static final int PAYLOAD_LENGTH = 4;
    /** Offset of the next header. */
    public static final int NEXT_HEADER = 6;
    /** Offset of the hop limit. */
    public static final int HOP_LIMIT = 7;
    /** Offset of the source address. */
    public static final int SOURCE = 8;
    /** Offset of the destination address. */
    public static final int DESTINATION = 24;
    /** Bytes of a fragment header. */
    public static final int FRAGMENT_LENGTH = 8;
    /** The smallest MTU of an IPv6 link. */
    public static final int MIN_MTU = 1280;

    /** Next header: hop-by-hop options. */
    public static final int HOP_BY_HOP = 0;
    /** Next header: routing. */
    public static final int ROUTING = 43;
    /** Next header: fragment. */
    public static final int FRAGMENT = 44;
    /** Next header: destination options. */
    public static final int DESTINATION_OPTIONS = 60;
    /** Next header: ICMPv6. */
    public static final int ICMPV6 = 58;

    /** {@link #walk}: the chain is truncated or too long. */
    public static final long MALFORMED = -1;
    private static final int MAX_EXTENSIONS = 8;
    private static final long ROUTED = 1L << 40;

    private Ipv6() {
    }

    /**
     * Walks the extension headers up to the transport header, or to the fragment header's payload. A routing header is only
     * noted when it still has segments left.
     *
     * @param memory where the packet is
     * @param ip     offset of its first byte
     * @param end    offset behind its last byte
     * @return a value for {@link #transport}, {@link #protocol}, {@link #fragmentHeader}, {@link #isRouted}; or
     *     {@link #MALFORMED}
     */
    public static long walk(final MemorySegment memory, final long ip, final long end) {
        int next = NetworkOrder.u8(memory, ip + NEXT_HEADER);
        long at = ip + LENGTH;
        long fragment = 0;
        long routed = 0;
        for (int i = 0; i < MAX_EXTENSIONS; i++) {
            if (!isExtension(next)) {
                return (at - ip) | (long) next << 16 | fragment << 24 | routed;
            }
            if (at + 8 > end) {
                return MALFORMED;
            }
            if (next == FRAGMENT) {
                fragment = at - ip;
                next = NetworkOrder.u8(memory, at);
                at += FRAGMENT_LENGTH;
                if (fragmentOffset(memory, ip + fragment) != 0) {
                    return (at - ip) | (long) next << 16 | fragment << 24 | routed;
                }
            } else {
                if (next == ROUTING && NetworkOrder.u8(memory, at + 3) != 0) {
                    routed = ROUTED;
                }
                next = NetworkOrder.u8(memory, at);
                at += 8 + 8L * NetworkOrder.u8(memory, at + 1);
            }
            if (at > end) {
                return MALFORMED;
            }
        }
        return MALFORMED;
    }

    private static boolean isExtension(final int next) {
        return next == HOP_BY_HOP || next == ROUTING || next == FRAGMENT || next == DESTINATION_OPTIONS;
    }

    /**
     * Where the transport header starts.
     *
     * @param walked result of {@link #walk}
     * @return bytes from the start of the IPv6 header
     */
    public static int transport(final long walked) {
        return (int) walked & 0xffff;
    }

    /**
     * The transport protocol.
     *
     * @param walked result of {@link #walk}
     * @return protocol number
     */
    public static int protocol(final long walked) {
        return (int) (walked >>> 16) & 0xff;
    }

    /**
     * Where the fragment header is.
     *
     * @param walked result of {@link #walk}
     * @return bytes from the start of the IPv6 header, 0 if there is none
     */
    public static int fragmentHeader(final long walked) {
        return (int) (walked >>> 24) & 0xffff;
    }

    /**
     * Whether a routing header has segments left.
     *
     * @param walked result of {@link #walk}
     * @return true if the packet has further stations
     */
    public static boolean isRouted(final long walked) {
        return (walked & ROUTED) != 0;
    }

    /**
     * Offset of a fragment.
     *
     * @param memory   where the packet is
     * @param fragment offset of the fragment header
     * @return units of 8 bytes
     */
    public static int fragmentOffset(final MemorySegment memory, final long fragment) {
        return NetworkOrder.u16(memory, fragment + 2) >>> 3;
    }

    /**
     * Whether more fragments follow.
     *
     * @param memory   where the packet is
     * @param fragment offset of the fragment header
     * @return the M flag
     */
    public static boolean hasMoreFragments(final MemorySegment memory, final long fragment) {
        return (NetworkOrder.u16(memory, fragment + 2) & 1) != 0;
    }

    /**
     * DSCP and ECN.
     *
     * @param memory where the packet is
     * @param ip     offset of its first byte
     * @return 8 bits
     */
    public static int trafficClass(final MemorySegment memory, final long ip) {
        return NetworkOrder.u16(memory, ip) >>> 4 & 0xff;
    }

    /**
     * Writes the fixed header, flow label 0.
     *
     * @param memory          where the packet is
     * @param ip              offset of its first byte
     * @param trafficClass    8 bits
     * @param payloadLength   bytes behind the fixed header
     * @param nextHeader      8 bits
     * @param hopLimit        8 bits
     * @param sourceHigh      source, first eight bytes
     * @param sourceLow       source, last eight bytes
     * @param destinationHigh destination, first eight bytes
     * @param destinationLow  destination, last eight bytes
     */
    public static void write(final MemorySegment memory, final long ip, final int trafficClass, final int payloadLength,
                             final int nextHeader, final int hopLimit, final long sourceHigh, final long sourceLow,
                             final long destinationHigh, final long destinationLow) {
        NetworkOrder.i32(memory, ip, 6 << 28 | trafficClass << 20);
        NetworkOrder.i32(memory, ip + PAYLOAD_LENGTH, payloadLength << 16 | nextHeader << 8 | hopLimit);
        writeAddresses(memory, ip, sourceHigh, sourceLow, destinationHigh, destinationLow);
    }

    /**
     * Writes both addresses.
     *
     * @param memory          where the packet is
     * @param ip              offset of its first byte
     * @param sourceHigh      source, first eight bytes
     * @param sourceLow       source, last eight bytes
     * @param destinationHigh destination, first eight bytes
     * @param destinationLow  destination, last eight bytes
     */
    public static void writeAddresses(final MemorySegment memory, final long ip, final long sourceHigh, final long sourceLow,
                                      final long destinationHigh, final long destinationLow) {
        NetworkOrder.i64(memory, ip + SOURCE, sourceHigh);
        NetworkOrder.i64(memory, ip + SOURCE + 8, sourceLow);
        NetworkOrder.i64(memory, ip + DESTINATION, destinationHigh);
        NetworkOrder.i64(memory, ip + DESTINATION + 8, destinationLow);
    }

    /**
     * Writes a fragment header.
     *
     * @param memory         where the packet is
     * @param fragment       offset of its first byte
     * @param nextHeader     protocol of the payload
     * @param offset         units of 8 bytes
     * @param more           whether more fragments follow
     * @param identification 32 bits
     */
    public static void writeFragment(final MemorySegment memory, final long fragment, final int nextHeader, final int offset,
                                     final boolean more, final int identification) {
        NetworkOrder.i32(memory, fragment, nextHeader << 24 | offset << 3 | (more ? 1 : 0));
        NetworkOrder.i32(memory, fragment + 4, identification);
    }
}
