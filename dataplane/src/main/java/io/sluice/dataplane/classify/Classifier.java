package io.sluice.dataplane.classify;

import io.sluice.dataplane.port.Burst;
import io.sluice.dataplane.verdict.DropReason;
import io.sluice.dataplane.wire.Address;
import io.sluice.dataplane.wire.Ethernet;
import io.sluice.dataplane.wire.Icmp;
import io.sluice.dataplane.wire.Ipv4;
import io.sluice.dataplane.wire.Ipv6;
import io.sluice.dataplane.wire.NetworkOrder;
import io.sluice.dataplane.wire.Tcp;
import io.sluice.dataplane.wire.Udp;
import java.lang.foreign.MemorySegment;

/**
 * Finds the headers of a frame. Every length is checked against the bytes that are there before anything behind it is read.
 *
 * <p>Whether the packet is ours is not asked here: a malformed packet is only our business when its destination is.
 */
public final class Classifier {
    private Classifier() {
    }

    /**
     * Parses a frame of a burst.
     *
     * @param memory the arena's memory
     * @param burst  describes the frame
     * @param i      index of the frame
     * @param packet filled in; {@link Packet#malformed} says what is wrong, and addresses are set if they could be read
     * @return false if the frame is none of IPv4 and IPv6, or of a VLAN or another host: not ours whatever it holds
     */
    public static boolean classify(final MemorySegment memory, final Burst burst, final int i, final Packet packet) {
        final long frame = burst.offset(i);
        final int length = burst.length(i);
        if (length < Ethernet.LENGTH + Ipv4.LENGTH || burst.isForeign(i)) {
            return false;
        }
        packet.memory = memory;
        packet.burst = burst;
        packet.index = i;
        packet.frame = frame;
        packet.ip = frame + Ethernet.LENGTH;
        final long end = frame + length;
        switch (Ethernet.type(memory, frame)) {
            case Ethernet.IPV4 -> packet.malformed = ipv4(memory, packet, end, true);
            case Ethernet.IPV6 -> {
                if (length < Ethernet.LENGTH + Ipv6.LENGTH) {
                    return false;
                }
                packet.malformed = ipv6(memory, packet, end, true);
            }
            default -> {
                return false;
            }
        }
        return true;
    }

    /**
     * Parses the beginning of a packet that an ICMP error quotes. It may be cut off anywhere behind the ports.
     *
     * @param memory where it is
     * @param ip     offset of its IP header
     * @param end    offset behind what is quoted
     * @param packet filled in; {@link Packet#end} is behind what is quoted, {@link Packet#payload} is not set
     */
    public static void quoted(final MemorySegment memory, final long ip, final long end, final Packet packet) {
        packet.memory = memory;
        packet.frame = ip;
        packet.ip = ip;
        final long available = end - ip;
        packet.malformed = DropReason.MALFORMED_ICMP;
        if (available < Ipv4.LENGTH) {
            return;
        }
        final int version = NetworkOrder.u8(memory, ip) >>> 4;
        if (version == 4) {
            packet.malformed = ipv4(memory, packet, end, false);
        } else if (version == 6 && available >= Ipv6.LENGTH) {
            packet.malformed = ipv6(memory, packet, end, false);
        }
        if (packet.malformed == Packet.WELL_FORMED && packet.hasTransport && packet.end - packet.transport < Icmp.LENGTH) {
            packet.malformed = DropReason.MALFORMED_ICMP;
        }
    }

