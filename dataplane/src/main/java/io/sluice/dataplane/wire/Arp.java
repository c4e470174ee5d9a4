package io.sluice.dataplane.wire;

import java.lang.foreign.MemorySegment;

/**
 * ARP for IPv4 over Ethernet (RFC 826), and the two messages of address conflict detection (RFC 5227).
 *
 * <pre>
 *        0               1               2               3
 *      +-------------------------------+-------------------------------+
 *   0  |  hardware type (Ethernet: 1)  |    protocol type (0x0800)     |
 *      +---------------+---------------+-------------------------------+
 *   4  | hw. length: 6 | prot. len.: 4 |           operation           |
 *      +---------------+---------------+-------------------------------+
 *   8  |               sender hardware address (6 bytes)               |
 *      +                               +-------------------------------+
 *  12  |                               |  sender protocol address      |
 *      +-------------------------------+-------------------------------+
 *  16  |         (4 bytes)             |  target hardware address      |
 *      +-------------------------------+                               +
 *  20  |                           (6 bytes)                           |
 *      +---------------------------------------------------------------+
 *  24  |                    target protocol address                    |
 *      +---------------------------------------------------------------+
 *
 *                    sender protocol address   target protocol address
 *   probe            0.0.0.0                   the address in question    request, broadcast
 *   announcement     the address               the address                request, broadcast
 * </pre>
 */
public final class Arp {
    /** Bytes of a message, without the Ethernet header. */
    public static final int LENGTH = 28;
    /** Offset of the operation. */
    public static final int OPERATION = 6;
    /** Offset of the sender's hardware address. */
    public static final int SENDER_MAC = 8;
    /** Offset of the sender's protocol address. */
    public static final int SENDER = 14;
    /** Offset of the target's hardware address. */
    public static final int TARGET_MAC = 18;
    /** Offset of the target's protocol address. */
    public static final int TARGET = 24;
    /** Bytes of the frame that {@link #writeProbe} and {@link #writeAnnouncement} make. */
    public static final int FRAME_LENGTH = Ethernet.LENGTH + LENGTH;

    /** Operation: request. */
    public static final int REQUEST = 1;
    /** Operation: reply. */
    public static final int REPLY = 2;

    private static final long ETHERNET_IPV4 = 0x0001_0800_0604L;

    private Arp() {
    }

    /**
     * Whether a message speaks of IPv4 over Ethernet, so that the other accessors mean something.
     *
     * @param memory where the message is, whole
     * @param arp    offset of its first byte
     * @return true if types and lengths are right
     */
    public static boolean isEthernetIpv4(final MemorySegment memory, final long arp) {
        return NetworkOrder.i64(memory, arp) >>> 16 == ETHERNET_IPV4;
    }

    /**
     * The operation.
     *
     * @param memory where the message is
     * @param arp    offset of its first byte
     * @return {@link #REQUEST}, {@link #REPLY} or another one
     */
    public static int operation(final MemorySegment memory, final long arp) {
        return NetworkOrder.u16(memory, arp + OPERATION);
    }

    /**
     * The sender's hardware address.
     *
     * @param memory where the message is
     * @param arp    offset of its first byte
     * @return 48 bits, first byte highest
     */
    public static long senderMac(final MemorySegment memory, final long arp) {
        return NetworkOrder.i64(memory, arp + SENDER_MAC) >>> 16;
    }

    /**
     * The sender's protocol address.
     *
     * @param memory where the message is
     * @param arp    offset of its first byte
     * @return four bytes in network order; 0 in a probe
     */
    public static int sender(final MemorySegment memory, final long arp) {
        return NetworkOrder.i32(memory, arp + SENDER);
    }

    /**
     * The target's protocol address.
     *
     * @param memory where the message is
     * @param arp    offset of its first byte
     * @return four bytes in network order
     */
    public static int target(final MemorySegment memory, final long arp) {
        return NetworkOrder.i32(memory, arp + TARGET);
    }

    /**
     * Writes a frame that asks whether anybody uses an address, without claiming it (RFC 5227, 2.1.1).
     *
     * @param memory where the frame goes, with room for {@link #FRAME_LENGTH} bytes
     * @param frame  offset of its first byte
     * @param mac    of the asking interface
     * @param ipv4   the address, four bytes in network order
     */
    public static void writeProbe(final MemorySegment memory, final long frame, final long mac, final int ipv4) {
        writeRequest(memory, frame, mac, 0, ipv4);
    }

    /**
     * Writes a frame that tells everybody who uses an address now (RFC 5227, 2.3).
     *
     * @param memory where the frame goes, with room for {@link #FRAME_LENGTH} bytes
     * @param frame  offset of its first byte
     * @param mac    of the interface that uses it
     * @param ipv4   the address, four bytes in network order
     */
    public static void writeAnnouncement(final MemorySegment memory, final long frame, final long mac, final int ipv4) {
        writeRequest(memory, frame, mac, ipv4, ipv4);
    }

    private static void writeRequest(final MemorySegment memory, final long frame, final long mac, final int sender, final int target) {
        Ethernet.write(memory, frame, Ethernet.BROADCAST, mac, Ethernet.ARP);
        final long arp = frame + Ethernet.LENGTH;
        NetworkOrder.i64(memory, arp, ETHERNET_IPV4 << 16 | REQUEST);
        NetworkOrder.i64(memory, arp + SENDER_MAC, mac << 16 | sender >>> 16);
        // The rest of the sender's address, and a target hardware address of zeroes: nobody reads it in a request.
        NetworkOrder.i64(memory, arp + SENDER_MAC + Long.BYTES, (long) (sender & 0xffff) << 48);
        NetworkOrder.i32(memory, arp + TARGET, target);
    }
}
