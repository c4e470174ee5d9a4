package io.sluice.dataplane;

import io.sluice.dataplane.connection.ConnectionEvent;
import io.sluice.dataplane.connection.ConnectionEventRing;
import io.sluice.dataplane.connection.ConnectionEvents;
import io.sluice.dataplane.connection.ConnectionRecord;
import io.sluice.dataplane.connection.ConnectionStore;
import io.sluice.dataplane.connection.RecordVisitor;
import io.sluice.dataplane.connection.StoreStatistics;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;

/** The table of record of this node, and the ring through which the lanes fill it. */
final class TableOfRecord {
    private static final String DIRECTORY = "connections";
    private static final int WARM_UP = 4096;
    /** Some seconds' worth of new connections at full speed, should the table be held up. */
    private static final int RING = 1 << 15;

    private final ConnectionStore store;
    private final ConnectionEventRing ring;
    private final int nowSeconds;
    private final int graceSeconds;

    private TableOfRecord(final ConnectionStore store, final int nowSeconds, final int graceSeconds) {
        this.store = store;
        this.ring = new ConnectionEventRing(RING);
        this.nowSeconds = nowSeconds;
        this.graceSeconds = graceSeconds;
    }

    /** Opens what an earlier process has left, or makes a new one. */
    static TableOfRecord open(final Path stateDirectory, final DataplaneConfig config, final int capacity,
                              final int nowSeconds, final OperatorMessages messages) {
        final ConnectionStore store = ConnectionStore.open(stateDirectory.resolve(DIRECTORY), capacity,
            config.storeShards(), Integer.toUnsignedLong(nowSeconds), messages::say);
        // What was stored of a live connection may be a refresh period old, and half as much again if the lane was busy.
        return new TableOfRecord(store, nowSeconds, config.refreshSeconds() * 3 / 2);
    }

    StoreStatistics statistics() {
        return store.statistics();
    }

    ConnectionEvents events() {
        return ring;
    }

    /** Hands out the stored connections, and starts to keep what lanes tell. */
    void restore(final RecordVisitor taker) {
        store.forEach(Integer.toUnsignedLong(nowSeconds), graceSeconds, taker);
        warmUp();
        ring.start(store);
    }

    /** The first writes of a process are slow: the code is not compiled, pages are not mapped. No connection shall pay for that. */
    private void warmUp() {
        final ConnectionEvent event = new ConnectionEvent();
        final MemorySegment nobody = MemorySegment.ofArray(new byte[ConnectionRecord.LENGTH]);
        ConnectionRecord.u8(nobody, 0, ConnectionRecord.FORMAT_OFFSET, ConnectionRecord.FORMAT);
        for (int i = 0; i < WARM_UP; i++) {
            // Another key each time, so that every file is written to.
            ConnectionRecord.u16(nobody, 0, ConnectionRecord.LOCAL_PORT_OFFSET, i & 0xff);
            event.set(ConnectionEvent.Kind.OPENED, nobody, 0);
            store.onEvent(event, 0, true);
            event.set(ConnectionEvent.Kind.CLOSED, nobody, 0);
            store.onEvent(event, 0, true);
        }
    }

    /** Takes in what it was told, and closes the files in order. The lanes have stopped. */
    void close() {
        ring.close();
        store.close();
    }
}