    private static DropReason ipv4(final MemorySegment memory, final Packet packet, final long end, final boolean whole) {
        final long ip = packet.ip;
        packet.ipv4 = true;
        packet.sourceHigh = Address.IPV4_HIGH;
        packet.sourceLow = Ipv4.source(memory, ip);
        packet.destinationHigh = Address.IPV4_HIGH;
        packet.destinationLow = Ipv4.destination(memory, ip);
        final int headerLength = Ipv4.headerLength(memory, ip);
        final int totalLength = NetworkOrder.u16(memory, ip + Ipv4.TOTAL_LENGTH);
        if (NetworkOrder.u8(memory, ip) >>> 4 != 4 || headerLength < Ipv4.LENGTH || totalLength < headerLength
            || ip + headerLength > end) {
            return DropReason.MALFORMED_IP;
        }
        if (whole && (ip + totalLength > end || !Ipv4.isChecksumRight(memory, ip, headerLength))) {
            return DropReason.MALFORMED_IP;
        }
        packet.end = Math.min(ip + totalLength, end);
        packet.protocol = NetworkOrder.u8(memory, ip + Ipv4.PROTOCOL);
        packet.ttl = NetworkOrder.u8(memory, ip + Ipv4.TTL);
        packet.trafficClass = NetworkOrder.u8(memory, ip + Ipv4.TRAFFIC_CLASS);
        packet.identification = NetworkOrder.u16(memory, ip + Ipv4.IDENTIFICATION);
        final int fragment = NetworkOrder.u16(memory, ip + Ipv4.FRAGMENT);
        packet.dontFragment = (fragment & Ipv4.DONT_FRAGMENT) != 0;
        packet.moreFragments = (fragment & Ipv4.MORE_FRAGMENTS) != 0;
        packet.fragmentOffset = fragment & Ipv4.FRAGMENT_OFFSET;
        packet.fragment = packet.moreFragments || packet.fragmentOffset != 0;
        packet.fragmentHeader = 0;
        packet.routed = false;
        packet.transport = ip + headerLength;
        return transport(memory, packet, whole);
    }

    private static DropReason ipv6(final MemorySegment memory, final Packet packet, final long end, final boolean whole) {
        final long ip = packet.ip;
        packet.ipv4 = false;
        packet.sourceHigh = NetworkOrder.i64(memory, ip + Ipv6.SOURCE);
        packet.sourceLow = NetworkOrder.i64(memory, ip + Ipv6.SOURCE + 8);
        packet.destinationHigh = NetworkOrder.i64(memory, ip + Ipv6.DESTINATION);
        packet.destinationLow = NetworkOrder.i64(memory, ip + Ipv6.DESTINATION + 8);
        final long ipEnd = ip + Ipv6.LENGTH + NetworkOrder.u16(memory, ip + Ipv6.PAYLOAD_LENGTH);
        if (NetworkOrder.u8(memory, ip) >>> 4 != 6 || whole && ipEnd > end || isMapped(packet)) {
            return DropReason.MALFORMED_IP;
        }
        packet.end = Math.min(ipEnd, end);
        final long walked = Ipv6.walk(memory, ip, packet.end);
        if (walked == Ipv6.MALFORMED) {
            return DropReason.MALFORMED_IP;
        }
        packet.protocol = Ipv6.protocol(walked);
        packet.ttl = NetworkOrder.u8(memory, ip + Ipv6.HOP_LIMIT);
        packet.trafficClass = Ipv6.trafficClass(memory, ip);
        packet.transport = ip + Ipv6.transport(walked);
        packet.routed = Ipv6.isRouted(walked);
        packet.dontFragment = true;
        final int fragment = Ipv6.fragmentHeader(walked);
        packet.fragmentHeader = fragment == 0 ? 0 : ip + fragment;
        packet.fragment = false;
        packet.moreFragments = false;
        packet.fragmentOffset = 0;
        if (fragment != 0) {
            packet.moreFragments = Ipv6.hasMoreFragments(memory, ip + fragment);
            packet.fragmentOffset = Ipv6.fragmentOffset(memory, ip + fragment);
            packet.identification = NetworkOrder.i32(memory, ip + fragment + 4);
            packet.fragment = packet.moreFragments || packet.fragmentOffset != 0;
        }
        return transport(memory, packet, whole);
    }

