package io.sluice.dataplane.connection;

import io.sluice.dataplane.os.ffm.AnonymousMemory;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * The hot table of one lane: every connection under two keys, as the client sees it and as the real server sees it.
 *
 * <pre>
 *   index (8 bytes an entry, linear probing)         records (192 bytes each, three cache lines)
 *   +----------------------+--------------+          +-------------------------------+----------------------+
 *   | 32 bits of the hash  | handle + 1   | -------> | ConnectionRecord (128 bytes)  | ConnectionLinks (64) |
 *   +----------------------+--------------+          +-------------------------------+----------------------+
 *                            handle = slot * 2 + side
 * </pre>
 *
 * <p>Off-heap and of fixed size: memory costs nothing until records are used. Used by the lane's path thread only.
 */
public final class ConnectionTable {
    /** {@link #find}: there is none. */
    public static final int NONE = -1;
    /** Side of a handle: the packet came from the client. */
    public static final int FROM_CLIENT = 0;
    /** Side of a handle: the packet came from the real server. */
    public static final int FROM_SERVER = 1;
    /** Bytes of a record and what the lane keeps beside it. */
    public static final int STRIDE = ConnectionRecord.LENGTH + ConnectionLinks.LENGTH;

    /** Most flows that {@link #touch} takes at a time: about as many as a core has reads from memory under way. */
    public static final int TOUCHED_AT_ONCE = 16;

    private static final int MAX_CAPACITY = 1 << 28;
    private static final int CACHE_LINE = 64;

    private final FlowHash hash;
    private final MemorySegment records;
    private final MemorySegment index;
    private final int indexMask;
    private final int capacity;
    private int size;
    private int untouched;
    private int freeHead = NONE;
    private final long[] entries = new long[TOUCHED_AT_ONCE];
    /** Where the reads of {@link #touch} go, so that the compiler does not leave them out. */
    private long touched;

    /**
     * An empty table.
     *
     * @param capacity connections it can hold, 1 to 2^28
     */
    public ConnectionTable(final int capacity) {
        this(capacity, new FlowHash());
    }

    ConnectionTable(final int capacity, final FlowHash hash) {
        if (capacity < 1 || capacity > MAX_CAPACITY) {
            throw new IllegalArgumentException("capacity " + capacity + " is not within 1 and " + MAX_CAPACITY);
        }
        this.hash = hash;
        this.capacity = capacity;
        // Two keys a connection and at most two thirds full.
        final int entries = Math.max(16, Integer.highestOneBit(capacity * 3 - 1) << 1);
        this.indexMask = entries - 1;
        this.index = AnonymousMemory.mapForRandomAccess((long) entries * Long.BYTES);
        this.records = AnonymousMemory.mapForRandomAccess((long) capacity * STRIDE);
    }

    /**
     * The memory of all records.
     *
     * @return segment that {@link #record} is an offset of
     */
    public MemorySegment memory() {
        return records;
    }

    /**
     * Where a connection's record is.
     *
     * @param slot from {@link #slot} or {@link #allocate}
     * @return offset in {@link #memory()}
     */
    public long record(final int slot) {
        return (long) slot * STRIDE;
    }

    /**
     * The slot of a handle.
     *
     * @param handle from {@link #find}
     * @return slot number
     */
    public static int slot(final int handle) {
        return handle >>> 1;
    }

    /**
     * The side of a handle.
     *
     * @param handle from {@link #find}
     * @return {@link #FROM_CLIENT} or {@link #FROM_SERVER}
     */
    public static int side(final int handle) {
        return handle & 1;
    }

    /**
     * Connections in the table.
     *
     * @return 0 to {@link #capacity()}
     */
    public int size() {
        return size;
    }

    /**
     * Connections it can hold.
     *
     * @return the limit
     */
    public int capacity() {
        return capacity;
    }

    /**
     * Slots that have ever been used: every connection's slot is below.
     *
     * @return exclusive bound for a walk with {@link #isUsed}
     */
    public int slotBound() {
        return untouched;
    }

    /**
     * Whether a slot holds a connection.
     *
     * @param slot 0 to {@link #slotBound()} - 1
     * @return false if it is free
     */
    public boolean isUsed(final int slot) {
        return ConnectionRecord.u8(records, record(slot), ConnectionRecord.FORMAT_OFFSET) != 0;
    }

