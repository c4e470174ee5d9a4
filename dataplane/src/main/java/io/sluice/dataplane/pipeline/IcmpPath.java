package io.sluice.dataplane.pipeline;

import io.sluice.dataplane.classify.Classifier;
import io.sluice.dataplane.classify.Packet;
import io.sluice.dataplane.connection.ConnectionRecord;
import io.sluice.dataplane.connection.ConnectionTable;
import io.sluice.dataplane.counter.LaneCounters;
import io.sluice.dataplane.counter.SystemCounter;
import io.sluice.dataplane.nat.EchoResponder;
import io.sluice.dataplane.nat.FullNat;
import io.sluice.dataplane.nat.IcmpTranslator;
import io.sluice.dataplane.nat.PacketMaker;
import io.sluice.dataplane.nat.Translation;
import io.sluice.dataplane.neighbour.FibSource;
import io.sluice.dataplane.service.ForwardingTable;
import io.sluice.dataplane.verdict.DropReason;
import io.sluice.dataplane.wire.Icmp;
import io.sluice.dataplane.wire.Ipv4;
import io.sluice.dataplane.wire.TtmOption;
import java.lang.foreign.MemorySegment;

/** ICMP to our addresses: pings of virtual addresses, and errors about our connections. Path thread only. */
final class IcmpPath {
    private final ConnectionTable table;
    private final IcmpTranslator translator;
    private final FibSource fibs;
    private final Ownership ownership;
    private final LaneCounters counters;
    private final Packet quoted = new Packet();
    private final Translation outer = new Translation();
    private final Translation inner = new Translation();
    private DropReason dropped;

    IcmpPath(final ConnectionTable table, final IcmpTranslator translator, final FibSource fibs, final Ownership ownership,
             final LaneCounters counters) {
        this.table = table;
        this.translator = translator;
        this.fibs = fibs;
        this.ownership = ownership;
        this.counters = counters;
    }

    /**
     * Handles an ICMP packet.
     *
     * @param packet an ICMP or ICMPv6 packet
     * @param turn   what holds now
     * @return true if it is ours and has been decided on, with {@link #dropped} saying why it was dropped if it was
     */
    boolean handle(final Packet packet, final Turn turn) {
        dropped = null;
        final int owner = turn.forwarding.owner(packet.destinationHigh, packet.destinationLow);
        if (owner == ForwardingTable.NOT_OURS) {
            return false;
        }
        if (owner == ForwardingTable.VIRTUAL && EchoResponder.isPing(packet)) {
            dropped = ping(packet, turn);
            return true;
        }
        final boolean error = packet.hasTransport && !packet.fragment
            && (packet.ipv4 ? Icmp.isError(packet.icmpType) : Icmp.isV6Error(packet.icmpType));
        return error && error(packet, turn);
    }

    /** Why the packet just handled was dropped, or null. */
    DropReason dropped() {
        return dropped;
    }

    private DropReason ping(final Packet packet, final Turn turn) {
        if (!turn.forwarding.answersPing(packet.destinationHigh, packet.destinationLow)) {
            return DropReason.ECHO_NO_BACKEND;
        }
        final int adjacency = turn.fib.resolve(packet.sourceHigh, packet.sourceLow, 0);
        if (adjacency < 0) {
            fibs.want(packet.sourceHigh, packet.sourceLow);
            return PacketMaker.reason(adjacency);
        }
        Forwarder.way(outer, turn.fib, adjacency);
        EchoResponder.reply(packet, outer);
        counters.increment(SystemCounter.ECHO_ANSWERED);
        return null;
    }

    private boolean error(final Packet packet, final Turn turn) {
        Classifier.quoted(packet.memory, packet.payload, packet.end, quoted);
        if (quoted.malformed != null || !quoted.hasTransport || quoted.protocol != Ipv4.TCP && quoted.protocol != Ipv4.UDP) {
            // Not about TCP or UDP: about something of the kernel's, which has its own copy.
            return false;
        }
        // The quoted packet is one of ours on its way out: its connection is found from the other end.
        final int handle = table.find(quoted.protocol, quoted.destinationHigh, quoted.destinationLow, quoted.destinationPort,
            quoted.sourceHigh, quoted.sourceLow, quoted.sourcePort);
        if (handle == ConnectionTable.NONE) {
            return unrelated(packet, turn.forwarding);
        } else if (!IcmpTranslator.isChecksumRight(packet)) {
            dropped = DropReason.MALFORMED_ICMP;
        } else {
            dropped = translate(packet, handle, turn);
        }
        return true;
    }