    /** A mapped address has no place on the wire (RFC 6890, 2.2.3); inside, it would be taken for IPv4. */
    private static boolean isMapped(final Packet packet) {
        return Address.isIpv4(packet.sourceHigh, packet.sourceLow) || Address.isIpv4(packet.destinationHigh, packet.destinationLow);
    }

    private static DropReason transport(final MemorySegment memory, final Packet packet, final boolean whole) {
        packet.sourcePort = 0;
        packet.destinationPort = 0;
        packet.flags = 0;
        packet.payload = packet.transport;
        packet.hasTransport = packet.fragmentOffset == 0;
        if (!packet.hasTransport) {
            return Packet.WELL_FORMED;
        }
        return switch (packet.protocol) {
            case Ipv4.TCP -> tcp(memory, packet, whole);
            case Ipv4.UDP -> udp(memory, packet, whole);
            case Ipv4.ICMP, Ipv6.ICMPV6 -> icmp(memory, packet);
            default -> Packet.WELL_FORMED;
        };
    }

    private static DropReason tcp(final MemorySegment memory, final Packet packet, final boolean whole) {
        final long tcp = packet.transport;
        final long available = packet.end - tcp;
        if (available < (whole ? Tcp.LENGTH : Icmp.LENGTH)) {
            return packet.fragment ? DropReason.FRAGMENT_TOO_SHORT : DropReason.MALFORMED_TCP;
        }
        final int ports = NetworkOrder.i32(memory, tcp);
        packet.sourcePort = ports >>> 16;
        packet.destinationPort = ports & 0xffff;
        packet.sequence = NetworkOrder.i32(memory, tcp + Tcp.SEQUENCE);
        if (!whole) {
            return Packet.WELL_FORMED;
        }
        final int headerLength = Tcp.headerLength(memory, tcp);
        packet.acknowledgment = NetworkOrder.i32(memory, tcp + Tcp.ACKNOWLEDGMENT);
        packet.flags = NetworkOrder.u8(memory, tcp + Tcp.FLAGS);
        packet.payload = tcp + headerLength;
        if (headerLength > available) {
            return packet.fragment ? DropReason.FRAGMENT_TOO_SHORT : DropReason.MALFORMED_TCP;
        }
        final int control = packet.flags & (Tcp.SYN | Tcp.FIN | Tcp.RST);
        final boolean contradicts = (control & Tcp.SYN) != 0 && control != Tcp.SYN;
        final boolean nothing = (packet.flags & (Tcp.SYN | Tcp.FIN | Tcp.RST | Tcp.ACK)) == 0;
        return headerLength < Tcp.LENGTH || contradicts || nothing ? DropReason.MALFORMED_TCP : Packet.WELL_FORMED;
    }

    private static DropReason udp(final MemorySegment memory, final Packet packet, final boolean whole) {
        final long udp = packet.transport;
        final long available = packet.end - udp;
        if (available < Udp.LENGTH) {
            return packet.fragment ? DropReason.FRAGMENT_TOO_SHORT : DropReason.MALFORMED_UDP;
        }
        final int ports = NetworkOrder.i32(memory, udp);
        packet.sourcePort = ports >>> 16;
        packet.destinationPort = ports & 0xffff;
        packet.payload = udp + Udp.LENGTH;
        final int datagramLength = NetworkOrder.u16(memory, udp + Udp.DATAGRAM_LENGTH);
        final boolean wrong = datagramLength < Udp.LENGTH || whole && !packet.fragment && datagramLength > available;
        return wrong ? DropReason.MALFORMED_UDP : Packet.WELL_FORMED;
    }

    private static DropReason icmp(final MemorySegment memory, final Packet packet) {
        if (packet.end - packet.transport < Icmp.LENGTH) {
            return packet.fragment ? DropReason.FRAGMENT_TOO_SHORT : DropReason.MALFORMED_ICMP;
        }
        packet.icmpType = NetworkOrder.u8(memory, packet.transport + Icmp.TYPE);
        packet.payload = packet.transport + Icmp.LENGTH;
        return Packet.WELL_FORMED;
    }
}
