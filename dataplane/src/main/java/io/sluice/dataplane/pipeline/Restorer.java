package io.sluice.dataplane.pipeline;

import io.sluice.dataplane.connection.ConnectionRecord;
import io.sluice.dataplane.connection.ConnectionTable;
import io.sluice.dataplane.connection.TcpState;
import io.sluice.dataplane.counter.SystemCounter;
import io.sluice.dataplane.service.Backend;
import io.sluice.dataplane.service.ForwardingCompiler;
import io.sluice.dataplane.service.ForwardingTable;
import io.sluice.dataplane.service.Listener;
import io.sluice.dataplane.wire.Address;
import io.sluice.dataplane.wire.Ipv4;
import java.lang.foreign.MemorySegment;

/**
 * Takes stored connections over into a lane that does not run yet: hot table, local ports, counters. A connection whose
 * listener or local address is no longer configured, or that does not fit, is left out and counted. Control thread.
 */
public final class Restorer {
    private final PathParts parts;
    private final ForwardingCompiler compiler;
    private final ForwardingTable forwarding;

    /**
     * A restorer.
     *
     * @param parts      the lane's stages
     * @param compiler   makes backends that are no longer configured
     * @param forwarding the configuration in force
     */
    public Restorer(final PathParts parts, final ForwardingCompiler compiler, final ForwardingTable forwarding) {
        this.parts = parts;
        this.compiler = compiler;
        this.forwarding = forwarding;
    }

    /**
     * Takes one connection over.
     *
     * @param memory where its record is
     * @param stored offset of the record
     * @return false if it was left out
     */
    public boolean restore(final MemorySegment memory, final long stored) {
        final boolean restored = tryRestore(memory, stored);
        parts.counters().increment(restored ? SystemCounter.CONNECTIONS_RESTORED : SystemCounter.CONNECTIONS_NOT_RESTORED);
        return restored;
    }

    private boolean tryRestore(final MemorySegment memory, final long stored) {
        final int protocol = ConnectionRecord.u8(memory, stored, ConnectionRecord.PROTOCOL_OFFSET);
        final Listener listener = forwarding.listener(protocol,
            ConnectionRecord.i64(memory, stored, ConnectionRecord.VIRTUAL_ADDRESS_OFFSET),
            ConnectionRecord.i64(memory, stored, ConnectionRecord.VIRTUAL_ADDRESS_OFFSET + 8),
            ConnectionRecord.u16(memory, stored, ConnectionRecord.VIRTUAL_PORT_OFFSET));
        final ConnectionTable table = parts.table();
        if (listener == null || table.size() == table.capacity() || isTaken(memory, stored, protocol)) {
            return false;
        }
        final Backend backend;
        try {
            backend = backend(memory, stored, listener);
        } catch (final IllegalArgumentException e) {
            // The pool has no longer an address of this family.
            return false;
        }
        final int lease = backend.leases().pool().indexOf(
            ConnectionRecord.i64(memory, stored, ConnectionRecord.LOCAL_ADDRESS_OFFSET),
            ConnectionRecord.i64(memory, stored, ConnectionRecord.LOCAL_ADDRESS_OFFSET + 8),
            ConnectionRecord.u16(memory, stored, ConnectionRecord.LOCAL_PORT_OFFSET));
        if (lease < 0 || !backend.leases().reserve(lease)) {
            return false;
        }
        add(memory, stored, protocol, listener, backend, lease);
        parts.steering().keepHere(protocol, ConnectionRecord.i64(memory, stored, ConnectionRecord.CLIENT_ADDRESS_OFFSET),
            ConnectionRecord.i64(memory, stored, ConnectionRecord.CLIENT_ADDRESS_OFFSET + 8),
            ConnectionRecord.u16(memory, stored, ConnectionRecord.CLIENT_PORT_OFFSET), listener.addressHigh(),
            listener.addressLow(), listener.spec().port());
        return true;
    }

