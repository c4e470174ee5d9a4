package io.sluice.dataplane;

import io.sluice.dataplane.connection.ConnectionEventRing;
import io.sluice.dataplane.connection.ConnectionEvents;
import io.sluice.dataplane.connection.ConnectionStore;
import io.sluice.dataplane.connection.RecordVisitor;
import io.sluice.dataplane.connection.StoreClaim;
import io.sluice.dataplane.connection.StoreStatistics;
import java.nio.file.Path;

/** The table of record of this node, and the ring through which the lanes fill it. */
final class TableOfRecord {
    private static final String DIRECTORY = "connections";

    private final ConnectionStore store;
    private final ConnectionEventRing ring;
    private final int nowSeconds;
    private final int graceSeconds;

    private TableOfRecord(final ConnectionStore store, final int nowSeconds, final int graceSeconds) {
        this.store = store;
        this.ring = new ConnectionEventRing(store.log());
        this.nowSeconds = nowSeconds;
        this.graceSeconds = graceSeconds;
    }

    /**
     * Begins to open what an earlier process has left, or to make a new one, on a thread of its own. When this returns, no other process
     * has it.
     */
    static Background<TableOfRecord> begin(final Path stateDirectory, final DataplaneConfig config, final int capacity,
                         final int nowSeconds, final OperatorMessages messages) {
        final StoreClaim claim = StoreClaim.of(stateDirectory.resolve(DIRECTORY));
        return Background.start("sluice-open", () -> {
            final ConnectionStore store =
                claim.open(capacity, config.storeShards(), Integer.toUnsignedLong(nowSeconds), messages::say);
            // What was stored of a live connection may be a refresh period old, and half as much again if the lane was busy.
            return new TableOfRecord(store, nowSeconds, config.refreshSeconds() * 3 / 2);
        });
    }

    StoreStatistics statistics() {
        return store.statistics();
    }

    ConnectionEvents events() {
        return ring;
    }

    /** Hands out the stored connections, and starts to keep what lanes tell, on a thread that does {@code first} at its start. */
    void restore(final RecordVisitor taker, final Runnable first) {
        store.forEach(Integer.toUnsignedLong(nowSeconds), graceSeconds, taker);
        ring.start(first, store);
    }

    /** Takes in what it was told, and closes the files in order. The lanes have stopped. */
    void close() {
        ring.close();
        store.close();
    }
}
