package io.sluice.dataplane.nat;

import io.sluice.dataplane.os.ffm.AnonymousMemory;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.function.IntConsumer;

/**
 * Which ports of a {@link LocalPortPool} one backend uses: each at most once, the longest idle first.
 *
 * <p>The free ones stand in a queue. It is a ring with one slot per port, so it cannot overflow; a slot holds port + 1, and 0
 * means "the port with the slot's own number": a new queue is all zeros, and since the memory is mapped lazily, ports that
 * were never used cost nothing.
 *
 * <pre>
 *     head                        head + queued
 *       v                              v
 *   +---+---+---+---+---+---+---+---+---+---+
 *   |   | 0 | 0 | 0 | 0 | 0 | 1 | 3 | 2 |   |     lease() takes from the head, release() appends
 *   +---+---+---+---+---+---+---+---+---+---+
 * </pre>
 *
 * <p>{@link #reserve} takes a port from the middle of the queue (a connection that was restored). Its entry stays behind and
 * is marked; when the entry comes to the head it is dropped, or, if the port was released meanwhile, sent to the end: such a
 * port may rest longer than needed, never shorter. Two bits per port tell the four cases:
 *
 * <pre>
 *   leased  marked
 *     0       0     free, in the queue
 *     1       0     leased, not in the queue
 *     1       1     reserved, its old entry still in the queue
 *     0       1     reserved and released again, its old entry still in the queue: move it to the end
 * </pre>
 *
 * <p>All operations are O(1), {@link #lease} amortised over reservations. The lane thread calls, except where noted.
 */
public final class PortLeases implements AutoCloseable {
    /** No free port. */
    public static final int NONE = -1;

    // Both bits of a port lie side by side: 64 ports share 16 bytes, first their leased bits, then their marks.
    private static final int TAKEN = 0;
    private static final int MARKED = 8;

    private static final VarHandle LEASED;
    private static final VarHandle EXHAUSTED;