    private boolean isTaken(final MemorySegment memory, final long stored, final int protocol) {
        return find(memory, stored, protocol, ConnectionRecord.CLIENT_ADDRESS_OFFSET, ConnectionRecord.CLIENT_PORT_OFFSET,
            ConnectionRecord.VIRTUAL_ADDRESS_OFFSET, ConnectionRecord.VIRTUAL_PORT_OFFSET) != ConnectionTable.NONE
            || find(memory, stored, protocol, ConnectionRecord.REAL_ADDRESS_OFFSET, ConnectionRecord.REAL_PORT_OFFSET,
            ConnectionRecord.LOCAL_ADDRESS_OFFSET, ConnectionRecord.LOCAL_PORT_OFFSET) != ConnectionTable.NONE;
    }

    private int find(final MemorySegment memory, final long stored, final int protocol, final int source, final int sourcePort,
                     final int destination, final int destinationPort) {
        return parts.table().find(protocol, ConnectionRecord.i64(memory, stored, source),
            ConnectionRecord.i64(memory, stored, source + 8), ConnectionRecord.u16(memory, stored, sourcePort),
            ConnectionRecord.i64(memory, stored, destination), ConnectionRecord.i64(memory, stored, destination + 8),
            ConnectionRecord.u16(memory, stored, destinationPort));
    }

    private Backend backend(final MemorySegment memory, final long stored, final Listener listener) {
        final long high = ConnectionRecord.i64(memory, stored, ConnectionRecord.REAL_ADDRESS_OFFSET);
        final long low = ConnectionRecord.i64(memory, stored, ConnectionRecord.REAL_ADDRESS_OFFSET + 8);
        final int port = ConnectionRecord.u16(memory, stored, ConnectionRecord.REAL_PORT_OFFSET);
        for (int i = 0; i < listener.group().size(); i++) {
            final Backend member = listener.group().member(i);
            if (member.addressLow() == low && member.addressHigh() == high && member.port() == port) {
                return member;
            }
        }
        return compiler.departed(forwarding, listener, Address.toInetAddress(high, low), port);
    }

    private void add(final MemorySegment memory, final long stored, final int protocol, final Listener listener,
                     final Backend backend, final int lease) {
        final ConnectionTable table = parts.table();
        final int slot = table.allocate();
        final long record = table.record(slot);
        MemorySegment.copy(memory, stored, table.memory(), record, ConnectionRecord.LENGTH);
        int state = ConnectionRecord.u8(table.memory(), record, ConnectionRecord.STATE_OFFSET);
        final int storedState = state;
        if (protocol == Ipv4.TCP && state == TcpState.SYN_RECEIVED) {
            // Stored before the client's ACK could be seen: take it for granted rather than lose a quiet connection.
            state = TcpState.ESTABLISHED;
            ConnectionRecord.u8(table.memory(), record, ConnectionRecord.STATE_OFFSET, state);
            ConnectionRecord.i32(table.memory(), record, ConnectionRecord.IDLE_TIMEOUT_OFFSET, listener.timeoutSeconds(state));
        }
        final int flags = ConnectionRecord.u8(table.memory(), record, ConnectionRecord.FLAGS_OFFSET);
        ConnectionRecord.u8(table.memory(), record, ConnectionRecord.FLAGS_OFFSET,
            flags | ConnectionRecord.CLIENT_UNSEEN | ConnectionRecord.SERVER_UNSEEN);
        final int storedLastSeen = ConnectionRecord.i32(table.memory(), record, ConnectionRecord.LAST_SEEN_OFFSET);
        // The stored time may be older than the last packet: everybody gets a full idle timeout from here.
        ConnectionRecord.i32(table.memory(), record, ConnectionRecord.LAST_SEEN_OFFSET, parts.connections().wheel().nowSeconds());
        parts.connections().add(slot, listener, backend, lease);
        parts.connections().markStored(record, storedState, storedLastSeen);
        listener.counters().restored();
        backend.counters().restored();
    }
}
