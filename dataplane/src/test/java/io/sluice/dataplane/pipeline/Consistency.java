package io.sluice.dataplane.pipeline;

import io.sluice.dataplane.connection.ConnectionLinks;
import io.sluice.dataplane.connection.ConnectionRecord;
import io.sluice.dataplane.connection.ConnectionTable;
import io.sluice.dataplane.counter.SystemCounter;
import io.sluice.dataplane.service.Backend;
import io.sluice.dataplane.service.ForwardingTable;
import java.lang.foreign.MemorySegment;
import java.util.List;

/** Whether everything that knows of connections agrees: table, leases, backends, listeners, counters. */
final class Consistency {
    private Consistency() {
    }

    static void check(final TestLane lane) {
        final ConnectionTable table = lane.parts().table();
        final int size = table.size();
        final ForwardingTable forwarding = lane.forwarding();
        final List<Backend> backends = forwarding.backends();
        same(size, lane.counters().get(SystemCounter.CONNECTIONS_CURRENT), "counted connections");
        same(size, backends.stream().mapToLong(backend -> backend.leases().leased()).sum(), "leases");
        same(size, backends.stream().mapToLong(Backend::activeConnections).sum(), "backends' connections");
        same(size, backends.stream().mapToLong(backend -> backend.counters().current()).sum(), "backends' counted connections");
        final long[] ofListener = new long[table.slotBound() + 1];
        int used = 0;
        for (int slot = 0; slot < table.slotBound(); slot++) {
            if (table.isUsed(slot)) {
                used++;
                checkKeys(table, slot);
                final int listener = ConnectionLinks.get(table.memory(), table.record(slot), ConnectionLinks.LISTENER_OFFSET);
                if (listener < ofListener.length) {
                    ofListener[listener]++;
                }
            }
        }
        same(size, used, "used slots");
        forwarding.listeners().stream().filter(listener -> listener.id() < ofListener.length).forEach(listener ->
            same(ofListener[listener.id()], listener.counters().current(), "connections of " + listener));
    }

    private static void checkKeys(final ConnectionTable table, final int slot) {
        same(slot << 1 | ConnectionTable.FROM_CLIENT, find(table, slot, ConnectionRecord.CLIENT_ADDRESS_OFFSET,
            ConnectionRecord.VIRTUAL_ADDRESS_OFFSET, ConnectionRecord.CLIENT_PORT_OFFSET), "handle under the client's key");
        same(slot << 1 | ConnectionTable.FROM_SERVER, find(table, slot, ConnectionRecord.REAL_ADDRESS_OFFSET,
            ConnectionRecord.LOCAL_ADDRESS_OFFSET, ConnectionRecord.REAL_PORT_OFFSET), "handle under the server's key");
    }

    private static int find(final ConnectionTable table, final int slot, final int source, final int destination, final int ports) {
        final MemorySegment memory = table.memory();
        final long record = table.record(slot);
        return table.find(ConnectionRecord.u8(memory, record, ConnectionRecord.PROTOCOL_OFFSET),
            ConnectionRecord.i64(memory, record, source), ConnectionRecord.i64(memory, record, source + 8),
            ConnectionRecord.u16(memory, record, ports), ConnectionRecord.i64(memory, record, destination),
            ConnectionRecord.i64(memory, record, destination + 8), ConnectionRecord.u16(memory, record, ports + 2));
    }

    static void same(final long expected, final long actual, final String what) {
        if (expected != actual) {
            throw new AssertionError(what + ": " + actual + ", not " + expected);
        }
    }
}
