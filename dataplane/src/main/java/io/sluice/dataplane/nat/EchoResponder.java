package io.sluice.dataplane.nat;

import io.sluice.dataplane.classify.Packet;
import io.sluice.dataplane.wire.Checksum;
import io.sluice.dataplane.wire.Ethernet;
import io.sluice.dataplane.wire.Icmp;
import io.sluice.dataplane.wire.Ipv4;
import io.sluice.dataplane.wire.Ipv6;
import io.sluice.dataplane.wire.NetworkOrder;
import java.lang.foreign.MemorySegment;

/**
 * Answers pings of a virtual address in place. A fragmented ping is answered fragment by fragment: only the first one holds
 * the type, and its checksum is adjusted for the change.
 */
public final class EchoResponder {
    private static final int HOP_LIMIT = 64;

    private EchoResponder() {
    }

    /**
     * Whether a packet is a ping, or a later fragment of what can only be one.
     *
     * @param packet an ICMP packet
     * @return true for echo requests
     */
    public static boolean isPing(final Packet packet) {
        if (!packet.hasTransport) {
            return true;
        }
        return packet.icmpType == (packet.ipv4 ? Icmp.ECHO_REQUEST : Icmp.V6_ECHO_REQUEST);
    }

    /**
     * Turns the request into the reply.
     *
     * @param packet      the request
     * @param translation the way back: port and link addresses are used
     */
    public static void reply(final Packet packet, final Translation translation) {
        final MemorySegment memory = packet.memory;
        final long ip = packet.ip;
        if (packet.hasTransport) {
            final long icmp = packet.transport;
            final int old = NetworkOrder.u16(memory, icmp);
            final int type = packet.ipv4 ? Icmp.ECHO_REPLY : Icmp.V6_ECHO_REPLY;
            NetworkOrder.u8(memory, icmp + Icmp.TYPE, type);
            NetworkOrder.u16(memory, icmp + Icmp.CHECKSUM, Checksum.update(NetworkOrder.u16(memory, icmp + Icmp.CHECKSUM),
                (long) old << 16, (long) NetworkOrder.u16(memory, icmp) << 16));
        }
        if (packet.ipv4) {
            NetworkOrder.i32(memory, ip + Ipv4.SOURCE, (int) packet.destinationLow);
            NetworkOrder.i32(memory, ip + Ipv4.DESTINATION, (int) packet.sourceLow);
            NetworkOrder.u8(memory, ip + Ipv4.TTL, HOP_LIMIT);
            Ipv4.writeChecksum(memory, ip, packet.ipHeaderLength());
        } else {
            Ipv6.writeAddresses(memory, ip, packet.destinationHigh, packet.destinationLow, packet.sourceHigh, packet.sourceLow);
            NetworkOrder.u8(memory, ip + Ipv6.HOP_LIMIT, HOP_LIMIT);
        }
        Ethernet.write(memory, packet.frame, translation.destinationMac, translation.sourceMac,
            packet.ipv4 ? Ethernet.IPV4 : Ethernet.IPV6);
        packet.burst.resize(packet.index, packet.frame, (int) (packet.end - packet.frame));
        packet.burst.forward(packet.index, translation.port);
    }
}
