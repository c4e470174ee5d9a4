package io.sluice.dataplane.connection;

import java.lang.foreign.MemorySegment;

/**
 * Where a lane tells of its connections. Never blocks: what does not fit is refused, and the lane tries again later.
 */
public interface ConnectionEvents {
    /** {@link #publish}: there was no room. */
    long REFUSED = -1;

    /**
     * Tells of a connection.
     *
     * @param kind   what happened
     * @param memory where the record is
     * @param record offset of it; copied
     * @return number of the event, 0 or more; or {@link #REFUSED} if there was no room
     */
    long publish(ConnectionEvent.Kind kind, MemorySegment memory, long record);

    /**
     * Whether everybody told has dealt with an event.
     *
     * @param event number of the event
     * @return true once it would survive the process
     */
    boolean isKept(long event);
}
