package io.sluice.dataplane.pipeline;

import io.sluice.dataplane.connection.ConnectionEvent.Kind;
import io.sluice.dataplane.connection.ConnectionEvents;
import io.sluice.dataplane.connection.ConnectionLinks;
import io.sluice.dataplane.connection.ConnectionRecord;
import io.sluice.dataplane.connection.ConnectionTable;
import io.sluice.dataplane.connection.ExpiryWheel;
import io.sluice.dataplane.connection.TcpState;
import io.sluice.dataplane.counter.LaneCounters;
import io.sluice.dataplane.counter.SystemCounter;
import io.sluice.dataplane.service.Backend;
import io.sluice.dataplane.service.ForwardingTable;
import io.sluice.dataplane.service.Listener;
import java.lang.foreign.MemorySegment;

/**
 * The connections of a lane with everything that has to agree about them: hot table, wheel, leases, counters, table of record.
 * Path thread only.
 */
final class Connections {
    /** Times that the core is offered to the thread of a table of record that is behind. */
    private static final int YIELDS = 4096;
    /** Seconds until the table of record is told again what it had no room for. */
    static final int STORE_AGAIN_AFTER_S = 2;

    private final ConnectionTable table;
    private final ExpiryWheel wheel;
    private final ConnectionEvents events;
    private final LaneCounters counters;
    private final int refreshSeconds;
    private boolean storeIsStuck;

    Connections(final ConnectionTable table, final ExpiryWheel wheel, final ConnectionEvents events, final LaneCounters counters,
                final int refreshSeconds) {
        this.table = table;
        this.wheel = wheel;
        this.events = events;
        this.counters = counters;
        this.refreshSeconds = refreshSeconds;
    }

    ConnectionTable table() {
        return table;
    }

    ExpiryWheel wheel() {
        return wheel;
    }

    int refreshSeconds() {
        return refreshSeconds;
    }

    /** Puts a filled record to work. */
    void add(final int slot, final Listener listener, final Backend backend, final int lease) {
        final MemorySegment memory = table.memory();
        final long record = table.record(slot);
        ConnectionLinks.set(memory, record, ConnectionLinks.LISTENER_OFFSET, listener.id());
        ConnectionLinks.set(memory, record, ConnectionLinks.BACKEND_OFFSET, backend.id());
        ConnectionLinks.set(memory, record, ConnectionLinks.LEASE_OFFSET, lease);
        table.link(slot);
        wheel.schedule(slot, visitAfter(ConnectionRecord.i32(memory, record, ConnectionRecord.IDLE_TIMEOUT_OFFSET)));
        backend.connectionOpened();
        counters.set(SystemCounter.CONNECTIONS_CURRENT, table.size());
    }

    /** Seconds until the wheel has to look at a connection with this idle timeout. */
    int visitAfter(final int timeoutSeconds) {
        return Math.min(timeoutSeconds, refreshSeconds);
    }

    /** Changes state and idle timeout. */
    void changeState(final int slot, final long record, final int state, final int timeoutSeconds) {
        final MemorySegment memory = table.memory();
        ConnectionRecord.u8(memory, record, ConnectionRecord.STATE_OFFSET, state);
        ConnectionRecord.i32(memory, record, ConnectionRecord.IDLE_TIMEOUT_OFFSET, timeoutSeconds);
        if (timeoutSeconds < refreshSeconds) {
            wheel.reschedule(slot, timeoutSeconds);
        }
        if (!TcpState.isStored(state)) {
            forget(record);
        }
    }

    /** Tells the table of record that a connection need not survive the process any more. */
    private void forget(final long record) {
        if (isStored(record)) {
            publish(Kind.CLOSED, record);
            markStored(record, 0, 0);
        }
    }

    /**
     * Tells the table of record. If it is behind, this lane has come to more connections than two threads can bear, and gives way for a
     * moment rather than leave one out; a table that stands still is not waited for again until it moves, since packets must not suffer
     * from a slow disk.
     */
    private boolean publish(final Kind kind, final long record) {
        int patience = storeIsStuck || kind == Kind.CHANGED ? 0 : YIELDS;
        while (!events.publish(kind, table.memory(), record)) {
            if (--patience < 0) {
                storeIsStuck |= kind != Kind.CHANGED;
                counters.increment(SystemCounter.CONNECTION_EVENTS_LOST);
                return false;
            }
            Thread.yield();
        }
        storeIsStuck = false;
        return true;
    }

