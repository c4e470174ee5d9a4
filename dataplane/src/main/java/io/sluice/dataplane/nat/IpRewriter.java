package io.sluice.dataplane.nat;

import io.sluice.dataplane.classify.Packet;
import io.sluice.dataplane.port.Burst;
import io.sluice.dataplane.wire.Ethernet;
import io.sluice.dataplane.wire.Ipv4;
import io.sluice.dataplane.wire.Ipv6;
import io.sluice.dataplane.wire.NetworkOrder;
import java.lang.foreign.MemorySegment;

/**
 * Puts new IP and Ethernet headers before a transport header, in the same family or the other one.
 *
 * <pre>
 *   before   | headroom        | eth | ip           | transport | payload |
 *   after    | headroom | eth | new ip | transport, maybe longer | payload |     the payload never moves
 * </pre>
 */
final class IpRewriter {
    /** Packets up to this size leave 6to4 without the don't-fragment flag (RFC 7915, 5.1). */
    private static final int ALWAYS_FITS = 1260;

    private IpRewriter() {
    }

    /**
     * Bytes of IP headers that a packet will have.
     *
     * @param packet      as it is
     * @param translation what it becomes
     * @return extension headers included
     */
    static int headerLength(final Packet packet, final Translation translation) {
        if (packet.ipv4 == translation.ipv4) {
            return packet.ipHeaderLength();
        }
        return translation.ipv4 ? Ipv4.LENGTH : Ipv6.LENGTH + (packet.fragment ? Ipv6.FRAGMENT_LENGTH : 0);
    }

    /**
     * Moves a header of the same family to its new place; nothing to do between families, where it is written anew.
     *
     * @param packet      as it is
     * @param translation what it becomes
     * @param ip          offset of the new IP header
     */
    static void move(final Packet packet, final Translation translation, final long ip) {
        if (packet.ipv4 == translation.ipv4 && ip != packet.ip) {
            MemorySegment.copy(packet.memory, packet.ip, packet.memory, ip, packet.ipHeaderLength());
        }
    }

    /**
     * Writes the IP and Ethernet headers and the frame's new description.
     *
     * @param packet      as it was, its header moved by {@link #move}
     * @param translation what it becomes
     * @param ip          offset of the new IP header
     */
    static void write(final Packet packet, final Translation translation, final long ip) {
        final int length = (int) (packet.end - ip);
        if (translation.ipv4) {
            if (packet.ipv4) {
                sameIpv4(packet, translation, ip, length);
            } else {
                toIpv4(packet, translation, ip, length);
            }
        } else if (packet.ipv4) {
            toIpv6(packet, translation, ip, length);
        } else {
            sameIpv6(packet, translation, ip, length);
        }
        final long frame = ip - Ethernet.LENGTH;
        Ethernet.write(packet.memory, frame, translation.destinationMac, translation.sourceMac,
            translation.ipv4 ? Ethernet.IPV4 : Ethernet.IPV6);
        final Burst burst = packet.burst;
        burst.resize(packet.index, frame, Ethernet.LENGTH + length);
        if (packet.ipv4 != translation.ipv4 && packet.isGso()) {
            burst.gso(packet.index, otherFamily(burst.gsoType(packet.index)), burst.gsoSize(packet.index));
        }
    }

    private static void sameIpv4(final Packet packet, final Translation translation, final long ip, final int length) {
        final MemorySegment memory = packet.memory;
        NetworkOrder.u16(memory, ip + Ipv4.TOTAL_LENGTH, length);
        NetworkOrder.u16(memory, ip + Ipv4.IDENTIFICATION, translation.identification);
        NetworkOrder.u8(memory, ip + Ipv4.TTL, packet.ttl - 1);
        NetworkOrder.i32(memory, ip + Ipv4.SOURCE, (int) translation.sourceLow);
        NetworkOrder.i32(memory, ip + Ipv4.DESTINATION, (int) translation.destinationLow);
        Ipv4.writeChecksum(memory, ip, packet.ipHeaderLength());
    }

    private static void sameIpv6(final Packet packet, final Translation translation, final long ip, final int length) {
        final MemorySegment memory = packet.memory;
        NetworkOrder.u16(memory, ip + Ipv6.PAYLOAD_LENGTH, length - Ipv6.LENGTH);
        NetworkOrder.u8(memory, ip + Ipv6.HOP_LIMIT, packet.ttl - 1);
        Ipv6.writeAddresses(memory, ip, translation.sourceHigh, translation.sourceLow, translation.destinationHigh,
            translation.destinationLow);
        if (packet.fragmentHeader != 0) {
            NetworkOrder.i32(memory, ip + (packet.fragmentHeader - packet.ip) + 4, translation.identification);
        }
    }

    private static void toIpv4(final Packet packet, final Translation translation, final long ip, final int length) {
        int fragment = packet.fragmentOffset | (packet.moreFragments ? Ipv4.MORE_FRAGMENTS : 0);
        if (packet.fragmentHeader == 0 && length > ALWAYS_FITS) {
            fragment |= Ipv4.DONT_FRAGMENT;
        }
        Ipv4.write(packet.memory, ip, packet.trafficClass, length, translation.identification & 0xffff, fragment,
            packet.ttl - 1, packet.protocol, translation.sourceLow, translation.destinationLow);
    }

    private static void toIpv6(final Packet packet, final Translation translation, final long ip, final int length) {
        Ipv6.write(packet.memory, ip, packet.trafficClass, length - Ipv6.LENGTH,
            packet.fragment ? Ipv6.FRAGMENT : packet.protocol, packet.ttl - 1, translation.sourceHigh, translation.sourceLow,
            translation.destinationHigh, translation.destinationLow);
        if (packet.fragment) {
            Ipv6.writeFragment(packet.memory, ip + Ipv6.LENGTH, packet.protocol, packet.fragmentOffset, packet.moreFragments,
                translation.identification);
        }
    }

    private static byte otherFamily(final byte gsoType) {
        final byte ecn = (byte) (gsoType & Burst.GSO_ECN);
        return switch ((byte) (gsoType & ~Burst.GSO_ECN)) {
            case Burst.GSO_TCPV4 -> (byte) (Burst.GSO_TCPV6 | ecn);
            case Burst.GSO_TCPV6 -> (byte) (Burst.GSO_TCPV4 | ecn);
            default -> gsoType;
        };
    }
}
