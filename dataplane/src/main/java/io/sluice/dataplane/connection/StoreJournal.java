package io.sluice.dataplane.connection;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.zip.CRC32C;

/**
 * One page of memory-mapped file beside the shards: the write that is under way, and how many records each shard holds.
 *
 * <pre>
 *      +-------------------------------+-------------------------------+
 *   0  |                         magic (64 bits)                       |
 *      +-------------------------------+-------------------------------+
 *   8  |       under way (32 bits)     |        shard (32 bits)        |
 *      +-------------------------------+-------------------------------+
 *  16  |            records in that shard afterwards (64 bits)         |
 *      +---------------------------------------------------------------+
 *  24  |           CRC-32C of shard, count and record (64 bits)        |
 *      +---------------------------------------------------------------+
 *  64  |                      record (128 bytes)                       |
 *      +---------------------------------------------------------------+
 * 192  |           records per shard, 64 of 64 bits                    |
 *      +---------------------------------------------------------------+
 * </pre>
 *
 * <p>A process killed while Chronicle Map replaces a value leaves an entry whose checksum is wrong, and recovery drops it: the
 * connection would be lost although it had been stored before. The journal has the new record, so the write is done again after
 * recovery. Doing a write twice does no harm. The counts tell how many records damage has cost.
 *
 * <p>One writer at a time; the page cache keeps the order of its stores when the process is killed. Numbers are little-endian.
 */
final class StoreJournal {
    /** The file's name. */
    static final String FILE = "journal";
    /** Most shards there can be. */
    static final int MAX_SHARDS = 64;

    private static final long MAGIC = 0x314a_4543_4955_4c53L;
    private static final int PAGE = 4096;
    private static final long UNDER_WAY = 8;
    private static final long SHARD = 12;
    private static final long COUNT_AFTER = 16;
    private static final long CRC = 24;
    private static final long RECORD = 64;
    private static final long COUNTS = 192;
    private static final int NOTHING = 0;
    private static final int PUT = 1;
    private static final int REMOVE = 2;

    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;
    private static final VarHandle UNDER_WAY_HANDLE = INT.varHandle();
    private static final VarHandle COUNT_HANDLE = LONG.varHandle();

    private final MemorySegment page;
    private final ByteBuffer checked;
    private final CRC32C crc = new CRC32C();

    private StoreJournal(final Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            // Unmapped by the collector: other threads may ask for a count while the store is being closed.
            this.page = channel.map(FileChannel.MapMode.READ_WRITE, 0, PAGE, Arena.ofAuto());
        }
        this.checked = page.asSlice(RECORD, ConnectionRecord.LENGTH).asByteBuffer();
    }

    /**
     * Makes an empty journal, replacing any other.
     *
     * @param generation directory of the shards
     * @return the journal, all counts 0
     * @throws IOException if it cannot be written
     */
    static StoreJournal create(final Path generation) throws IOException {
        final Path file = generation.resolve(FILE);
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE)) {
            // Written, not just sized: a hole could meet a full disk later, as a fault in the middle of a store.
            channel.write(ByteBuffer.allocate(PAGE), 0);
        }
        final StoreJournal journal = new StoreJournal(file);
        journal.page.set(LONG, 0, MAGIC);
        return journal;
    }

    /**
     * Opens the journal of an earlier process.
     *
     * @param generation directory of the shards
     * @return the journal, or null if it is absent or damaged
     * @throws IOException if it cannot be read
     */
    static StoreJournal open(final Path generation) throws IOException {
        final Path file = generation.resolve(FILE);
        if (!file.toFile().isFile() || file.toFile().length() != PAGE) {
            return null;
        }
        final StoreJournal journal = new StoreJournal(file);
        return journal.page.get(LONG, 0) == MAGIC ? journal : null;
    }

    /**
     * Notes a write before it is done.
     *
     * @param remove     whether it removes the record rather than putting it
     * @param shard      where it goes
     * @param record     the record, from offset 0
     * @param countAfter how many records the shard has afterwards
     */
    void begin(final boolean remove, final int shard, final MemorySegment record, final long countAfter) {
        MemorySegment.copy(record, 0, page, RECORD, ConnectionRecord.LENGTH);
        page.set(INT, SHARD, shard);
        page.set(LONG, COUNT_AFTER, countAfter);
        page.set(LONG, CRC, check());
        UNDER_WAY_HANDLE.setRelease(page, UNDER_WAY, remove ? REMOVE : PUT);
        VarHandle.storeStoreFence();
    }

    /** The write that was begun is done. */
    void done() {
        VarHandle.releaseFence();
        count(page.get(INT, SHARD), page.get(LONG, COUNT_AFTER));
        UNDER_WAY_HANDLE.setRelease(page, UNDER_WAY, NOTHING);
    }

    /** The write that was begun was refused and has changed nothing, or has been repeated. */
    void forget() {
        UNDER_WAY_HANDLE.setRelease(page, UNDER_WAY, NOTHING);
    }

    /**
     * Whether an earlier process ended in the middle of a write.
     *
     * @return true if {@link #pendingRecord} is to be put or removed again
     */
    boolean pending() {
        final int underWay = page.get(INT, UNDER_WAY);
        return (underWay == PUT || underWay == REMOVE) && page.get(LONG, CRC) == check();
    }

    /**
     * Whether the pending write is a removal.
     *
     * @return false for a put
     */
    boolean pendingRemove() {
        return page.get(INT, UNDER_WAY) == REMOVE;
    }

    /**
     * The record of the pending write.
     *
     * @return a copy
     */
    MemorySegment pendingRecord() {
        return Arena.ofAuto().allocate(ConnectionRecord.LENGTH, Long.BYTES).copyFrom(page.asSlice(RECORD, ConnectionRecord.LENGTH));
    }

    /**
     * How many records a shard should hold, after a pending write has been repeated.
     *
     * @param shard the shard
     * @return a number that is only as good as the file; may be nonsense if that was damaged
     */
    long expected(final int shard) {
        return pending() && page.get(INT, SHARD) == shard ? page.get(LONG, COUNT_AFTER) : count(shard);
    }

    /**
     * How many records a shard holds. Any thread.
     *
     * @param shard the shard
     * @return the count
     */
    long count(final int shard) {
        return (long) COUNT_HANDLE.getAcquire(page, COUNTS + (long) shard * Long.BYTES);
    }

    /**
     * Corrects the count of a shard.
     *
     * @param shard the shard
     * @param count what it really holds
     */
    void count(final int shard, final long count) {
        COUNT_HANDLE.setRelease(page, COUNTS + (long) shard * Long.BYTES, count);
    }

    private long check() {
        crc.reset();
        crc.update(checked.clear());
        return crc.getValue() ^ page.get(LONG, COUNT_AFTER) * 31 ^ (long) page.get(INT, SHARD) << 56;
    }
}
