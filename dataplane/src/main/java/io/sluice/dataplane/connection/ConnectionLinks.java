package io.sluice.dataplane.connection;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * What a lane keeps beside a {@link ConnectionRecord}: nothing here leaves the process.
 *
 * <pre>
 *        0               1               2               3
 *      +---------------------------------------------------------------+
 *   0  |          next slot in its wheel bucket or free list           |
 *   4  |                previous slot in its wheel bucket              |
 *   8  |               tick at which the wheel visits it               |
 *  12  |                          listener id                          |
 *      +---------------------------------------------------------------+
 *  16  |                           backend id                          |
 *  20  |                     lease index in its pool                   |
 *  24  |            generation that the adjacencies are of             |
 *  28  |              adjacency towards the real server                |
 *      +---------------------------------------------------------------+
 *  32  |                adjacency towards the client                   |
 *  36  |                       state last stored                       |
 *  40  |             last packet when it was last stored               |
 *  44  | client scale  | server scale  |           reserved            |
 *      +---------------------------------------------------------------+
 *  48  |                        reserved (8 bytes)                     |
 *  56  |              client's largest window, in bytes                |
 *  60  |              server's largest window, in bytes                |
 *      +---------------------------------------------------------------+
 * </pre>
 *
 * <p>A scale is the shift of a side's windows (RFC 7323, 2.2) plus 1; 0 means that it is not known. Native byte order; used by
 * the lane's path thread only.
 */
public final class ConnectionLinks {
    /** Bytes, so that record and links fill three cache lines. */
    public static final int LENGTH = 64;

    /** Offset of the listener's id, from the start of the record. */
    public static final int LISTENER_OFFSET = ConnectionRecord.LENGTH + 12;
    /** Offset of the backend's id, from the start of the record. */
    public static final int BACKEND_OFFSET = ConnectionRecord.LENGTH + 16;
    /** Offset of the lease's index in its pool, from the start of the record. */
    public static final int LEASE_OFFSET = ConnectionRecord.LENGTH + 20;
    /** Offset of the generation of the adjacencies, from the start of the record. */
    public static final int GENERATION_OFFSET = ConnectionRecord.LENGTH + 24;
    /** Offset of the adjacency towards the real server, from the start of the record. */
    public static final int SERVER_ADJACENCY_OFFSET = ConnectionRecord.LENGTH + 28;
    /** Offset of the adjacency towards the client, from the start of the record. */
    public static final int CLIENT_ADJACENCY_OFFSET = ConnectionRecord.LENGTH + 32;
    /** Offset of the state last stored, from the start of the record. */
    public static final int STORED_STATE_OFFSET = ConnectionRecord.LENGTH + 36;
    /** Offset of the time of the last packet when it was last stored, from the start of the record. */
    public static final int STORED_LAST_SEEN_OFFSET = ConnectionRecord.LENGTH + 40;

    /** Offset of the client's window scale, a byte, from the start of the record. */
    public static final int CLIENT_SCALE_OFFSET = ConnectionRecord.LENGTH + 44;
    /** Offset of the server's window scale, a byte, from the start of the record. */
    public static final int SERVER_SCALE_OFFSET = ConnectionRecord.LENGTH + 45;
    /** Offset of the largest window that the client has offered, from the start of the record. */
    public static final int CLIENT_WINDOW_OFFSET = ConnectionRecord.LENGTH + 56;
    /** Offset of the largest window that the server has offered, from the start of the record. */
    public static final int SERVER_WINDOW_OFFSET = ConnectionRecord.LENGTH + 60;

    private static final int NEXT_OFFSET = ConnectionRecord.LENGTH;
    private static final int PREVIOUS_OFFSET = ConnectionRecord.LENGTH + 4;
    private static final int TICK_OFFSET = ConnectionRecord.LENGTH + 8;

    private ConnectionLinks() {
    }

    /**
     * Reads a field.
     *
     * @param memory where the record is
     * @param record offset of its first byte
     * @param field  an {@code _OFFSET} of this class
     * @return the number
     */
    public static int get(final MemorySegment memory, final long record, final int field) {
        return memory.get(ValueLayout.JAVA_INT, record + field);
    }

    /**
     * Writes a field.
     *
     * @param memory where the record is
     * @param record offset of its first byte
     * @param field  an {@code _OFFSET} of this class
     * @param value  the number
     */
    public static void set(final MemorySegment memory, final long record, final int field, final int value) {
        memory.set(ValueLayout.JAVA_INT, record + field, value);
    }

    static int next(final MemorySegment memory, final long record) {
        return memory.get(ValueLayout.JAVA_INT, record + NEXT_OFFSET);
    }

    static void next(final MemorySegment memory, final long record, final int slot) {
        memory.set(ValueLayout.JAVA_INT, record + NEXT_OFFSET, slot);
    }

    static int previous(final MemorySegment memory, final long record) {
        return memory.get(ValueLayout.JAVA_INT, record + PREVIOUS_OFFSET);
    }

    static void previous(final MemorySegment memory, final long record, final int slot) {
        memory.set(ValueLayout.JAVA_INT, record + PREVIOUS_OFFSET, slot);
    }

    static int tick(final MemorySegment memory, final long record) {
        return memory.get(ValueLayout.JAVA_INT, record + TICK_OFFSET);
    }

    static void tick(final MemorySegment memory, final long record, final int value) {
        memory.set(ValueLayout.JAVA_INT, record + TICK_OFFSET, value);
    }
}
