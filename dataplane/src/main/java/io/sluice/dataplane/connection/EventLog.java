package io.sluice.dataplane.connection;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * The write-ahead log of the table of record: the memory of the Disruptor's events, in a memory-mapped file.
 *
 * <pre>
 *      +-------------------------------+-------------------------------+
 *   0  |                         magic (64 bits)                       |
 *   8  |                   number of slots (64 bits)                   |
 *  16  |                        epoch (64 bits)                        |
 *  64  |       number of the first event not in the table (64 bits)    |
 *      +-------------------------------+-------------------------------+
 * 4096 |              slots of 192 bytes, by number of the event       |
 *      |   0: number of the event plus 1, 0 while it is written (64)   |
 *      |   8: check over epoch, number, kind and record (64)           |
 *      |  16: kind (32)                                                |
 *      |  64: record (128 bytes)                                       |
 *      +---------------------------------------------------------------+
 * </pre>
 *
 * <p>What a lane has published outlives the process although the table's thread has not seen it yet: the next process repeats
 * it. So no packet waits for the table, and the table's thread need not be woken for every connection. Repeating an event that
 * the table already has does no harm, since they are repeated in order up to the last.
 *
 * <p>Every process numbers its events from 0 in an epoch of its own; the slots of earlier epochs fail the check.
 *
 * <p>A lane writes the slots it has claimed, the table's thread the number of the first event it has not dealt with. The page
 * cache keeps the order of stores when the process is killed; the check is for what a power failure or a damaged disk leaves.
 * Numbers are in native byte order.
 */
public final class EventLog {
    /** The file's name. */
    static final String FILE = "events";

    private static final long MAGIC = 0x3147_4f4c_4543_4c53L;
    private static final long CAPACITY = 8;
    private static final long EPOCH = 16;
    private static final long UNKEPT = 64;
    private static final int HEADER_BYTES = 4096;
    private static final int SLOT_BYTES = 192;
    private static final long CHECK = 8;
    private static final long KIND = 16;
    private static final long RECORD = 64;
    /** 5 000 000 slots: more was not written by us, and would not fit an array. */
    private static final long MAX_FILE_BYTES = 1L << 30;
    private static final long MULTIPLIER = 0x9e37_79b9_7f4a_7c15L;

    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED;
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED;
    private static final VarHandle NUMBER = ValueLayout.JAVA_LONG.varHandle();
    private static final ConnectionEvent.Kind[] KINDS = ConnectionEvent.Kind.values();

    private final MemorySegment memory;
    private final int capacity;
    private final long epoch;

    /** Takes what an earlier process had published and not kept. */
    interface Unkept {
        /**
         * An event, in the order they were published.
         *
         * @param kind   what happened
         * @param record the connection, from offset 0
         */
        void repeat(ConnectionEvent.Kind kind, MemorySegment record);
    }

    private EventLog(final MemorySegment memory, final int capacity) {
        this.memory = memory;
        this.capacity = capacity;
        this.epoch = memory.get(LONG, EPOCH) + 1;
        memory.set(LONG, CAPACITY, capacity);
        memory.set(LONG, EPOCH, epoch);
        memory.set(LONG, UNKEPT, 0L);
        VarHandle.storeStoreFence();
        memory.set(LONG, 0, MAGIC);
    }

    /**
     * A log that ends with the process.
     *
     * @param capacity events, a power of two
     * @return an empty log
     */
    public static EventLog inMemory(final int capacity) {
        return new EventLog(Arena.ofAuto().allocate(bytes(capacity), Long.BYTES * 8), capacity);
    }

    /**
     * Begins a log in place of an earlier one, whose events must have been stored.
     *
     * @param directory where its file goes
     * @param capacity  events, a power of two
     * @return an empty log
     * @throws IOException if there is no room, or the directory cannot be written
     */
    static EventLog begin(final Path directory, final int capacity) throws IOException {
        try (FileChannel channel = FileChannel.open(directory.resolve(FILE), StandardOpenOption.CREATE, StandardOpenOption.READ,
            StandardOpenOption.WRITE)) {
            if (channel.size() != bytes(capacity)) {
                channel.truncate(0);
                // Written, not just sized: a hole could meet a full disk later, as a fault in the middle of a store.
                final ByteBuffer zeros = ByteBuffer.allocate(bytes(capacity));
                while (zeros.hasRemaining()) {
                    channel.write(zeros, zeros.position());
                }
            }
            // Unmapped by the collector: a lane may still hold an event while the store is being closed.
            return new EventLog(channel.map(FileChannel.MapMode.READ_WRITE, 0, bytes(capacity), Arena.ofAuto()), capacity);
        }
    }

