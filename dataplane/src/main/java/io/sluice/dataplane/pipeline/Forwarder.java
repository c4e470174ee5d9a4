package io.sluice.dataplane.pipeline;

import io.sluice.dataplane.classify.Packet;
import io.sluice.dataplane.connection.ConnectionLinks;
import io.sluice.dataplane.connection.ConnectionRecord;
import io.sluice.dataplane.connection.ConnectionTable;
import io.sluice.dataplane.counter.LaneCounters;
import io.sluice.dataplane.counter.SubjectCounters;
import io.sluice.dataplane.counter.SystemCounter;
import io.sluice.dataplane.nat.Fragmenter;
import io.sluice.dataplane.nat.Fragments;
import io.sluice.dataplane.nat.FullNat;
import io.sluice.dataplane.nat.IcmpErrors;
import io.sluice.dataplane.nat.PacketMaker;
import io.sluice.dataplane.nat.Translation;
import io.sluice.dataplane.neighbour.Fib;
import io.sluice.dataplane.neighbour.FibSource;
import io.sluice.dataplane.service.Listener;
import io.sluice.dataplane.service.ListenerLimits;
import io.sluice.dataplane.verdict.DropReason;
import io.sluice.dataplane.wire.Tcp;
import io.sluice.dataplane.wire.TcpOptions;
import io.sluice.dataplane.wire.TtmOption;
import java.lang.foreign.MemorySegment;

/**
 * Sends a packet of a connection on to the other side: the way out, TTL, size, translation. Nothing of the packet is changed
 * before it is certain that it can go. Path thread only.
 */
final class Forwarder {
    private static final int UNRESOLVED = -100;

    private final Connections connections;
    private final MemorySegment records;
    private final FullNat nat;
    private final Fragments fragments;
    private final Fragmenter fragmenter;
    private final IcmpErrors errors;
    private final FibSource fibs;
    private final Tracker tracker;
    private final LaneCounters counters;
    private final Translation translation = new Translation();

    Forwarder(final Connections connections, final FullNat nat, final Fragments fragments, final Fragmenter fragmenter,
              final IcmpErrors errors, final FibSource fibs, final LaneCounters counters) {
        this.connections = connections;
        this.records = connections.table().memory();
        this.nat = nat;
        this.fragments = fragments;
        this.fragmenter = fragmenter;
        this.errors = errors;
        this.fibs = fibs;
        this.tracker = new Tracker(connections);
        this.counters = counters;
    }

    /**
     * Forwards a packet that has a transport header.
     *
     * @param packet   a TCP or UDP packet
     * @param handle   its connection and side
     * @param record   offset of the connection's record
     * @param listener of the connection
     * @param turn     what holds now
     * @return null, or why the packet is dropped
     */
    DropReason forward(final Packet packet, final int handle, final long record, final Listener listener, final Turn turn) {
        final boolean fromClient = ConnectionTable.side(handle) == ConnectionTable.FROM_CLIENT;
        if (!takesBandwidth(packet, listener, fromClient, turn)) {
            return DropReason.BANDWIDTH_LIMIT;
        }
        final DropReason unsendable = prepare(packet, record, fromClient, turn);
        if (unsendable != null) {
            return unsendable;
        }
        translation.identification = identification(packet);
        if (nat.isChecksumUnknowable(packet, translation)) {
            return DropReason.NOT_TRANSLATABLE;
        }
        if (packet.fragment && !fragments.remember(packet, handle, translation.identification, turn.nowSeconds)) {
            return DropReason.FRAGMENT_TABLE_FULL;
        }
        return fromClient ? toServer(packet, handle, record, listener, turn) : toClient(packet, handle, record, listener, turn);
    }

    /**
     * Forwards a later fragment of a packet whose first fragment has been forwarded.
     *
     * @param packet   the fragment
     * @param entry    of the fragment table
     * @param record   offset of the connection's record
     * @param listener of the connection
     * @param turn     what holds now
     * @return null, or why the fragment is dropped
     */
    DropReason forwardFragment(final Packet packet, final int entry, final long record, final Listener listener, final Turn turn) {
        final boolean fromClient = ConnectionTable.side(fragments.connection(entry)) == ConnectionTable.FROM_CLIENT;
        if (!takesBandwidth(packet, listener, fromClient, turn)) {
            return DropReason.BANDWIDTH_LIMIT;
        }
        final DropReason unsendable = prepare(packet, record, fromClient, turn);
        if (unsendable != null) {
            return unsendable;
        }
        translation.identification = fragments.identification(entry);
        final DropReason unfit = checkSize(packet, 0, 0, turn);
        if (unfit != null) {
            return unfit;
        }
        final int largest = nat.largest(packet, translation, 0);
        count(packet, listener, record, fromClient, turn);
        nat.laterFragment(packet, translation);
        counters.increment(SystemCounter.FRAGMENTS_FOLLOWED);
        return split(packet, largest, turn);
    }

