package io.sluice.dataplane.pipeline;

import io.sluice.dataplane.classify.Packet;
import io.sluice.dataplane.connection.ConnectionLinks;
import io.sluice.dataplane.connection.ConnectionRecord;
import io.sluice.dataplane.connection.ConnectionTable;
import io.sluice.dataplane.connection.TcpState;
import io.sluice.dataplane.counter.LaneCounters;
import io.sluice.dataplane.counter.SystemCounter;
import io.sluice.dataplane.nat.PortLeases;
import io.sluice.dataplane.nat.SequenceGenerator;
import io.sluice.dataplane.service.Backend;
import io.sluice.dataplane.service.ForwardingTable;
import io.sluice.dataplane.service.Listener;
import io.sluice.dataplane.service.Scheduler;
import io.sluice.dataplane.verdict.DropReason;
import java.lang.foreign.MemorySegment;

/**
 * Opens a connection for a client's first packet: access list, limits, scheduler, local port, record. All or nothing: a
 * refused connection leaves no trace but its counter. Path thread only.
 */
final class Opener {
    /** Local ports tried when one is still taken by a connection of a pool that has since been reconfigured. */
    private static final int LEASE_ATTEMPTS = 16;

    private final Connections connections;
    private final SequenceGenerator sequences;
    private final LaneCounters counters;
    private int slot;
    private Backend opened;

    Opener(final Connections connections, final SequenceGenerator sequences, final LaneCounters counters) {
        this.connections = connections;
        this.sequences = sequences;
        this.counters = counters;
    }

    /** Slot of the connection that the last successful {@link #open} made. */
    int slot() {
        return slot;
    }

    /**
     * Opens a connection. Once its first packet has been forwarded or not, {@link #confirm} or {@link #takeBack} follows.
     *
     * @param packet   a SYN, or a datagram
     * @param listener that the packet is for
     * @param nowNs    the time
     * @return null, or why it is refused
     */
    DropReason open(final Packet packet, final Listener listener, final long nowNs) {
        final DropReason refused = tryOpen(packet, listener, nowNs);
        if (refused != null) {
            listener.counters().refused();
        }
        return refused;
    }

    private DropReason tryOpen(final Packet packet, final Listener listener, final long nowNs) {
        if (!listener.admits(packet.sourceHigh, packet.sourceLow)) {
            return DropReason.ACL_DENIED;
        }
        if (!listener.limits().allowsConnection()) {
            return DropReason.CONNECTION_LIMIT;
        }
        if (!listener.limits().hasNewConnection(nowNs)) {
            return DropReason.RATE_LIMIT;
        }
        final int member = listener.scheduler().pick(packet.sourceHigh, packet.sourceLow, packet.sourcePort);
        if (member == Scheduler.NONE) {
            return DropReason.NO_BACKEND;
        }
        final ConnectionTable table = connections.table();
        if (table.size() == table.capacity()) {
            return DropReason.TABLE_FULL;
        }
        final Backend backend = listener.group().member(member);
        final int lease = lease(backend, packet.protocol);
        if (lease == PortLeases.NONE) {
            backend.counters().refused();
            return DropReason.NO_LOCAL_PORT;
        }
        slot = table.allocate();
        fill(packet, listener, backend, lease, nowNs);
        connections.add(slot, listener, backend, lease);
        opened = backend;
        return null;
    }

    /**
     * The first packet has gone: the connection that the last {@link #open} made is one, and counts against the listener's new
     * connections. Only another lane may have taken the last one in between.
     */
    void confirm(final Listener listener, final long nowNs) {
        listener.limits().takeNewConnection(nowNs);
        listener.counters().opened();
        opened.counters().opened();
        counters.increment(SystemCounter.CONNECTIONS_OPENED);
    }

    /** The first packet could not go: there is no trace of the connection but a refusal. */
    void takeBack(final Listener listener, final ForwardingTable forwarding) {
        connections.takeBack(slot, forwarding);
        listener.counters().refused();
    }

