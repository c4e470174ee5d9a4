package io.sluice.dataplane.connection;

import java.lang.foreign.MemorySegment;

/**
 * Where a lane tells of its connections. Never blocks: what does not fit is refused, and the lane tries again later.
 */
public interface ConnectionEvents {
    /**
     * Tells of a connection.
     *
     * @param kind   what happened
     * @param memory where the record is
     * @param record offset of it; copied
     * @return true once it would survive the process; false if there was no room
     */
    boolean publish(ConnectionEvent.Kind kind, MemorySegment memory, long record);
}