    private static boolean takesBandwidth(final Packet packet, final Listener listener, final boolean fromClient, final Turn turn) {
        final ListenerLimits limits = listener.limits();
        return fromClient ? limits.takeInbound(packet.ipLength(), turn.nowNs) : limits.takeOutbound(packet.ipLength(), turn.nowNs);
    }

    private void count(final Packet packet, final Listener listener, final long record, final boolean fromClient, final Turn turn) {
        final SubjectCounters backend =
            turn.forwarding.backendById(ConnectionLinks.get(records, record, ConnectionLinks.BACKEND_OFFSET)).counters();
        if (fromClient) {
            listener.counters().in(packet.ipLength());
            backend.in(packet.ipLength());
        } else {
            listener.counters().out(packet.ipLength());
            backend.out(packet.ipLength());
        }
    }

    private int identification(final Packet packet) {
        final boolean keeps = packet.ipv4 && translation.ipv4 && !packet.fragment && packet.dontFragment;
        return keeps ? packet.identification : fragments.nextIdentification();
    }

    private DropReason toServer(final Packet packet, final int handle, final long record, final Listener listener,
                                final Turn turn) {
        final int flags = ConnectionRecord.u8(records, record, ConnectionRecord.FLAGS_OFFSET);
        final boolean trusted = (flags & ConnectionRecord.TRUSTED_TTM) != 0;
        final int claimKind = trusted ? 0 : listener.claimKind();
        final int kind = ConnectionRecord.u8(records, record, ConnectionRecord.OPTION_KIND_OFFSET);
        int insertKind = 0;
        int growth = 0;
        if (packet.isTcp()) {
            if (kind != 0 && isBeforeServerData(packet, record) && !(trusted && passesOn(packet, kind))) {
                if ((flags & ConnectionRecord.NO_TTM_ROOM) != 0) {
                    counters.increment(SystemCounter.TTM_NO_ROOM);
                } else {
                    insertKind = kind;
                    growth = nat.planTtm(packet, translation, claimKind);
                }
            }
        } else if (listener.spec().proxyProtocol() && (flags & ConnectionRecord.FIRST_DATAGRAM_SENT) == 0) {
            growth = nat.planProxy(packet, translation);
        }
        final DropReason unfit = checkSize(packet, growth, kind, turn);
        if (unfit != null) {
            return unfit;
        }
        if (!packet.isTcp()) {
            ConnectionRecord.u8(records, record, ConnectionRecord.FLAGS_OFFSET, flags | ConnectionRecord.FIRST_DATAGRAM_SENT);
        }
        final int largest = nat.largest(packet, translation, growth);
        count(packet, listener, record, true, turn);
        tracker.fromClient(packet, ConnectionTable.slot(handle), record, listener, turn.nowSeconds);
        if (packet.isTcp()) {
            nat.tcpToServer(packet, translation, growth,
                ConnectionRecord.i32(records, record, ConnectionRecord.ISN_DELTA_OFFSET), insertKind, claimKind,
                listener.spec().stripTimestamps(), clientMtu(packet, turn));
        } else {
            nat.udp(packet, translation, growth);
        }
        return split(packet, largest, turn);
    }

    private DropReason toClient(final Packet packet, final int handle, final long record, final Listener listener,
                                final Turn turn) {
        final DropReason unfit = checkSize(packet, 0, 0, turn);
        if (unfit != null) {
            return unfit;
        }
        final int largest = nat.largest(packet, translation, 0);
        count(packet, listener, record, false, turn);
        tracker.fromServer(packet, ConnectionTable.slot(handle), record, listener, turn.nowSeconds);
        if (packet.isTcp()) {
            nat.tcpToClient(packet, translation, ConnectionRecord.i32(records, record, ConnectionRecord.ISN_DELTA_OFFSET),
                ConnectionRecord.u8(records, record, ConnectionRecord.OPTION_KIND_OFFSET) != 0);
        } else {
            nat.udp(packet, translation, 0);
        }
        return split(packet, largest, turn);
    }

    /** Whether the client has acknowledged nothing but the server's SYN: then the server may not know the client yet. */
    private boolean isBeforeServerData(final Packet packet, final long record) {
        return !packet.fragment && packet.has(Tcp.ACK) && (packet.flags & (Tcp.SYN | Tcp.RST)) == 0
            && packet.acknowledgment == ConnectionRecord.i32(records, record, ConnectionRecord.SERVER_ISN_OFFSET) + 1;
    }

    /** Whether a trusted source's segment brings a client's address along. */
    private boolean passesOn(final Packet packet, final int kind) {
        final long options = packet.transport + Tcp.LENGTH;
        final boolean found = TcpOptions.find(packet.memory, options, packet.payload, kind) >= 0
            || TcpOptions.find(packet.memory, options, packet.payload, TtmOption.KIND) >= 0;
        if (found) {
            counters.increment(SystemCounter.TTM_TRUSTED);
        }
        return found;
    }

