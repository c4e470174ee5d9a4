package io.sluice.dataplane.connection;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * Visits connections when they may have been idle for too long: a hashed wheel of one-second buckets whose lists run through
 * the records themselves, so it costs no memory and every operation is O(1).
 *
 * <p>A packet does not touch the wheel. It only writes the time into the record; when the wheel comes by, the visitor looks
 * whether the connection is really idle and says when to come again.
 *
 * <p>Used by the lane's path thread only. Times are whole seconds of one monotonic clock.
 */
public final class ExpiryWheel {
    private static final int NONE = -1;
    private static final int BUCKETS = 4096;
    private static final int MASK = BUCKETS - 1;

    private final ConnectionTable table;
    private final int[] heads = new int[BUCKETS];
    private int now;

    /**
     * A wheel over a table's records.
     *
     * @param table      the connections
     * @param nowSeconds where the clock stands
     */
    public ExpiryWheel(final ConnectionTable table, final int nowSeconds) {
        this.table = table;
        this.now = nowSeconds;
        Arrays.fill(heads, NONE);
    }

    /**
     * Where the wheel stands.
     *
     * @return whole seconds
     */
    public int nowSeconds() {
        return now;
    }

    /** Decides about a connection when its time has come. */
    public interface Visitor {
        /**
         * Looks at a connection.
         *
         * @param slot       the connection, taken out of the wheel
         * @param nowSeconds the time
         * @return seconds from now until the next visit, 1 or more; or 0 if the connection is gone
         */
        int visit(int slot, int nowSeconds);
    }

    /**
     * Puts a connection into the wheel.
     *
     * @param slot         a connection that is not in the wheel
     * @param afterSeconds when to visit it, 1 or more; beyond the wheel's size it is visited early, which does no harm
     */
    public void schedule(final int slot, final int afterSeconds) {
        final MemorySegment memory = table.memory();
        final long record = table.record(slot);
        final int tick = now + Math.clamp(afterSeconds, 1, BUCKETS - 1);
        final int bucket = tick & MASK;
        final int head = heads[bucket];
        ConnectionLinks.tick(memory, record, tick);
        ConnectionLinks.previous(memory, record, NONE);
        ConnectionLinks.next(memory, record, head);
        if (head != NONE) {
            ConnectionLinks.previous(memory, table.record(head), slot);
        }
        heads[bucket] = slot;
    }

    /**
     * Takes a connection out of the wheel.
     *
     * @param slot a connection that is in the wheel
     */
    public void cancel(final int slot) {
        final MemorySegment memory = table.memory();
        final long record = table.record(slot);
        final int next = ConnectionLinks.next(memory, record);
        final int previous = ConnectionLinks.previous(memory, record);
        if (previous == NONE) {
            heads[ConnectionLinks.tick(memory, record) & MASK] = next;
        } else {
            ConnectionLinks.next(memory, table.record(previous), next);
        }
        if (next != NONE) {
            ConnectionLinks.previous(memory, table.record(next), previous);
        }
    }

    /**
     * Moves a connection to an earlier or later visit.
     *
     * @param slot         a connection that is in the wheel
     * @param afterSeconds when to visit it
     */
    public void reschedule(final int slot, final int afterSeconds) {
        cancel(slot);
        schedule(slot, afterSeconds);
    }

    /**
     * Turns the wheel.
     *
     * @param nowSeconds the time; going backwards does nothing
     * @param visitor    decides about each connection whose time has come
     * @param limit      visits at most this many; the rest is done by the next call
     * @return visits made
     */
    public int advance(final int nowSeconds, final Visitor visitor, final int limit) {
        int visits = 0;
        while (now - nowSeconds < 0) {
            final int bucket = now + 1 & MASK;
            int slot;
            while ((slot = heads[bucket]) != NONE) {
                if (visits == limit) {
                    return visits;
                }
                cancel(slot);
                visits++;
                final int again = visitor.visit(slot, nowSeconds);
                if (again > 0) {
                    schedule(slot, again + nowSeconds - now);
                }
            }
            now++;
        }
        return visits;
    }
}
