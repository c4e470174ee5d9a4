package io.sluice.dataplane.nat;

import io.sluice.dataplane.classify.Packet;
import io.sluice.dataplane.counter.LaneCounters;
import io.sluice.dataplane.counter.SystemCounter;
import io.sluice.dataplane.port.FrameArena;
import io.sluice.dataplane.wire.Address;
import io.sluice.dataplane.wire.Ethernet;
import io.sluice.dataplane.wire.Ipv4;
import io.sluice.dataplane.wire.Ipv6;
import io.sluice.dataplane.wire.NetworkOrder;
import io.sluice.dataplane.wire.Tcp;
import io.sluice.dataplane.wire.TtmOption;
import io.sluice.dataplane.wire.Udp;
import java.lang.foreign.MemorySegment;

/**
 * Translates a packet in place: addresses, ports, family, sequence numbers, options, checksums. One class for 4to4, 6to6 and
 * 6to4, since every address inside is 128 bits wide.
 *
 * <p>Use in three steps, so that nothing is changed before it is certain that the packet can go: a {@code plan} method says
 * by how much the transport header grows, {@link #largest} how large the packet becomes, {@link #fits} whether the frame has
 * room; then one of {@code tcpToServer}, {@code tcpToClient}, {@code udp}, {@code laterFragment} does it.
 *
 * <p>One per lane; path thread only.
 */
public final class FullNat {
    /** TCP header and IPv6 header: what an IPv6 packet needs beside its payload. */
    private static final int IPV6_TCP_HEADERS = Ipv6.LENGTH + Tcp.LENGTH;

    private final FrameArena arena;
    private final LaneCounters counters;
    private final TransportChecksum checksum = new TransportChecksum();
    private final TtmInserter inserter = new TtmInserter();

    /**
     * A translator for frames of one arena.
     *
     * @param arena    where the frames are
     * @param counters of the lane
     */
    public FullNat(final FrameArena arena, final LaneCounters counters) {
        this.arena = arena;
        this.counters = counters;
    }

    /**

    /**
     * Plans the TTM option into a segment.
     *
     * @param packet      a TCP segment from a client
     * @param translation what it becomes
     * @param claimKind   kind that the client must not send itself
     * @return growth of the TCP header in bytes; if there is no room, 0, and it is counted
     */
    public int planTtm(final Packet packet, final Translation translation, final int claimKind) {
        final int growth = inserter.plan(packet, TtmOption.length(packet.sourceHigh, packet.sourceLow),
            IpRewriter.headerLength(packet, translation), translation.mtu, claimKind);
        if (!inserter.isPlanned()) {
            counters.increment(SystemCounter.TTM_NO_ROOM);
        }
        return growth;
    }

    /**
     * Plans a PROXY header into a datagram.
     *
     * @param packet      a UDP packet from a client
     * @param translation what it becomes
     * @return growth in bytes; if there is no room, 0, and it is counted
     */
    public int planProxy(final Packet packet, final Translation translation) {
        final int growth = ProxyHeader.length(packet.ipv4);
        if (packet.fragment || packet.isGso() || packet.isChecksumPartial() && growth + packet.ipLength() > 0xffff
            || largest(packet, translation, growth) > translation.mtu) {
            counters.increment(SystemCounter.PROXY_NO_ROOM);
            return 0;
        }
        return growth;
    }

    /**
     * How large the packet becomes.
     *
     * @param packet      as it is
     * @param translation what it becomes
     * @param growth      of its transport header
     * @return bytes of the IP packet, of the largest segment for a GSO frame
     */
    public int largest(final Packet packet, final Translation translation, final int growth) {
        final int ipHeader = IpRewriter.headerLength(packet, translation);
        if (packet.isGso()) {
            final int transportHeader = (int) (packet.payload - packet.transport) + growth;
            return ipHeader + transportHeader + Math.min(packet.burst.gsoSize(packet.index), packet.payloadLength());
        }
        return ipHeader + packet.transportLength() + growth;
    }

    /**
     * Whether the new headers fit before the payload, and the new packet into a length field.
     *
     * @param packet      as it is
     * @param translation what it becomes
     * @param growth      of its transport header
     * @return false if the frame has no headroom for them
     */
    public boolean fits(final Packet packet, final Translation translation, final int growth) {
        final int ipHeader = IpRewriter.headerLength(packet, translation);
        final long frame = packet.transport - growth - ipHeader - Ethernet.LENGTH;
        final long fixed = translation.ipv4 ? 0 : Ipv6.LENGTH;
        return frame >= arena.frameStart(packet.frame) && ipHeader + packet.transportLength() + growth - fixed <= 0xffff;
    }

