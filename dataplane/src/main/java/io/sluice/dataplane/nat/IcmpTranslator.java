package io.sluice.dataplane.nat;

import io.sluice.dataplane.classify.Packet;
import io.sluice.dataplane.port.FrameArena;
import io.sluice.dataplane.verdict.DropReason;
import io.sluice.dataplane.wire.Checksum;
import io.sluice.dataplane.wire.Ethernet;
import io.sluice.dataplane.wire.Icmp;
import io.sluice.dataplane.wire.Ipv4;
import io.sluice.dataplane.wire.Ipv6;
import io.sluice.dataplane.wire.NetworkOrder;
import io.sluice.dataplane.wire.Tcp;
import io.sluice.dataplane.wire.Udp;
import java.lang.foreign.MemorySegment;

/**
 * Passes an ICMP error about one of our connections on to the side that sent the packet in question: outer addresses, the
 * quoted packet's addresses, ports and sequence numbers, the MTU, and between families type and code (RFC 7915, 4.2, 5.2).
 *
 * <pre>
 *   | eth | ip | icmp (8) | quoted ip | quoted transport, maybe cut off |     what is after the quoted IP header stays
 * </pre>
 *
 * <p>One per lane; path thread only.
 */
public final class IcmpTranslator {
    private static final int V4_LARGEST = 576;
    private static final int HOP_LIMIT = 64;

    private final FrameArena arena;

    /**
     * A translator.
     *
     * @param arena where the frames are
     */
    public IcmpTranslator(final FrameArena arena) {
        this.arena = arena;
    }

    /**
     * Whether the checksum of an ICMP message is right. A broken one must not be given a new, correct checksum.
     *
     * @param packet a whole ICMP or ICMPv6 packet
     * @return true if it is
     */
    public static boolean isChecksumRight(final Packet packet) {
        final long pseudo = packet.ipv4 ? 0 : Checksum.pseudoHeader(packet.sourceHigh, packet.sourceLow, packet.destinationHigh,
            packet.destinationLow, Ipv6.ICMPV6, packet.transportLength());
        return Checksum.fold(pseudo + Checksum.sum(packet.memory, packet.transport, packet.transportLength())) == 0xffff;
    }

    /**
     * Translates an error in place.
     *
     * @param packet        the error
     * @param quoted        the packet it quotes
     * @param outer         addresses and link of the error that leaves
     * @param inner         addresses and ports of the quoted packet as its sender sent it
     * @param sequenceShift added to the quoted sequence number
     * @param ackShift      added to the quoted acknowledgment number
     * @param ttmRoom       bytes that the TTM option takes of the path's MTU, 0 towards real servers
     * @return null, or why it cannot be translated
     */
    public DropReason translate(final Packet packet, final Packet quoted, final Translation outer, final Translation inner,
                                final int sequenceShift, final int ackShift, final int ttmRoom) {
        final MemorySegment memory = packet.memory;
        final int code = NetworkOrder.u8(memory, packet.transport + Icmp.CODE);
        final int head = packet.ipv4 == outer.ipv4 ? packet.icmpType << 8 | code
            : outer.ipv4 ? toIpv4(packet.icmpType, code) : toIpv6(packet.icmpType, code);
        if (head < 0) {
            return DropReason.ICMP_NOT_TRANSLATABLE;
        }
        final int rest = rest(packet, quoted, outer, ttmRoom);
        final int innerHeader = inner.ipv4 ? Ipv4.LENGTH : Ipv6.LENGTH;
        final int outerHeader = outer.ipv4 ? Ipv4.LENGTH : Ipv6.LENGTH;
        final long innerIp = quoted.transport - innerHeader;
        final long icmp = innerIp - Icmp.LENGTH;
        final long ip = icmp - outerHeader;
        final long frame = ip - Ethernet.LENGTH;
        if (frame < arena.frameStart(packet.frame)) {
            return DropReason.NO_HEADROOM;
        }
        final long end = Math.min(quoted.end, ip + (outer.ipv4 ? V4_LARGEST : Ipv6.MIN_MTU));
        editTransport(quoted, inner, end, sequenceShift, ackShift);
        writeQuotedHeader(quoted, inner, innerIp);
        NetworkOrder.i32(memory, icmp, head << 16);
        NetworkOrder.i32(memory, icmp + Icmp.REST, rest);
        writeOuter(packet, outer, frame, ip, icmp, end);
        return null;
    }

