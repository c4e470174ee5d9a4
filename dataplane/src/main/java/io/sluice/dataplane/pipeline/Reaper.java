package io.sluice.dataplane.pipeline;

import io.sluice.dataplane.connection.ConnectionLinks;
import io.sluice.dataplane.connection.ConnectionRecord;
import io.sluice.dataplane.connection.ConnectionTable;
import io.sluice.dataplane.connection.ExpiryWheel;
import io.sluice.dataplane.connection.TcpState;
import io.sluice.dataplane.counter.LaneCounters;
import io.sluice.dataplane.counter.SystemCounter;
import io.sluice.dataplane.nat.Resets;
import io.sluice.dataplane.service.ForwardingTable;
import io.sluice.dataplane.wire.Ipv4;
import java.lang.foreign.MemorySegment;

/**
 * Ends connections whose time has come: idle ones, and those of removed listeners. An established connection is reset on both
 * sides. Keeps the table of record fresh on the way. Bounded work per turn. Path thread only.
 */
final class Reaper implements ExpiryWheel.Visitor {
    /** Visits per turn: enough for a million connections twice a minute, little enough not to hold packets up. */
    private static final int VISITS_PER_TURN = 256;
    private static final int SWEEP_PER_TURN = 1024;

    private final Connections connections;
    private final Resets resets;
    private final LaneCounters counters;
    private Turn turn;
    private ForwardingTable sweeping;
    private ForwardingTable swept;
    private int sweepSlot;
    private boolean behind;

    Reaper(final Connections connections, final Resets resets, final LaneCounters counters) {
        this.connections = connections;
        this.resets = resets;
        this.counters = counters;
    }

    /** Does what is due. */
    void work(final Turn now) {
        turn = now;
        final int visits = connections.wheel().advance(now.nowSeconds, this, VISITS_PER_TURN);
        if (swept != now.forwarding) {
            sweepRemovedListeners(now);
        }
        behind = visits == VISITS_PER_TURN || swept != now.forwarding;
    }

    /** Whether the last turn has left something undone. */
    boolean isBehind() {
        return behind;
    }

    @Override
    public int visit(final int slot, final int nowSeconds) {
        final ConnectionTable table = connections.table();
        final MemorySegment memory = table.memory();
        final long record = table.record(slot);
        final int state = ConnectionRecord.u8(memory, record, ConnectionRecord.STATE_OFFSET);
        final int idle = nowSeconds - ConnectionRecord.i32(memory, record, ConnectionRecord.LAST_SEEN_OFFSET);
        final int left = ConnectionRecord.i32(memory, record, ConnectionRecord.IDLE_TIMEOUT_OFFSET) - idle;
        if (left > 0) {
            final boolean told = !connections.isWorthStoring(record) || connections.store(record);
            return told ? connections.visitAfter(left) : Connections.STORE_AGAIN_AFTER_S;
        }
        if (state == TcpState.ESTABLISHED) {
            if (!resets.hasRoomForBoth(turn.made)) {
                return 1;
            }
            resets.both(turn.made, memory, record);
        }
        counters.increment(TcpState.isReplaceable(state) ? SystemCounter.CONNECTIONS_CLOSED : SystemCounter.CONNECTIONS_EXPIRED);
        connections.remove(slot, turn.forwarding);
        return 0;
    }

    /** Walks the table a piece per turn, closing connections whose listener is gone. */
    private void sweepRemovedListeners(final Turn now) {
        final ConnectionTable table = connections.table();
        if (!now.forwarding.hasRemovedListeners()) {
            swept = now.forwarding;
            return;
        }
        if (sweeping != now.forwarding) {
            sweeping = now.forwarding;
            sweepSlot = 0;
        }
        final int end = Math.min(sweepSlot + SWEEP_PER_TURN, table.slotBound());
        while (sweepSlot < end) {
            if (table.isUsed(sweepSlot)) {
                if (!resets.hasRoomForBoth(now.made)) {
                    return;
                }
                closeIfRemoved(sweepSlot, now);
            }
            sweepSlot++;
        }
        if (sweepSlot >= table.slotBound()) {
            swept = now.forwarding;
        }
    }

    private void closeIfRemoved(final int slot, final Turn now) {
        final MemorySegment memory = connections.table().memory();
        final long record = connections.table().record(slot);
        if (now.forwarding.listenerById(ConnectionLinks.get(memory, record, ConnectionLinks.LISTENER_OFFSET)) != null) {
            return;
        }
        if (ConnectionRecord.u8(memory, record, ConnectionRecord.PROTOCOL_OFFSET) == Ipv4.TCP) {
            resets.both(now.made, memory, record);
        }
        connections.wheel().cancel(slot);
        connections.remove(slot, now.forwarding);
        counters.increment(SystemCounter.CONNECTIONS_CLOSED);
    }
}