    /**
     * Repeats what an earlier process had published and not kept. The file is read, not mapped, and stays as it is.
     *
     * @param directory where its file is, if there is one
     * @param unkept    takes the events
     * @return false if there is a file and it is none of ours or not whole
     * @throws IOException if it cannot be read
     */
    static boolean repeat(final Path directory, final Unkept unkept) throws IOException {
        final Path file = directory.resolve(FILE);
        if (!Files.exists(file)) {
            return true;
        }
        final long size = Files.size(file);
        if (size < HEADER_BYTES || size > MAX_FILE_BYTES) {
            return false;
        }
        final MemorySegment memory = MemorySegment.ofArray(Files.readAllBytes(file));
        final long capacity = memory.byteSize() < HEADER_BYTES ? 0 : memory.get(LONG, CAPACITY);
        if (memory.get(LONG, 0) != MAGIC || Long.bitCount(capacity) != 1 || capacity > Integer.MAX_VALUE / SLOT_BYTES
            || memory.byteSize() != bytes((int) capacity)) {
            return false;
        }
        final long first = memory.get(LONG, UNKEPT);
        final long epoch = memory.get(LONG, EPOCH);
        for (long event = first; event < first + capacity; event++) {
            final long slot = HEADER_BYTES + (event & capacity - 1) * SLOT_BYTES;
            final int kind = memory.get(INT, slot + KIND);
            // A lane that was killed before it had filled its slot leaves a hole; nobody has heard of that event.
            if (memory.get(LONG, slot) == event + 1 && kind >= 0 && kind < KINDS.length
                && memory.get(LONG, slot + CHECK) == check(memory, slot, epoch, event, kind)) {
                unkept.repeat(KINDS[kind], memory.asSlice(slot + RECORD, ConnectionRecord.LENGTH));
            }
        }
        return true;
    }

    /**
     * How many events have room.
     *
     * @return a power of two
     */
    int capacity() {
        return capacity;
    }

    /**
     * Writes an event into its slot. When this returns, it outlives the process. Called by the lane that claimed the number.
     *
     * @param event  its number, 0 or more
     * @param kind   what happened
     * @param source where the lane's record is
     * @param from   offset of its first byte
     */
    void write(final long event, final ConnectionEvent.Kind kind, final MemorySegment source, final long from) {
        final long slot = slot(event);
        NUMBER.setOpaque(memory, slot, 0L);
        VarHandle.storeStoreFence();
        MemorySegment.copy(source, from, memory, slot + RECORD, ConnectionRecord.LENGTH);
        memory.set(INT, slot + KIND, kind.ordinal());
        memory.set(LONG, slot + CHECK, check(memory, slot, epoch, event, kind.ordinal()));
        NUMBER.setRelease(memory, slot, event + 1);
    }

    /**
     * The record of a slot.
     *
     * @param index number of the slot
     * @return {@link ConnectionRecord#LENGTH} bytes
     */
    MemorySegment record(final int index) {
        return memory.asSlice(slot(index) + RECORD, ConnectionRecord.LENGTH);
    }

    /**
     * Notes that the table has an event and all before it. Called by the table's thread.
     *
     * @param event its number
     */
    void kept(final long event) {
        NUMBER.setRelease(memory, UNKEPT, event + 1);
    }

    private long slot(final long event) {
        return HEADER_BYTES + (event & capacity - 1) * SLOT_BYTES;
    }

    /**
     * Size of the file.
     *
     * @param capacity events
     * @return bytes
     */
    static int bytes(final int capacity) {
        return Math.addExact(HEADER_BYTES, Math.multiplyExact(capacity, SLOT_BYTES));
    }

    private static long check(final MemorySegment memory, final long slot, final long epoch, final long event, final int kind) {
        long check = (epoch ^ Long.rotateLeft(event, 32)) * MULTIPLIER + kind;
        for (long at = RECORD; at < RECORD + ConnectionRecord.LENGTH; at += Long.BYTES) {
            check = (Long.rotateLeft(check, 23) ^ memory.get(LONG, slot + at)) * MULTIPLIER;
        }
        return check;
    }
}