    /**
     * Whether a packet that came without a transport checksum cannot get one.
     *
     * @param packet      as it is
     * @param translation what it becomes
     * @return true if it cannot be translated
     */
    public boolean isChecksumUnknowable(final Packet packet, final Translation translation) {
        return TransportChecksum.isUnknowable(packet, translation);
    }

    /**
     * Translates a client's segment towards the real server.
     *
     * @param packet          the segment
     * @param translation     what it becomes
     * @param growth          as planned; the TTM option goes in if {@link #planTtm} was the plan and {@code insertKind} is set
     * @param delta           added to the sequence number
     * @param insertKind      kind of the TTM option to insert, 0 for none
     * @param claimKind       kind that a client must not send, 0 to let all options pass
     * @param stripTimestamps whether a SYN loses its timestamps
     * @param clientMtu       largest IP packet towards the client, bounds the MSS of a SYN between families
     */
    public void tcpToServer(final Packet packet, final Translation translation, final int growth, final int delta,
                            final int insertKind, final int claimKind, final boolean stripTimestamps, final int clientMtu) {
        final MemorySegment memory = packet.memory;
        checksum.open(packet);
        if (packet.payload - packet.transport > Tcp.LENGTH) {
            editClientOptions(packet, translation, claimKind, stripTimestamps, clientMtu);
        }
        final long transport = packet.transport - growth;
        final long ip = transport - IpRewriter.headerLength(packet, translation);
        // Towards the front the IP header goes first, towards the payload the TCP header: neither may overwrite the other.
        if (growth >= 0) {
            IpRewriter.move(packet, translation, ip);
        }
        if (insertKind != 0 && inserter.isPlanned()) {
            insertTtm(packet, transport, insertKind);
        }
        if (growth < 0) {
            IpRewriter.move(packet, translation, ip);
        }
        NetworkOrder.i32(memory, transport + Tcp.SEQUENCE, packet.sequence + delta);
        finish(packet, translation, transport, ip, (int) (packet.payload - transport));
    }

    private void insertTtm(final Packet packet, final long transport, final int kind) {
        inserter.insert(packet, transport, kind, packet.sourceHigh, packet.sourceLow, packet.sourcePort);
        counters.increment(SystemCounter.TTM_INSERTED);
        if (inserter.isPruning()) {
            counters.increment(SystemCounter.TTM_OPTIONS_PRUNED);
        }
    }

    private void editClientOptions(final Packet packet, final Translation translation, final int claimKind,
                                   final boolean stripTimestamps, final int clientMtu) {
        final MemorySegment memory = packet.memory;
        final long tcp = packet.transport;
        TcpOptionEdits.padMalformed(memory, tcp, packet.payload);
        if (claimKind != 0) {
            final int claims = TcpOptionEdits.removeClaims(memory, tcp, packet.payload, claimKind);
            if (claims > 0) {
                counters.add(SystemCounter.TTM_CLAIMS_REMOVED, claims);
            }
        }
        if (packet.has(Tcp.SYN)) {
            counters.add(SystemCounter.SYN_OPTIONS_REMOVED,
                TcpOptionEdits.cleanSyn(memory, tcp, packet.payload, stripTimestamps));
            if (packet.ipv4 != translation.ipv4) {
                TcpOptionEdits.lowerMss(memory, tcp, packet.payload, 0, clientMtu - IPV6_TCP_HEADERS);
            }
        }
    }

    /**
     * Translates a real server's segment towards the client.
     *
     * @param packet      the segment
     * @param translation what it becomes
     * @param delta       subtracted from the acknowledgment number and SACK edges
     * @param ttmInserted whether client segments of this connection get a TTM option: its room is taken off the MSS
     */
    public void tcpToClient(final Packet packet, final Translation translation, final int delta, final boolean ttmInserted) {
        final MemorySegment memory = packet.memory;
        final long tcp = packet.transport;
        checksum.open(packet);
        if (packet.payload - tcp > Tcp.LENGTH) {
            TcpOptionEdits.shiftSack(memory, tcp, packet.payload, -delta);
            if (packet.has(Tcp.SYN) && ttmInserted) {
                TcpOptionEdits.lowerMss(memory, tcp, packet.payload,
                    TtmOption.length(translation.destinationHigh, translation.destinationLow), 0xffff);
            }
        }
        if (packet.has(Tcp.ACK)) {
            NetworkOrder.i32(memory, tcp + Tcp.ACKNOWLEDGMENT, packet.acknowledgment - delta);
        }
        final long ip = tcp - IpRewriter.headerLength(packet, translation);
        IpRewriter.move(packet, translation, ip);
        finish(packet, translation, tcp, ip, (int) (packet.payload - tcp));
    }