    private int lease(final Backend backend, final int protocol) {
        final PortLeases leases = backend.leases();
        for (int i = 0; i < LEASE_ATTEMPTS; i++) {
            final int lease = leases.lease();
            if (lease == PortLeases.NONE) {
                return PortLeases.NONE;
            }
            if (connections.table().find(protocol, backend.addressHigh(), backend.addressLow(), backend.port(),
                leases.pool().addressHigh(lease), leases.pool().addressLow(lease), leases.pool().port(lease))
                == ConnectionTable.NONE) {
                return lease;
            }
            leases.release(lease);
        }
        return PortLeases.NONE;
    }

    private void fill(final Packet packet, final Listener listener, final Backend backend, final int lease, final long nowNs) {
        final MemorySegment memory = connections.table().memory();
        final long record = connections.table().record(slot);
        final int state = packet.isTcp() ? TcpState.SYN_SENT : TcpState.UDP;
        final long localHigh = backend.leases().pool().addressHigh(lease);
        final long localLow = backend.leases().pool().addressLow(lease);
        final int localPort = backend.leases().pool().port(lease);
        final int nowSeconds = Clock.seconds(nowNs);
        ConnectionRecord.u8(memory, record, ConnectionRecord.PROTOCOL_OFFSET, packet.protocol);
        ConnectionRecord.u8(memory, record, ConnectionRecord.STATE_OFFSET, state);
        address(memory, record, ConnectionRecord.CLIENT_ADDRESS_OFFSET, packet.sourceHigh, packet.sourceLow);
        address(memory, record, ConnectionRecord.VIRTUAL_ADDRESS_OFFSET, packet.destinationHigh, packet.destinationLow);
        address(memory, record, ConnectionRecord.REAL_ADDRESS_OFFSET, backend.addressHigh(), backend.addressLow());
        address(memory, record, ConnectionRecord.LOCAL_ADDRESS_OFFSET, localHigh, localLow);
        ConnectionRecord.u16(memory, record, ConnectionRecord.CLIENT_PORT_OFFSET, packet.sourcePort);
        ConnectionRecord.u16(memory, record, ConnectionRecord.VIRTUAL_PORT_OFFSET, packet.destinationPort);
        ConnectionRecord.u16(memory, record, ConnectionRecord.REAL_PORT_OFFSET, backend.port());
        ConnectionRecord.u16(memory, record, ConnectionRecord.LOCAL_PORT_OFFSET, localPort);
        if (packet.isTcp()) {
            final int isn = sequences.next(localHigh, localLow, localPort, backend.addressHigh(), backend.addressLow(),
                backend.port(), nowNs);
            ConnectionRecord.i32(memory, record, ConnectionRecord.ISN_DELTA_OFFSET, isn - packet.sequence);
            final boolean trusted = listener.trusts(packet.sourceHigh, packet.sourceLow);
            ConnectionRecord.u8(memory, record, ConnectionRecord.OPTION_KIND_OFFSET, listener.insertKind());
            ConnectionRecord.u8(memory, record, ConnectionRecord.FLAGS_OFFSET, trusted ? ConnectionRecord.TRUSTED_TTM : 0);
        }
        ConnectionRecord.i32(memory, record, ConnectionRecord.OPENED_AT_OFFSET, nowSeconds);
        ConnectionRecord.i32(memory, record, ConnectionRecord.LAST_SEEN_OFFSET, nowSeconds);
        ConnectionRecord.i32(memory, record, ConnectionRecord.IDLE_TIMEOUT_OFFSET, listener.timeoutSeconds(state));
        ConnectionLinks.set(memory, record, ConnectionLinks.GENERATION_OFFSET, 0);
    }

    private static void address(final MemorySegment memory, final long record, final int field, final long high, final long low) {
        ConnectionRecord.i64(memory, record, field, high);
        ConnectionRecord.i64(memory, record, field + 8, low);
    }
}