    static {
        try {
            final MethodHandles.Lookup lookup = MethodHandles.lookup();
            LEASED = lookup.findVarHandle(PortLeases.class, "leased", int.class);
            EXHAUSTED = lookup.findVarHandle(PortLeases.class, "exhausted", long.class);
        } catch (final ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final LocalPortPool pool;
    private final long ringOffset;
    private MemorySegment memory;
    private int count;
    private int head;
    private int queued;
    private int leased;
    private long exhausted;

    /**
     * Leases over a pool, from its first port on.
     *
     * @param pool the pool
     */
    public PortLeases(final LocalPortPool pool) {
        this(pool, 0);
    }

    /**
     * Leases over a pool.
     *
     * @param pool  the pool
     * @param start which index is leased first, 0 to the size of the pool - 1; a start that differs from run to run keeps ports that
     *              were busy before a restart idle for longer
     * @throws IllegalArgumentException if the start is not within the pool
     */
    public PortLeases(final LocalPortPool pool, final int start) {
        final int count = pool.size();
        if (start < 0 || start >= count) {
            throw new IllegalArgumentException("pool " + pool.name() + ": " + start + " is not within its " + count + " ports");
        }
        this.pool = pool;
        this.count = count;
        this.head = start;
        this.queued = count;
        this.ringOffset = ((count + 63L) >>> 6) * 16;
        this.memory = AnonymousMemory.map(ringOffset + 4L * count);
    }

    /**
     * Takes the port that has been idle for longest.
     *
     * @return its index in the pool, or {@link #NONE} if all are leased, which is counted here and in the pool
     */
    public int lease() {
        if (leased >= count) {
            EXHAUSTED.setOpaque(this, exhausted + 1);
            pool.countExhausted();
            return NONE;
        }
        while (true) {
            final int port = pop();
            if (isMarked(port)) {
                flip(port, MARKED);
                if (!isTaken(port)) {
                    push(port);
                }
            } else {
                take(port);
                return port;
            }
        }
    }

    /**
     * The port that {@link #lease} would take now, changing nothing. May walk the whole queue after many reservations.
     *
     * @return its index in the pool, or {@link #NONE} if all are leased
     */
    public int peek() {
        int moved = NONE;
        for (int i = 0; i < queued; i++) {
            final int port = entry(slot(i));
            if (!isMarked(port)) {
                return port;
            }
            if (moved == NONE && !isTaken(port)) {
                moved = port;
            }
        }
        return moved;
    }

    /**
     * Takes one particular port.
     *
     * @param port index in the pool
     * @return false if it is leased already or not of this share
     */
    public boolean reserve(final int port) {
        if (port < 0 || port >= count || isTaken(port)) {
            return false;
        }
        if (!isMarked(port)) {
            flip(port, MARKED);
        }
        take(port);
        return true;
    }

    /**
     * Gives a port back: it is leased again after all that are free now.
     *
     * @param port index in the pool
     * @return false, and nothing is done, if it is not leased here
     */
    public boolean release(final int port) {
        if (port < 0 || port >= count || !isTaken(port)) {
            return false;
        }
        flip(port, TAKEN);
        LEASED.setOpaque(this, leased - 1);
        pool.countLeases(-1);
        if (!isMarked(port)) {
            push(port);
        }
        return true;
    }

    /**
     * Whether a port is leased.
     *
     * @param port index in the pool
     * @return false also for ports that are not of this share
     */
    public boolean isLeased(final int port) {
        return port >= 0 && port < count && isTaken(port);
    }

    /**
     * Visits every leased port.
     *
     * @param visitor gets indexes in the pool, ascending
     */
    public void forEachLeased(final IntConsumer visitor) {
        for (int port = 0; port < count; port++) {
            if (isTaken(port)) {
                visitor.accept(port);
            }
        }
    }

    /**
     * The pool that the indexes belong to. Any thread.
     *
     * @return the pool
     */
    public LocalPortPool pool() {
        return pool;
    }

    /**
     * Ports in this share.
     *
     * @return 1 or more, 0 once closed
     */
    public int capacity() {
        return count;
    }

    /**
     * Ports leased now. Any thread.
     *
     * @return 0 to {@link #capacity()}
     */
    public int leased() {
        return (int) LEASED.getOpaque(this);
    }

    /**
     * How often {@link #lease} found none. Any thread.
     *
     * @return 0 or more
     */
    public long exhausted() {
        return (long) EXHAUSTED.getOpaque(this);
    }

    /** Frees the memory; afterwards there is no port to lease or release. Called when the lane uses it no more. */
    @Override
    public void close() {
        if (count > 0) {
            pool.countLeases(-leased);
            count = 0;
            queued = 0;
            LEASED.setOpaque(this, 0);
            AnonymousMemory.unmap(memory);
            memory = MemorySegment.NULL;
        }
    }

    private void take(final int port) {
        flip(port, TAKEN);
        LEASED.setOpaque(this, leased + 1);
        pool.countLeases(1);
    }

    private int pop() {
        final int port = entry(head);
        head = slot(1);
        queued--;
        return port;
    }

    private void push(final int port) {
        memory.set(ValueLayout.JAVA_INT, ringOffset + 4L * slot(queued), port + 1);
        queued++;
    }

    private int entry(final int slot) {
        final int value = memory.get(ValueLayout.JAVA_INT, ringOffset + 4L * slot);
        return value == 0 ? slot : value - 1;
    }

    private int slot(final int afterHead) {
        final long slot = (long) head + afterHead;
        return (int) (slot < count ? slot : slot - count);
    }

    private boolean isTaken(final int port) {
        return (memory.get(ValueLayout.JAVA_LONG, bits(port) + TAKEN) >>> port & 1) != 0;
    }

    private boolean isMarked(final int port) {
        return (memory.get(ValueLayout.JAVA_LONG, bits(port) + MARKED) >>> port & 1) != 0;
    }

    private void flip(final int port, final int which) {
        final long offset = bits(port) + which;
        memory.set(ValueLayout.JAVA_LONG, offset, memory.get(ValueLayout.JAVA_LONG, offset) ^ 1L << port);
    }

    private static long bits(final int port) {
        return (port >>> 6) * 16L;
    }
}