    /** Bounds a SYN's MSS between families; other segments do not ask. */
    private int clientMtu(final Packet packet, final Turn turn) {
        if (!packet.has(Tcp.SYN) || packet.ipv4 == translation.ipv4) {
            return 0;
        }
        final int adjacency = turn.fib.resolve(packet.sourceHigh, packet.sourceLow, 0);
        return adjacency >= 0 ? turn.fib.mtu(adjacency) : 0xffff;
    }

    /** Finds addresses and way out; answers a packet that has travelled too far. */
    private DropReason prepare(final Packet packet, final long record, final boolean fromClient, final Turn turn) {
        address(record, fromClient);
        final int adjacency = adjacency(record, fromClient, turn.fib);
        if (adjacency < 0) {
            fibs.want(translation.destinationHigh, translation.destinationLow);
            return PacketMaker.reason(adjacency);
        }
        way(translation, turn.fib, adjacency);
        if (packet.ttl <= 1) {
            errors.timeExceeded(turn.made, packet, turn.nowSeconds);
            return DropReason.TTL_EXPIRED;
        }
        return packet.routed && translation.ipv4 ? DropReason.NOT_TRANSLATABLE : null;
    }

    private DropReason checkSize(final Packet packet, final int growth, final int ttmKind, final Turn turn) {
        if (nat.largest(packet, translation, growth) > translation.mtu && !nat.isFragmentable(packet, translation)) {
            errors.tooBig(turn.made, packet, nat.mtuForSender(packet, translation, ttmKind != 0 && packet.isTcp()),
                turn.nowSeconds);
            return DropReason.TOO_BIG;
        }
        return nat.fits(packet, translation, growth) ? null : DropReason.NO_HEADROOM;
    }

    private DropReason split(final Packet packet, final int largest, final Turn turn) {
        if (largest <= translation.mtu) {
            return null;
        }
        return fragmenter.split(packet.memory, packet.burst, packet.index, turn.made, translation.mtu,
            translation.identification);
    }

    private void address(final long record, final boolean fromClient) {
        final int source = fromClient ? ConnectionRecord.LOCAL_ADDRESS_OFFSET : ConnectionRecord.VIRTUAL_ADDRESS_OFFSET;
        final int sourcePort = fromClient ? ConnectionRecord.LOCAL_PORT_OFFSET : ConnectionRecord.VIRTUAL_PORT_OFFSET;
        final int destination = fromClient ? ConnectionRecord.REAL_ADDRESS_OFFSET : ConnectionRecord.CLIENT_ADDRESS_OFFSET;
        final int destinationPort = fromClient ? ConnectionRecord.REAL_PORT_OFFSET : ConnectionRecord.CLIENT_PORT_OFFSET;
        FullNat.address(translation, ConnectionRecord.i64(records, record, source),
            ConnectionRecord.i64(records, record, source + 8), ConnectionRecord.u16(records, record, sourcePort),
            ConnectionRecord.i64(records, record, destination), ConnectionRecord.i64(records, record, destination + 8),
            ConnectionRecord.u16(records, record, destinationPort));
    }

    /** The way out, remembered in the connection as long as routes and neighbours stay. */
    private int adjacency(final long record, final boolean fromClient, final Fib fib) {
        if (ConnectionLinks.get(records, record, ConnectionLinks.GENERATION_OFFSET) != fib.generation()) {
            ConnectionLinks.set(records, record, ConnectionLinks.GENERATION_OFFSET, fib.generation());
            ConnectionLinks.set(records, record, ConnectionLinks.SERVER_ADJACENCY_OFFSET, UNRESOLVED);
            ConnectionLinks.set(records, record, ConnectionLinks.CLIENT_ADJACENCY_OFFSET, UNRESOLVED);
        }
        final int field = fromClient ? ConnectionLinks.SERVER_ADJACENCY_OFFSET : ConnectionLinks.CLIENT_ADJACENCY_OFFSET;
        int adjacency = ConnectionLinks.get(records, record, field);
        if (adjacency < 0) {
            adjacency = fib.resolve(translation.destinationHigh, translation.destinationLow,
                (int) (translation.destinationLow * 31 + translation.sourcePort * 17L + translation.destinationPort));
            ConnectionLinks.set(records, record, field, adjacency);
        }
        return adjacency;
    }

    /** Fills in the link that an adjacency stands for. */
    static void way(final Translation translation, final Fib fib, final int adjacency) {
        translation.port = fib.port(adjacency);
        translation.destinationMac = fib.destinationMac(adjacency);
        translation.sourceMac = fib.sourceMac(adjacency);
        translation.mtu = fib.mtu(adjacency);
    }
}
