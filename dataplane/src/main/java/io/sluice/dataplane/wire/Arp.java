package io.sluice.dataplane.wire;

import java.lang.foreign.MemorySegment;

/**
 * ARP for IPv4 over Ethernet (RFC 826). Sluice never resolves by itself; it only announces addresses it has just installed
 * (RFC 5227, 2.3).
 *
 * <pre>
 *        0               1               2               3
 *      +-------------------------------+-------------------------------+
 *   0  |      hardware type (1)        |     protocol type (0x0800)    |
 *      +---------------+---------------+-------------------------------+
 *   4  |  hw len (6)   | proto len (4) |     operation (1 request)     |
 *      +---------------+---------------+-------------------------------+
 *   8  |                 sender hardware address (6)                   |
 *  14  |                 sender protocol address (4)                   |
 *  18  |                 target hardware address (6)                   |
 *  24  |                 target protocol address (4)                   |
 *      +---------------------------------------------------------------+
 * </pre>
 */
public final class Arp {
    /** Bytes of the message. */
    public static final int LENGTH = 28;

    private Arp() {
    }

    /**
     * Writes an ARP announcement: a request whose sender and target are both the announced address.
     *
     * @param memory where the message goes
     * @param arp    offset of its first byte
     * @param mac    the interface's address, 48 bits
     * @param ipv4   the announced address, four bytes in network order as an int
     */
    public static void announce(final MemorySegment memory, final long arp, final long mac, final int ipv4) {
        NetworkOrder.i32(memory, arp, 1 << 16 | Ethernet.IPV4);
        NetworkOrder.i32(memory, arp + 4, 6 << 24 | 4 << 16 | 1);
        NetworkOrder.i32(memory, arp + 8, (int) (mac >>> 16));
        NetworkOrder.u16(memory, arp + 12, (int) mac);
        NetworkOrder.i32(memory, arp + 14, ipv4);
        NetworkOrder.i32(memory, arp + 18, 0);
        NetworkOrder.u16(memory, arp + 22, 0);
        NetworkOrder.i32(memory, arp + 24, ipv4);
    }
}