    /** Whether a connection has to survive the process: not one whose server has not answered yet. */
    boolean isWorthStoring(final long record) {
        final int state = ConnectionRecord.u8(table.memory(), record, ConnectionRecord.STATE_OFFSET);
        return TcpState.isStored(state) && (isStored(record) || state != TcpState.UDP);
    }

    /** Whether the table of record has ever heard of a connection. */
    boolean isStored(final long record) {
        return ConnectionLinks.get(table.memory(), record, ConnectionLinks.STORED_STATE_OFFSET) != 0;
    }

    /** Tells the table of record, unless it is up to date. False if it could not be told. */
    boolean store(final long record) {
        final MemorySegment memory = table.memory();
        final int state = ConnectionRecord.u8(memory, record, ConnectionRecord.STATE_OFFSET);
        final int lastSeen = ConnectionRecord.i32(memory, record, ConnectionRecord.LAST_SEEN_OFFSET);
        final int stored = ConnectionLinks.get(memory, record, ConnectionLinks.STORED_STATE_OFFSET);
        if (stored == state && ConnectionLinks.get(memory, record, ConnectionLinks.STORED_LAST_SEEN_OFFSET) == lastSeen) {
            return true;
        }
        final int version = ConnectionRecord.i32(memory, record, ConnectionRecord.VERSION_OFFSET) + 1;
        ConnectionRecord.i32(memory, record, ConnectionRecord.VERSION_OFFSET, version);
        final boolean told = publish(stored == 0 ? Kind.OPENED : Kind.CHANGED, record);
        if (told) {
            markStored(record, state, lastSeen);
        }
        return told;
    }

    /** Tells the table of record again soon, since it could not be told now. */
    void storeSoon(final int slot) {
        wheel.reschedule(slot, STORE_AGAIN_AFTER_S);
    }

    /** Tells the table of record in any case: more than state and time has changed. */
    boolean storeAnew(final long record) {
        if (isStored(record)) {
            // No connection that is stored is in this state.
            markStored(record, TcpState.SYN_SENT, 0);
        }
        return store(record);
    }

    /** Notes what the table of record knows. */
    void markStored(final long record, final int state, final int lastSeen) {
        ConnectionLinks.set(table.memory(), record, ConnectionLinks.STORED_STATE_OFFSET, state);
        ConnectionLinks.set(table.memory(), record, ConnectionLinks.STORED_LAST_SEEN_OFFSET, lastSeen);
    }

    /** Ends a connection that is not in the wheel: it counts as closed, and everything it held is free again. */
    void remove(final int slot, final ForwardingTable forwarding) {
        final MemorySegment memory = table.memory();
        final long record = table.record(slot);
        forwarding.backendById(ConnectionLinks.get(memory, record, ConnectionLinks.BACKEND_OFFSET)).counters().closed();
        forwarding.anyListenerById(ConnectionLinks.get(memory, record, ConnectionLinks.LISTENER_OFFSET)).counters().closed();
        free(slot, forwarding);
    }

    /** Takes back a connection that has just been added: nobody has heard of it. */
    void takeBack(final int slot, final ForwardingTable forwarding) {
        wheel.cancel(slot);
        free(slot, forwarding);
    }

    private void free(final int slot, final ForwardingTable forwarding) {
        final MemorySegment memory = table.memory();
        final long record = table.record(slot);
        final Backend backend = forwarding.backendById(ConnectionLinks.get(memory, record, ConnectionLinks.BACKEND_OFFSET));
        backend.connectionClosed();
        // Before the local port is given back: the table of record must not hear of its next user first.
        forget(record);
        backend.leases().release(ConnectionLinks.get(memory, record, ConnectionLinks.LEASE_OFFSET));
        table.remove(slot);
        counters.set(SystemCounter.CONNECTIONS_CURRENT, table.size());
    }
}
