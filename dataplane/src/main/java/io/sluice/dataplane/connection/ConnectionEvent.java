package io.sluice.dataplane.connection;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * A slot of the Disruptor between the lanes and whoever keeps or sends connections (table of record, session sync, flow log).
 *
 * <p>The record is a copy made by the lane; consumers only read it. Made once, with the ring.
 */
public final class ConnectionEvent {
    /** What happened. */
    public enum Kind {
        /** The server answered; from here on the connection survives a restart. */
        OPENED,
        /** State, owner or idle time changed. */
        CHANGED,
        /** It is gone from the lane's table. */
        CLOSED
    }

    private final MemorySegment record;
    private Kind kind = Kind.CHANGED;

    /** An event with memory of its own, outside of any ring. */
    public ConnectionEvent() {
        this(Arena.ofAuto().allocate(ConnectionRecord.LENGTH, 64));
    }

    /**
     * A slot of a ring.
     *
     * @param record its memory, {@link ConnectionRecord#LENGTH} bytes
     */
    ConnectionEvent(final MemorySegment record) {
        this.record = record;
    }

    /**
     * Fills an event that has memory of its own.
     *
     * @param what   what happened
     * @param memory where the lane's record is
     * @param from   offset of its first byte
     */
    public void set(final Kind what, final MemorySegment memory, final long from) {
        kind = what;
        MemorySegment.copy(memory, from, record, 0, ConnectionRecord.LENGTH);
    }

    /**
     * Says what the record, which is already in its memory, is about.
     *
     * @param what what happened
     */
    void set(final Kind what) {
        kind = what;
    }

    /**
     * What happened.
     *
     * @return the kind
     */
    public Kind kind() {
        return kind;
    }

    /**
     * The record, {@link ConnectionRecord#LENGTH} bytes from offset 0.
     *
     * @return memory that is valid until the consumer's sequence passes this event
     */
    public MemorySegment record() {
        return record;
    }
}