    /**
     * Finds the connection that a packet belongs to.
     *
     * @param protocol        protocol number
     * @param sourceHigh      source, first eight bytes (IPv4 mapped)
     * @param sourceLow       source, last eight bytes
     * @param sourcePort      source port
     * @param destinationHigh destination, first eight bytes
     * @param destinationLow  destination, last eight bytes
     * @param destinationPort destination port
     * @return a handle, or {@link #NONE}
     */
    public int find(final int protocol, final long sourceHigh, final long sourceLow, final int sourcePort,
                    final long destinationHigh, final long destinationLow, final int destinationPort) {
        return find(tag(protocol, sourceHigh, sourceLow, sourcePort, destinationHigh, destinationLow, destinationPort), protocol,
            sourceHigh, sourceLow, sourcePort, destinationHigh, destinationLow, destinationPort);
    }

    /**
     * Finds the connection that a packet belongs to, by a tag computed before.
     *
     * @param tag             from {@link #tag(int, long, long, int, long, long, int)} for the same flow
     * @param protocol        protocol number
     * @param sourceHigh      source, first eight bytes (IPv4 mapped)
     * @param sourceLow       source, last eight bytes
     * @param sourcePort      source port
     * @param destinationHigh destination, first eight bytes
     * @param destinationLow  destination, last eight bytes
     * @param destinationPort destination port
     * @return a handle, or {@link #NONE}
     */
    public int find(final int tag, final int protocol, final long sourceHigh, final long sourceLow, final int sourcePort,
                    final long destinationHigh, final long destinationLow, final int destinationPort) {
        int at = tag & indexMask;
        while (true) {
            final long entry = index.getAtIndex(ValueLayout.JAVA_LONG, at);
            if (entry == 0) {
                return NONE;
            }
            if ((int) (entry >>> 32) == tag) {
                final int handle = (int) entry - 1;
                if (matches(handle, protocol, sourceHigh, sourceLow, sourcePort, destinationHigh, destinationLow,
                    destinationPort)) {
                    return handle;
                }
            }
            at = at + 1 & indexMask;
        }
    }

    /**
     * What the index knows a flow by.
     *
     * @param protocol        protocol number
     * @param sourceHigh      source, first eight bytes (IPv4 mapped)
     * @param sourceLow       source, last eight bytes
     * @param sourcePort      source port
     * @param destinationHigh destination, first eight bytes
     * @param destinationLow  destination, last eight bytes
     * @param destinationPort destination port
     * @return 32 well-mixed bits
     */
    public int tag(final int protocol, final long sourceHigh, final long sourceLow, final int sourcePort,
                   final long destinationHigh, final long destinationLow, final int destinationPort) {
        return tag(hash.of(protocol, sourceHigh, sourceLow, sourcePort, destinationHigh, destinationLow, destinationPort));
    }

    /**
     * Brings what the look-ups of several flows will read into the processor's cache. The reads of one flow depend on each other,
     * those of several do not: the processor waits for memory about once for all of them, rather than three times for each.
     *
     * @param tags  of the flows
     * @param count how many of them
     */
    public void touch(final int[] tags, final int count) {
        for (int i = 0; i < count; i++) {
            entries[i] = index.getAtIndex(ValueLayout.JAVA_LONG, tags[i] & indexMask);
        }
        long read = 0;
        for (int i = 0; i < count; i++) {
            if (entries[i] != 0) {
                final long record = record(slot((int) entries[i] - 1));
                read += records.get(ValueLayout.JAVA_LONG, record) + records.get(ValueLayout.JAVA_LONG, record + CACHE_LINE)
                    + records.get(ValueLayout.JAVA_LONG, record + 2 * CACHE_LINE);
            }
        }
        touched = read;
    }

    /**
     * Takes a zeroed slot for a new connection. It is not found before {@link #link}.
     *
     * @return slot number, or {@link #NONE} if the table is full
     */
    public int allocate() {
        final int slot;
        if (freeHead != NONE) {
            slot = freeHead;
            freeHead = ConnectionLinks.next(records, record(slot));
            clear(record(slot));
        } else if (untouched < capacity) {
            slot = untouched++;
        } else {
            return NONE;
        }
        size++;
        ConnectionRecord.u8(records, record(slot), ConnectionRecord.FORMAT_OFFSET, ConnectionRecord.FORMAT);
        return slot;
    }

    /**
     * Makes a filled record findable under both its keys, which must not be in the table yet.
     *
     * @param slot from {@link #allocate}
     */
    public void link(final int slot) {
        final long record = record(slot);
        insert(tag(clientHash(record)), slot << 1 | FROM_CLIENT);
        insert(tag(serverHash(record)), slot << 1 | FROM_SERVER);
    }