    /**
     * Translates a datagram in either direction.
     *
     * @param packet      the datagram
     * @param translation what it becomes
     * @param growth      bytes of PROXY header to put before the payload, from {@link #planProxy}; 0 for none
     */
    public void udp(final Packet packet, final Translation translation, final int growth) {
        final MemorySegment memory = packet.memory;
        checksum.open(packet);
        final long transport = packet.transport - growth;
        final long ip = transport - IpRewriter.headerLength(packet, translation);
        IpRewriter.move(packet, translation, ip);
        if (growth != 0) {
            NetworkOrder.u16(memory, transport + Udp.DATAGRAM_LENGTH,
                NetworkOrder.u16(memory, packet.transport + Udp.DATAGRAM_LENGTH) + growth);
            NetworkOrder.u16(memory, transport + Udp.CHECKSUM, 0);
            ProxyHeader.write(memory, transport + Udp.LENGTH, packet.sourceHigh, packet.sourceLow, packet.sourcePort,
                packet.destinationHigh, packet.destinationLow, packet.destinationPort);
            counters.increment(SystemCounter.PROXY_HEADERS_SENT);
        }
        finish(packet, translation, transport, ip, Udp.LENGTH + growth);
    }

    /**
     * Translates a fragment that has no transport header.
     *
     * @param packet      the fragment
     * @param translation what it becomes; its identification must be that of the first fragment
     */
    public void laterFragment(final Packet packet, final Translation translation) {
        final long ip = packet.transport - IpRewriter.headerLength(packet, translation);
        IpRewriter.move(packet, translation, ip);
        IpRewriter.write(packet, translation, ip);
        packet.burst.forward(packet.index, translation.port);
    }

    private void finish(final Packet packet, final Translation translation, final long transport, final long ip,
                        final int headerLength) {
        NetworkOrder.i32(packet.memory, transport, translation.sourcePort << 16 | translation.destinationPort);
        checksum.close(packet, translation, transport, headerLength);
        final boolean partial = packet.isChecksumPartial();
        IpRewriter.write(packet, translation, ip);
        if (partial) {
            packet.burst.partialChecksum(packet.index, (int) (transport - ip) + Ethernet.LENGTH,
                TransportChecksum.field(packet));
        }
        packet.burst.forward(packet.index, translation.port);
    }

    /**
     * Whether the translated packet may be cut into fragments.
     *
     * @param packet      as it is
     * @param translation what it becomes
     * @return true if its sender did not forbid it
     */
    public boolean isFragmentable(final Packet packet, final Translation translation) {
        if (packet.isGso()) {
            return false;
        }
        if (packet.ipv4) {
            return !packet.dontFragment;
        }
        return translation.ipv4 && (packet.fragmentHeader != 0
            || packet.transportLength() + Ipv4.LENGTH <= Ipv6.MIN_MTU - Ipv4.LENGTH);
    }

    /**
     * The MTU to tell the sender of a packet that is too big.
     *
     * @param packet      as it is
     * @param translation what it would become
     * @param ttm         whether client segments of this connection get a TTM option
     * @return bytes of the largest packet of the sender's family that fits the next link
     */
    public int mtuForSender(final Packet packet, final Translation translation, final boolean ttm) {
        int mtu = translation.mtu;
        if (ttm) {
            mtu -= TtmOption.length(packet.sourceHigh, packet.sourceLow);
        }
        if (packet.ipv4 != translation.ipv4) {
            mtu += translation.ipv4 ? Ipv6.LENGTH - Ipv4.LENGTH : Ipv4.LENGTH - Ipv6.LENGTH;
        }
        return packet.ipv4 ? mtu : Math.max(mtu, Ipv6.MIN_MTU);
    }

    /**
     * Fills in the addresses of a translation.
     *
     * @param translation     filled in
     * @param sourceHigh      new source, first eight bytes
     * @param sourceLow       new source, last eight bytes
     * @param sourcePort      new source port
     * @param destinationHigh new destination, first eight bytes
     * @param destinationLow  new destination, last eight bytes
     * @param destinationPort new destination port
     */
    public static void address(final Translation translation, final long sourceHigh, final long sourceLow, final int sourcePort,
                               final long destinationHigh, final long destinationLow, final int destinationPort) {
        translation.sourceHigh = sourceHigh;
        translation.sourceLow = sourceLow;
        translation.sourcePort = sourcePort;
        translation.destinationHigh = destinationHigh;
        translation.destinationLow = destinationLow;
        translation.destinationPort = destinationPort;
        translation.ipv4 = Address.isIpv4(destinationHigh, destinationLow);
    }
}
