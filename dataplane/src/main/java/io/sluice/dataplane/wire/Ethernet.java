package io.sluice.dataplane.wire;

import java.lang.foreign.MemorySegment;

/**
 * The Ethernet II header, and the 802.1Q tag that may follow its addresses.
 *
 * <pre>
 *        0               1               2               3
 *      +---------------------------------------------------------------+
 *   0  |                 destination address (6 bytes)                 |
 *      +                               +-------------------------------+
 *   4  |                               |                               |
 *      +-------------------------------+                               +
 *   8  |                    source address (6 bytes)                   |
 *      +-------------------------------+-------------------------------+
 *  12  |           ethertype           |        payload, or with ethertype 0x8100: tag (2 bytes), ethertype
 *      +-------------------------------+-------------------------------+
 * </pre>
 */
public final class Ethernet {
    /** Bytes of the header without tags. */
    public static final int LENGTH = 14;
    /** Offset of the destination address. */
    public static final int DESTINATION = 0;
    /** Offset of the source address. */
    public static final int SOURCE = 6;
    /** Offset of the ethertype. */
    public static final int TYPE = 12;

    /** The address of every station. */
    public static final long BROADCAST = 0xffff_ffff_ffffL;

    /** Ethertype of IPv4. */
    public static final int IPV4 = 0x0800;
    /** Ethertype of ARP. */
    public static final int ARP = 0x0806;
    /** Ethertype of IPv6. */
    public static final int IPV6 = 0x86dd;
    /** Ethertype of an 802.1Q tag. */
    public static final int VLAN = 0x8100;
    /** Ethertype of an 802.1ad service tag. */
    public static final int SERVICE_VLAN = 0x88a8;

    private Ethernet() {
    }

    /**
     * The ethertype.
     *
     * @param memory where the frame is
     * @param frame  offset of its first byte
     * @return 0 to 65535; at most 1500 it is an 802.3 length
     */
    public static int type(final MemorySegment memory, final long frame) {
        return NetworkOrder.u16(memory, frame + TYPE);
    }

    /**
     * The destination address.
     *
     * @param memory where the frame is
     * @param frame  offset of its first byte
     * @return 48 bits, first byte highest
     */
    public static long destination(final MemorySegment memory, final long frame) {
        return NetworkOrder.i64(memory, frame + DESTINATION) >>> 16;
    }

    /**
     * The source address.
     *
     * @param memory where the frame is
     * @param frame  offset of its first byte
     * @return 48 bits, first byte highest
     */
    public static long source(final MemorySegment memory, final long frame) {
        return (long) NetworkOrder.u16(memory, frame + SOURCE) << 32 | NetworkOrder.i32(memory, frame + SOURCE + 2) & 0xffff_ffffL;
    }

    /**
     * Writes a whole header.
     *
     * @param memory      where the frame is
     * @param frame       offset of its first byte
     * @param destination 48 bits, first byte highest
     * @param source      48 bits, first byte highest
     * @param type        ethertype
     */
    public static void write(final MemorySegment memory, final long frame, final long destination, final long source,
                             final int type) {
        NetworkOrder.i64(memory, frame, destination << 16 | source >>> 32);
        NetworkOrder.i32(memory, frame + SOURCE + 2, (int) source);
        NetworkOrder.u16(memory, frame + TYPE, type);
    }
}