    /**
     * Whether an error asks for packets so small that a client cannot be asked to make them smaller still by the room of the
     * TTM option: an IPv6 sender never goes below 1280 bytes.
     *
     * @param packet  the error
     * @param ipv4    family of the client
     * @param ttmRoom bytes that the TTM option takes
     * @return true if segments have to go on without the option
     */
    public static boolean leavesNoRoom(final Packet packet, final boolean ipv4, final int ttmRoom) {
        return !ipv4 && ttmRoom != 0 && isTooBig(packet) && toldMtu(packet) != 0
            && toldMtu(packet) - ttmRoom + between(packet, false) < Ipv6.MIN_MTU;
    }

    private static boolean isTooBig(final Packet packet) {
        return packet.ipv4 ? packet.icmpType == Icmp.UNREACHABLE
            && NetworkOrder.u8(packet.memory, packet.transport + Icmp.CODE) == Icmp.FRAGMENTATION_NEEDED
            : packet.icmpType == Icmp.V6_TOO_BIG;
    }

    private static int toldMtu(final Packet packet) {
        final int rest = NetworkOrder.i32(packet.memory, packet.transport + Icmp.REST);
        return packet.ipv4 ? rest & 0xffff : Math.clamp(rest, 0, 0xffff);
    }

    /** What a packet grows by on its way back to the family of the error's receiver. */
    private static int between(final Packet packet, final boolean toIpv4) {
        return packet.ipv4 == toIpv4 ? 0 : toIpv4 ? Ipv4.LENGTH - Ipv6.LENGTH : Ipv6.LENGTH - Ipv4.LENGTH;
    }

    private static int rest(final Packet packet, final Packet quoted, final Translation outer, final int ttmRoom) {
        final int rest = NetworkOrder.i32(packet.memory, packet.transport + Icmp.REST);
        if (!isTooBig(packet)) {
            return packet.ipv4 == outer.ipv4 ? rest : 0;
        }
        final int told = toldMtu(packet);
        if (told == 0) {
            return outer.ipv4 ? 0 : Ipv6.MIN_MTU;
        }
        // Fragments grow by their own header as well on the way from IPv4 to IPv6.
        final int fragment = outer.ipv4 && quoted.fragmentHeader != 0 ? Ipv6.FRAGMENT_LENGTH : 0;
        final int mtu = told - ttmRoom + between(packet, outer.ipv4) - fragment;
        return outer.ipv4 ? Math.clamp(mtu, 68, 0xffff) : Math.max(mtu, Ipv6.MIN_MTU);
    }

    /** Type and code of an ICMP error in ICMPv6: RFC 7915, 4.2; or -1. */
    private static int toIpv6(final int type, final int code) {
        return switch (type) {
            case Icmp.UNREACHABLE -> switch (code) {
                case 0, 1, 5, 6, 7, 8, 11, 12 -> Icmp.V6_UNREACHABLE << 8;
                case 3 -> Icmp.V6_UNREACHABLE << 8 | 4;
                case Icmp.FRAGMENTATION_NEEDED -> Icmp.V6_TOO_BIG << 8;
                case 9, 10, 13, 15 -> Icmp.V6_UNREACHABLE << 8 | 1;
                default -> -1;
            };
            case Icmp.TIME_EXCEEDED -> Icmp.V6_TIME_EXCEEDED << 8 | code;
            default -> -1;
        };
    }

    /** Type and code of an ICMPv6 error in ICMP: RFC 7915, 5.2; or -1. */
    private static int toIpv4(final int type, final int code) {
        return switch (type) {
            case Icmp.V6_UNREACHABLE -> switch (code) {
                case 0, 2, 3 -> Icmp.UNREACHABLE << 8 | 1;
                case 1 -> Icmp.UNREACHABLE << 8 | 10;
                case 4 -> Icmp.UNREACHABLE << 8 | 3;
                default -> -1;
            };
            case Icmp.V6_TOO_BIG -> Icmp.UNREACHABLE << 8 | Icmp.FRAGMENTATION_NEEDED;
            case Icmp.V6_TIME_EXCEEDED -> Icmp.TIME_EXCEEDED << 8 | code;
            default -> -1;
        };
    }