    /** About no connection of this lane: another lane's, nobody's, or the kernel's. */
    private boolean unrelated(final Packet packet, final ForwardingTable forwarding) {
        final boolean handedOn;
        if (forwarding.ownsLocalPort(quoted.sourceHigh, quoted.sourceLow, quoted.sourcePort)) {
            handedOn = ownership.handsOnErrorToServer(packet, quoted);
        } else if (forwarding.listener(quoted.protocol, quoted.sourceHigh, quoted.sourceLow, quoted.sourcePort) != null) {
            handedOn = ownership.handsOnErrorToClient(packet, quoted);
        } else {
            return false;
        }
        if (!handedOn) {
            dropped = DropReason.ICMP_UNRELATED;
        }
        return true;
    }

    private DropReason translate(final Packet packet, final int handle, final Turn turn) {
        final MemorySegment memory = table.memory();
        final long record = table.record(ConnectionTable.slot(handle));
        final int delta = ConnectionRecord.i32(memory, record, ConnectionRecord.ISN_DELTA_OFFSET);
        final int ttmRoom;
        final int sequenceShift;
        final int ackShift;
        if (ConnectionTable.side(handle) == ConnectionTable.FROM_SERVER) {
            // Our packet was on its way to the real server: tell the client, as the virtual address.
            address(outer, record, ConnectionRecord.VIRTUAL_ADDRESS_OFFSET, ConnectionRecord.CLIENT_ADDRESS_OFFSET, 0, 0);
            address(inner, record, ConnectionRecord.CLIENT_ADDRESS_OFFSET, ConnectionRecord.VIRTUAL_ADDRESS_OFFSET,
                ConnectionRecord.CLIENT_PORT_OFFSET, ConnectionRecord.VIRTUAL_PORT_OFFSET);
            ttmRoom = ConnectionRecord.u8(memory, record, ConnectionRecord.OPTION_KIND_OFFSET) == 0 ? 0
                : TtmOption.length(outer.destinationHigh, outer.destinationLow);
            sequenceShift = -delta;
            ackShift = 0;
            if (IcmpTranslator.leavesNoRoom(packet, outer.ipv4, ttmRoom)) {
                ConnectionRecord.u8(memory, record, ConnectionRecord.FLAGS_OFFSET,
                    ConnectionRecord.u8(memory, record, ConnectionRecord.FLAGS_OFFSET) | ConnectionRecord.NO_TTM_ROOM);
            }
        } else {
            address(outer, record, ConnectionRecord.LOCAL_ADDRESS_OFFSET, ConnectionRecord.REAL_ADDRESS_OFFSET, 0, 0);
            address(inner, record, ConnectionRecord.REAL_ADDRESS_OFFSET, ConnectionRecord.LOCAL_ADDRESS_OFFSET,
                ConnectionRecord.REAL_PORT_OFFSET, ConnectionRecord.LOCAL_PORT_OFFSET);
            ttmRoom = 0;
            sequenceShift = 0;
            ackShift = delta;
        }
        final int adjacency = turn.fib.resolve(outer.destinationHigh, outer.destinationLow, 0);
        if (adjacency < 0) {
            fibs.want(outer.destinationHigh, outer.destinationLow);
            return PacketMaker.reason(adjacency);
        }
        Forwarder.way(outer, turn.fib, adjacency);
        outer.identification = 0;
        final DropReason failed = translator.translate(packet, quoted, outer, inner, sequenceShift, ackShift, ttmRoom);
        if (failed == null) {
            counters.increment(SystemCounter.ICMP_TRANSLATED);
        }
        return failed;
    }

    private void address(final Translation translation, final long record, final int source, final int destination,
                         final int sourcePort, final int destinationPort) {
        final MemorySegment memory = table.memory();
        FullNat.address(translation, ConnectionRecord.i64(memory, record, source),
            ConnectionRecord.i64(memory, record, source + 8),
            sourcePort == 0 ? 0 : ConnectionRecord.u16(memory, record, sourcePort),
            ConnectionRecord.i64(memory, record, destination), ConnectionRecord.i64(memory, record, destination + 8),
            destinationPort == 0 ? 0 : ConnectionRecord.u16(memory, record, destinationPort));
    }
}
