package io.sluice.dataplane.nat;

import io.sluice.dataplane.wire.Address;
import io.sluice.dataplane.wire.NetworkOrder;
import java.lang.foreign.MemorySegment;

/**
 * The PROXY protocol header, version 2, for datagrams
 * (<a href="https://www.haproxy.org/download/2.8/doc/proxy-protocol.txt">specification</a>, 2.2).
 *
 * <pre>
 *        0               1               2               3
 *      +---------------------------------------------------------------+
 *   0  |        signature: 0D 0A 0D 0A 00 0D 0A 51 55 49 54 0A         |
 *      +---------------+---------------+-------------------------------+
 *  12  | 0x21 v2 PROXY | 0x12 or 0x22  |    length of what follows     |
 *      +---------------+---------------+-------------------------------+
 *  16  |     source address, destination address (4 or 16 bytes each)  |
 *      |                  source port, destination port                |
 *      +---------------------------------------------------------------+
 * </pre>
 */
final class ProxyHeader {
    private static final int FIXED = 16;
    private static final int DGRAM_OVER_IPV4 = 0x12;
    private static final int DGRAM_OVER_IPV6 = 0x22;

    private ProxyHeader() {
    }

    /**
     * Bytes of the header.
     *
     * @param ipv4 family of the client and the virtual address
     * @return 28 or 52
     */
    static int length(final boolean ipv4) {
        return FIXED + (ipv4 ? 12 : 36);
    }

    /**
     * Writes the header.
     *
     * @param memory          where it goes
     * @param at              offset of its first byte
     * @param sourceHigh      client, first eight bytes
     * @param sourceLow       client, last eight bytes
     * @param sourcePort      client's port
     * @param destinationHigh virtual address, first eight bytes
     * @param destinationLow  virtual address, last eight bytes
     * @param destinationPort virtual port
     */
    static void write(final MemorySegment memory, final long at, final long sourceHigh, final long sourceLow,
                      final int sourcePort, final long destinationHigh, final long destinationLow, final int destinationPort) {
        final boolean ipv4 = Address.isIpv4(sourceHigh, sourceLow);
        NetworkOrder.i64(memory, at, 0x0d0a_0d0a_000d_0a51L);
        NetworkOrder.i32(memory, at + 8, 0x5549_540a);
        NetworkOrder.i32(memory, at + 12, 0x21 << 24 | (ipv4 ? DGRAM_OVER_IPV4 : DGRAM_OVER_IPV6) << 16 | length(ipv4) - FIXED);
        long next = at + FIXED;
        if (ipv4) {
            NetworkOrder.i32(memory, next, (int) sourceLow);
            NetworkOrder.i32(memory, next + 4, (int) destinationLow);
            next += 8;
        } else {
            NetworkOrder.i64(memory, next, sourceHigh);
            NetworkOrder.i64(memory, next + 8, sourceLow);
            NetworkOrder.i64(memory, next + 16, destinationHigh);
            NetworkOrder.i64(memory, next + 24, destinationLow);
            next += 32;
        }
        NetworkOrder.i32(memory, next, sourcePort << 16 | destinationPort);
    }
}