    private static void editTransport(final Packet quoted, final Translation inner, final long end, final int sequenceShift,
                                      final int ackShift) {
        final MemorySegment memory = quoted.memory;
        final long transport = quoted.transport;
        final boolean tcp = quoted.isTcp();
        final int present = (int) Math.min(end - transport, tcp ? Tcp.LENGTH : Udp.LENGTH) & ~1;
        final int field = tcp ? Tcp.CHECKSUM : Udp.CHECKSUM;
        final boolean withChecksum = present >= field + 2;
        final int checksum = withChecksum ? NetworkOrder.u16(memory, transport + field) : 0;
        if (withChecksum) {
            NetworkOrder.u16(memory, transport + field, 0);
        }
        final long oldSum = Checksum.sum(memory, transport, present)
            + Checksum.pseudoHeader(quoted.sourceHigh, quoted.sourceLow, quoted.destinationHigh, quoted.destinationLow, 0, 0);
        NetworkOrder.i32(memory, transport, inner.sourcePort << 16 | inner.destinationPort);
        if (tcp) {
            NetworkOrder.i32(memory, transport + Tcp.SEQUENCE, quoted.sequence + sequenceShift);
            if (present >= Tcp.ACKNOWLEDGMENT + 4) {
                NetworkOrder.i32(memory, transport + Tcp.ACKNOWLEDGMENT,
                    NetworkOrder.i32(memory, transport + Tcp.ACKNOWLEDGMENT) + ackShift);
            }
        }
        if (withChecksum && checksum != 0) {
            final long newSum = Checksum.sum(memory, transport, present)
                + Checksum.pseudoHeader(inner.sourceHigh, inner.sourceLow, inner.destinationHigh, inner.destinationLow, 0, 0);
            NetworkOrder.u16(memory, transport + field, Checksum.update(checksum, oldSum, newSum));
        }
    }

    private static void writeQuotedHeader(final Packet quoted, final Translation inner, final long innerIp) {
        final MemorySegment memory = quoted.memory;
        final int transportLength = quoted.ipv4
            ? NetworkOrder.u16(memory, quoted.ip + Ipv4.TOTAL_LENGTH) - quoted.ipHeaderLength()
            : NetworkOrder.u16(memory, quoted.ip + Ipv6.PAYLOAD_LENGTH) + Ipv6.LENGTH - quoted.ipHeaderLength();
        if (inner.ipv4) {
            final int fragment = (quoted.dontFragment ? Ipv4.DONT_FRAGMENT : 0) | (quoted.moreFragments ? Ipv4.MORE_FRAGMENTS : 0);
            Ipv4.write(memory, innerIp, quoted.trafficClass, Math.clamp(Ipv4.LENGTH + transportLength, 0, 0xffff),
                quoted.ipv4 ? quoted.identification : 0, fragment, quoted.ttl, quoted.protocol, inner.sourceLow,
                inner.destinationLow);
        } else {
            Ipv6.write(memory, innerIp, quoted.trafficClass, Math.clamp(transportLength, 0, 0xffff), quoted.protocol, quoted.ttl,
                inner.sourceHigh, inner.sourceLow, inner.destinationHigh, inner.destinationLow);
        }
    }

    private static void writeOuter(final Packet packet, final Translation outer, final long frame, final long ip, final long icmp,
                                   final long end) {
        final MemorySegment memory = packet.memory;
        final int length = (int) (end - icmp);
        long sum = Checksum.sum(memory, icmp, length);
        if (outer.ipv4) {
            Ipv4.write(memory, ip, 0, Ipv4.LENGTH + length, outer.identification & 0xffff, 0, HOP_LIMIT, Ipv4.ICMP,
                outer.sourceLow, outer.destinationLow);
        } else {
            Ipv6.write(memory, ip, 0, length, Ipv6.ICMPV6, HOP_LIMIT, outer.sourceHigh, outer.sourceLow, outer.destinationHigh,
                outer.destinationLow);
            sum += Checksum.pseudoHeader(outer.sourceHigh, outer.sourceLow, outer.destinationHigh, outer.destinationLow,
                Ipv6.ICMPV6, length);
        }
        NetworkOrder.u16(memory, icmp + Icmp.CHECKSUM, Checksum.finish(sum));
        Ethernet.write(memory, frame, outer.destinationMac, outer.sourceMac, outer.ipv4 ? Ethernet.IPV4 : Ethernet.IPV6);
        packet.burst.resize(packet.index, frame, (int) (end - frame));
        packet.burst.forward(packet.index, outer.port);
    }
}