    /**
     * Removes a linked connection and frees its slot.
     *
     * @param slot a used slot
     */
    public void remove(final int slot) {
        final long record = record(slot);
        delete(tag(clientHash(record)), slot << 1 | FROM_CLIENT);
        delete(tag(serverHash(record)), slot << 1 | FROM_SERVER);
        free(slot);
    }

    /**
     * Frees a slot that was never linked.
     *
     * @param slot from {@link #allocate}
     */
    public void free(final int slot) {
        ConnectionRecord.u8(records, record(slot), ConnectionRecord.FORMAT_OFFSET, 0);
        ConnectionLinks.next(records, record(slot), freeHead);
        freeHead = slot;
        size--;
    }

    private void clear(final long record) {
        for (int i = 0; i < STRIDE; i += Long.BYTES) {
            records.set(ValueLayout.JAVA_LONG, record + i, 0L);
        }
    }

    private static int tag(final long flowHash) {
        return (int) (flowHash >>> 32);
    }

    private boolean matches(final int handle, final int protocol, final long sourceHigh, final long sourceLow,
                            final int sourcePort, final long destinationHigh, final long destinationLow,
                            final int destinationPort) {
        final long record = record(slot(handle));
        final boolean fromClient = side(handle) == FROM_CLIENT;
        final int source = fromClient ? ConnectionRecord.CLIENT_ADDRESS_OFFSET : ConnectionRecord.REAL_ADDRESS_OFFSET;
        final int destination = fromClient ? ConnectionRecord.VIRTUAL_ADDRESS_OFFSET : ConnectionRecord.LOCAL_ADDRESS_OFFSET;
        final int ports = fromClient ? ConnectionRecord.CLIENT_PORT_OFFSET : ConnectionRecord.REAL_PORT_OFFSET;
        return ConnectionRecord.i32(records, record, ports) == (sourcePort << 16 | destinationPort)
            && ConnectionRecord.i64(records, record, source + 8) == sourceLow
            && ConnectionRecord.i64(records, record, destination + 8) == destinationLow
            && ConnectionRecord.i64(records, record, source) == sourceHigh
            && ConnectionRecord.i64(records, record, destination) == destinationHigh
            && ConnectionRecord.u8(records, record, ConnectionRecord.PROTOCOL_OFFSET) == protocol;
    }

    private long clientHash(final long record) {
        return hashOf(record, ConnectionRecord.CLIENT_ADDRESS_OFFSET, ConnectionRecord.VIRTUAL_ADDRESS_OFFSET,
            ConnectionRecord.CLIENT_PORT_OFFSET);
    }

    private long serverHash(final long record) {
        return hashOf(record, ConnectionRecord.REAL_ADDRESS_OFFSET, ConnectionRecord.LOCAL_ADDRESS_OFFSET,
            ConnectionRecord.REAL_PORT_OFFSET);
    }

    private long hashOf(final long record, final int source, final int destination, final int ports) {
        return hash.of(ConnectionRecord.u8(records, record, ConnectionRecord.PROTOCOL_OFFSET),
            ConnectionRecord.i64(records, record, source), ConnectionRecord.i64(records, record, source + 8),
            ConnectionRecord.u16(records, record, ports), ConnectionRecord.i64(records, record, destination),
            ConnectionRecord.i64(records, record, destination + 8), ConnectionRecord.u16(records, record, ports + 2));
    }

    private void insert(final int tag, final int handle) {
        int at = tag & indexMask;
        while (index.getAtIndex(ValueLayout.JAVA_LONG, at) != 0) {
            at = at + 1 & indexMask;
        }
        index.setAtIndex(ValueLayout.JAVA_LONG, at, (long) tag << 32 | handle + 1);
    }

    /** Backward-shift deletion: entries that probed past the hole move into it, so that no tombstones are left. */
    private void delete(final int tag, final int handle) {
        final long wanted = (long) tag << 32 | handle + 1;
        int hole = tag & indexMask;
        while (index.getAtIndex(ValueLayout.JAVA_LONG, hole) != wanted) {
            hole = hole + 1 & indexMask;
        }
        int at = hole;
        while (true) {
            at = at + 1 & indexMask;
            final long entry = index.getAtIndex(ValueLayout.JAVA_LONG, at);
            if (entry == 0) {
                break;
            }
            final int home = (int) (entry >>> 32) & indexMask;
            if ((at - home & indexMask) >= (at - hole & indexMask)) {
                index.setAtIndex(ValueLayout.JAVA_LONG, hole, entry);
                hole = at;
            }
        }
        index.setAtIndex(ValueLayout.JAVA_LONG, hole, 0L);
    }
}
