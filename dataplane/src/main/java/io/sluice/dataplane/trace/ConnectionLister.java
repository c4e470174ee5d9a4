package io.sluice.dataplane.trace;

import io.sluice.dataplane.api.ConnectionView;
import io.sluice.dataplane.api.Protocol;
import io.sluice.dataplane.connection.ConnectionRecord;
import io.sluice.dataplane.connection.ConnectionTable;
import io.sluice.dataplane.connection.TcpState;
import io.sluice.dataplane.wire.Address;
import java.lang.foreign.MemorySegment;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.IntSupplier;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * Copies connections out of the hot table for people: a piece at a time on the path thread, so that packets never wait long,
 * and the filter runs on the caller's.
 */
public final class ConnectionLister {
    /** Slots copied in one go: some tens of microseconds. */
    private static final int PIECE = 512;

    private final ConnectionTable table;
    private final IntSupplier nowSeconds;

    /**
     * For a lane's table.
     *
     * @param table      the connections
     * @param nowSeconds the time
     */
    public ConnectionLister(final ConnectionTable table, final IntSupplier nowSeconds) {
        this.table = table;
        this.nowSeconds = nowSeconds;
    }

    /**
     * Lists connections.
     *
     * @param ask    runs a question on the path thread and returns its answer
     * @param filter which ones
     * @param limit  at most this many
     * @return copies
     */
    public List<ConnectionView> list(final Function<Supplier<List<ConnectionView>>, List<ConnectionView>> ask,
                                     final Predicate<ConnectionView> filter, final int limit) {
        final List<ConnectionView> found = new ArrayList<>();
        final int[] next = {0};
        boolean more = true;
        while (more && found.size() < limit) {
            final List<ConnectionView> piece = ask.apply(() -> copy(next));
            piece.stream().filter(filter).limit(limit - found.size()).forEach(found::add);
            more = next[0] >= 0;
        }
        return found;
    }

    /** Copies a piece; sets the position behind it, or -1 at the end. */
    private List<ConnectionView> copy(final int[] next) {
        final List<ConnectionView> views = new ArrayList<>();
        final int bound = table.slotBound();
        final int end = Math.min(next[0] + PIECE, bound);
        final int now = nowSeconds.getAsInt();
        for (int slot = next[0]; slot < end; slot++) {
            if (table.isUsed(slot)) {
                views.add(view(table.record(slot), now));
            }
        }
        next[0] = end == bound ? -1 : end;
        return views;
    }

    private ConnectionView view(final long record, final int now) {
        final MemorySegment memory = table.memory();
        return new ConnectionView(Protocol.of(ConnectionRecord.u8(memory, record, ConnectionRecord.PROTOCOL_OFFSET)),
            TcpState.name(ConnectionRecord.u8(memory, record, ConnectionRecord.STATE_OFFSET)),
            endpoint(record, ConnectionRecord.CLIENT_ADDRESS_OFFSET, ConnectionRecord.CLIENT_PORT_OFFSET),
            endpoint(record, ConnectionRecord.VIRTUAL_ADDRESS_OFFSET, ConnectionRecord.VIRTUAL_PORT_OFFSET),
            endpoint(record, ConnectionRecord.LOCAL_ADDRESS_OFFSET, ConnectionRecord.LOCAL_PORT_OFFSET),
            endpoint(record, ConnectionRecord.REAL_ADDRESS_OFFSET, ConnectionRecord.REAL_PORT_OFFSET),
            ConnectionRecord.i32(memory, record, ConnectionRecord.OPENED_AT_OFFSET) & 0xffff_ffffL,
            now - ConnectionRecord.i32(memory, record, ConnectionRecord.LAST_SEEN_OFFSET),
            ConnectionRecord.i32(memory, record, ConnectionRecord.IDLE_TIMEOUT_OFFSET));
    }

    private InetSocketAddress endpoint(final long record, final int address, final int port) {
        final MemorySegment memory = table.memory();
        return new InetSocketAddress(Address.toInetAddress(ConnectionRecord.i64(memory, record, address),
            ConnectionRecord.i64(memory, record, address + 8)), ConnectionRecord.u16(memory, record, port));
    }
}
