package io.sluice.dataplane.connection;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Map;
import java.util.TreeMap;

/** Numbered connections for tests of the table of record: every byte of a record follows from its number and its version. */
final class StoredConnections {
    /** Last seen, in every record. */
    static final long SEEN_S = 1_800_000_000L;
    /** Idle timeout, in every record. */
    static final int IDLE_S = 900;

    private StoredConnections() {
    }

    static MemorySegment record(final int number, final int version) {
        return fill(Arena.ofAuto().allocate(ConnectionRecord.LENGTH, 8), number, version);
    }

    static MemorySegment fill(final MemorySegment record, final int number, final int version) {
        ConnectionRecord.u8(record, 0, ConnectionRecord.FORMAT_OFFSET, ConnectionRecord.FORMAT);
        ConnectionRecord.u8(record, 0, ConnectionRecord.PROTOCOL_OFFSET, 6);
        ConnectionRecord.i32(record, 0, ConnectionRecord.VERSION_OFFSET, version);
        address(record, ConnectionRecord.CLIENT_ADDRESS_OFFSET, 0x0a00_0000 + number);
        address(record, ConnectionRecord.VIRTUAL_ADDRESS_OFFSET, 0xc0a8_0001);
        address(record, ConnectionRecord.REAL_ADDRESS_OFFSET, 0xac10_0000 + number % 7);
        address(record, ConnectionRecord.LOCAL_ADDRESS_OFFSET, 0xac11_0000 + (number >>> 16));
        ConnectionRecord.u16(record, 0, ConnectionRecord.CLIENT_PORT_OFFSET, number * 31);
        ConnectionRecord.u16(record, 0, ConnectionRecord.VIRTUAL_PORT_OFFSET, 443);
        ConnectionRecord.u16(record, 0, ConnectionRecord.REAL_PORT_OFFSET, 8080);
        ConnectionRecord.u16(record, 0, ConnectionRecord.LOCAL_PORT_OFFSET, number);
        for (int field = ConnectionRecord.ISN_DELTA_OFFSET; field < ConnectionRecord.OPENED_AT_OFFSET; field += Integer.BYTES) {
            ConnectionRecord.i32(record, 0, field, (number * 31 + version) * (field | 1) * 0x9e37_79b9);
        }
        ConnectionRecord.i32(record, 0, ConnectionRecord.LAST_SEEN_OFFSET, (int) SEEN_S);
        ConnectionRecord.i32(record, 0, ConnectionRecord.IDLE_TIMEOUT_OFFSET, IDLE_S);
        return record;
    }

    static ConnectionEvent event(final ConnectionEvent.Kind kind, final MemorySegment record) {
        final ConnectionEvent event = new ConnectionEvent();
        event.set(kind, record, 0);
        return event;
    }

    static void put(final ConnectionStore store, final int number, final int version) {
        store.onEvent(event(ConnectionEvent.Kind.OPENED, record(number, version)), 0, true);
    }

    static void close(final ConnectionStore store, final int number) {
        store.onEvent(event(ConnectionEvent.Kind.CLOSED, record(number, 0)), 0, true);
    }

    static int number(final MemorySegment record) {
        return ConnectionRecord.i32(record, 0, ConnectionRecord.CLIENT_ADDRESS_OFFSET + 12) - 0x0a00_0000;
    }

    /** Everything stored, by number; fails on a record that is not exactly what its number and version say. */
    static Map<Integer, Integer> contents(final ConnectionStore store) {
        final Map<Integer, Integer> found = new TreeMap<>();
        store.forEach(SEEN_S, 0, record -> {
            final int version = ConnectionRecord.i32(record, 0, ConnectionRecord.VERSION_OFFSET);
            if (record.mismatch(record(number(record), version)) != -1) {
                throw new AssertionError("a torn record of connection " + number(record));
            }
            if (found.put(number(record), version) != null) {
                throw new AssertionError("connection " + number(record) + " is stored twice");
            }
        });
        return found;
    }

    private static void address(final MemorySegment record, final int field, final int ipv4) {
        ConnectionRecord.i64(record, 0, field, 0);
        ConnectionRecord.i64(record, 0, field + Long.BYTES, 0xffff_0000_0000L | ipv4 & 0xffff_ffffL);
    }
}
