package io.sluice.dataplane.connection;

import java.io.File;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.function.Predicate;
import net.openhft.chronicle.bytes.RandomDataInput;
import net.openhft.chronicle.hash.ChronicleHashCorruption;
import net.openhft.chronicle.hash.Data;
import net.openhft.chronicle.hash.impl.VanillaChronicleHash;
import net.openhft.chronicle.map.ChronicleMap;
import net.openhft.chronicle.map.ChronicleMapBuilder;
import net.openhft.chronicle.map.ExternalMapQueryContext;
import net.openhft.chronicle.map.MapEntry;

/**
 * One file of the table of record: a Chronicle Map from {@link RecordKey} to record.
 *
 * <p>Keys and values have constant size, so every entry is one chunk and nothing in an entry is a length or a pointer: recovery of
 * a damaged file has nothing to follow out of the file. Without segment tiers the file never grows, so that a disk that
 * fills up later cannot hurt. Values are replaced whole under the segment's lock; an update in place would leave a wrong
 * checksum, and recovery would drop the entry.
 *
 * <p>One thread at a time.
 */
final class StoreShard implements AutoCloseable {
    /** What became of a write. */
    enum Outcome {
        /** It was done. */
        DONE,
        /** There was nothing to remove. */
        ABSENT,
        /** A new connection, and no room for it. */
        FULL
    }

    /** Entries per segment aimed at: many enough that their number varies little, few enough for four-byte hash slots. */
    private static final int SEGMENT_ENTRIES = 16_384;
    private static final long CLIENT_SIDE = ConnectionRecord.CLIENT_ADDRESS_OFFSET;
    private static final int CLIENT_SIDE_WORDS = 4;
    private static final ValueLayout.OfLong WORD = ValueLayout.JAVA_LONG_UNALIGNED;
    private static final ValueLayout.OfInt HALF_WORD = ValueLayout.JAVA_INT_UNALIGNED;

    private final int index;
    private final ChronicleMap<RecordKey, StoredRecord> map;
    private final StoreJournal journal;

    StoreShard(final int index, final ChronicleMap<RecordKey, StoredRecord> map, final StoreJournal journal) {
        this.index = index;
        this.map = map;
        this.journal = journal;
    }

    /**
     * The file of a shard.
     *
     * @param generation directory of the shards
     * @param index      number of the shard
     * @return its path
     */
    static Path file(final Path generation, final int index) {
        return generation.resolve("shard-%02d.map".formatted(index));
    }

    /**
     * Creates the file of a shard, or opens one that is known to be sound.
     *
     * @param file     where it is
     * @param capacity connections in all shards together, used for a new file only
     * @param shards   number of shards, used for a new file only
     * @return the map
     * @throws IOException if there is no room, or the file cannot be opened
     */
    static ChronicleMap<RecordKey, StoredRecord> open(final Path file, final int capacity, final int shards) throws IOException {
        return builder(capacity, shards).createPersistedTo(file.toFile());
    }

    /**
     * Opens a file after an unclean end: resets locks, drops entries whose checksum is wrong, rebuilds free lists. The start of the
     * file must have been restored before: Chronicle believes the sizes that stand there.
     *
     * @param file     where it is
     * @param capacity connections in all shards together
     * @param shards   number of shards
     * @param found    told about everything that was not as it should be, harmless or not
     * @return the map
     * @throws IOException if that is impossible
     */
    static ChronicleMap<RecordKey, StoredRecord> recover(final Path file, final int capacity, final int shards,
                                                         final ChronicleHashCorruption.Listener found) throws IOException {
        final File existing = file.toFile();
        return builder(capacity, shards).recoverPersistedTo(existing, false, found);
    }

    /**
     * How much of a file, from its start, does not depend on what is stored, apart from locks and counters.
     *
     * @param map a new map
     * @return bytes before the first segment
     */
    static int headerBytes(final ChronicleMap<RecordKey, StoredRecord> map) {
        final VanillaChronicleHash<?, ?, ?, ?> hash = (VanillaChronicleHash<?, ?, ?, ?>) map;
        return Math.toIntExact(hash.sizeInBytesWithoutTiers() - hash.actualSegments * hash.tierSize);
    }

    /**
     * An upper bound for the size of one file, for a look at the free space before it is made.
     *
     * @param capacity connections in all shards together
     * @param shards   number of shards
     * @return bytes
     */
    static long estimatedBytes(final int capacity, final int shards) {
        final int segments = segments(capacity, shards);
        return segments * (perSegment(capacity, shards) * 168 + 65_536) + 65_536;
    }

    /**
     * Puts a record. Whether it is new is decided under the lock, so that the limit is exact.
     *
     * @param key    its key
     * @param record the record
     * @param room   whether a new one may be added
     * @return DONE or FULL
     */
    Outcome put(final RecordKey key, final StoredRecord record, final boolean room) {
        try (ExternalMapQueryContext<RecordKey, StoredRecord, ?> query = map.queryContext(key)) {
            query.updateLock().lock();
            final MapEntry<RecordKey, StoredRecord> entry = query.entry();
            if (entry == null && !room) {
                return Outcome.FULL;
            }
            journal.begin(false, index, record.record(), entry == null ? size() + 1 : size());
            final Data<StoredRecord> value = query.wrapValueAsData(record);
            if (entry == null) {
                query.absentEntry().doInsert(value);
            } else {
                entry.doReplaceValue(value);
            }
        } catch (final RuntimeException | Error e) {
            journal.forget();
            throw e;
        }
        // Not before the query is closed: that is when Chronicle writes the checksum of a replaced value.
        journal.done();
        return Outcome.DONE;
    }

    /**
     * Removes a record, unless the one stored belongs to another client: then the local port has been leased anew, and what is stored
     * is the new connection.
     *
     * @param key    its key
     * @param record the record as it was last
     * @return DONE or ABSENT
     */
    Outcome remove(final RecordKey key, final StoredRecord record) {
        try (ExternalMapQueryContext<RecordKey, StoredRecord, ?> query = map.queryContext(key)) {
            query.updateLock().lock();
            final MapEntry<RecordKey, StoredRecord> entry = query.entry();
            if (entry == null || !sameClient(entry.value(), record.record())) {
                return Outcome.ABSENT;
            }
            journal.begin(true, index, record.record(), size() - 1);
            entry.doRemove();
        } catch (final RuntimeException | Error e) {
            journal.forget();
            throw e;
        }
        journal.done();
        return Outcome.DONE;
    }

    /**
     * Visits every record and removes those not worth keeping.
     *
     * @param keep takes the record, or null if it is not of our format or not where its key belongs, and says whether it stays
     */
    void forEach(final Predicate<StoredRecord> keep) {
        final StoredRecord record = new StoredRecord();
        final RecordKey stored = new RecordKey();
        final RecordKey derived = new RecordKey();
        map.forEachEntry(entry -> {
            entry.value().getUsing(record);
            entry.key().getUsing(stored);
            record.complete(stored);
            final boolean sound = stored.equals(derived.of(record.record()))
                && ConnectionRecord.u8(record.record(), 0, ConnectionRecord.FORMAT_OFFSET) == ConnectionRecord.FORMAT;
            if (!keep.test(sound ? record : null)) {
                // Not journaled: a removal that a kill interrupts is decided again at the next visit.
                entry.doRemove();
                journal.count(index, size() - 1);
            }
        });
    }

    /**
     * Counts what the map really holds.
     *
     * @return number of records
     */
    long countRecords() {
        return map.longSize();
    }

    /**
     * How many records it holds. Any thread.
     *
     * @return number of records
     */
    long size() {
        return journal.count(index);
    }

    @Override
    public void close() {
        map.close();
    }

    private static boolean sameClient(final Data<StoredRecord> stored, final MemorySegment record) {
        final RandomDataInput bytes = stored.bytes();
        final long from = stored.offset() + CLIENT_SIDE;
        for (int i = 0; i < CLIENT_SIDE_WORDS; i++) {
            final long at = (long) i * Long.BYTES;
            if (bytes.readLong(from + at) != record.get(WORD, CLIENT_SIDE + at)) {
                return false;
            }
        }
        final long ports = (long) CLIENT_SIDE_WORDS * Long.BYTES;
        return bytes.readInt(from + ports) == record.get(HALF_WORD, CLIENT_SIDE + ports);
    }

    private static ChronicleMapBuilder<RecordKey, StoredRecord> builder(final int capacity, final int shards) {
        final int segments = segments(capacity, shards);
        final long perSegment = perSegment(capacity, shards);
        return ChronicleMapBuilder.of(RecordKey.class, StoredRecord.class)
            .name("connections")
            .keyMarshallers(new RecordKeyMarshaller(), new RecordKeyMarshaller())
            .constantKeySizeBySample(new RecordKey())
            .valueMarshallers(new StoredRecordMarshaller(), new StoredRecordMarshaller())
            .constantValueSizeBySample(new StoredRecord())
            .entries(segments * perSegment)
            .actualSegments(segments)
            .entriesPerSegment(perSegment)
            .actualChunksPerSegmentTier(perSegment)
            .allowSegmentTiering(false)
            .checksumEntries(true)
            .putReturnsNull(true)
            .removeReturnsNull(true)
            // At exit the table may still be written to; who ends in order closes the store.
            .skipCloseOnExitHook(true);
    }

    private static int segments(final int capacity, final int shards) {
        return Math.max(1, (int) Long.highestOneBit(Math.ceilDiv(capacity, shards) / SEGMENT_ENTRIES));
    }

    /** Room for six standard deviations more than the average: keys do not spread evenly, and a full segment refuses entries. */
    private static long perSegment(final int capacity, final int shards) {
        final double average = (double) capacity / shards / segments(capacity, shards);
        final long fair = (long) (average + 6 * Math.sqrt(average)) + 16;
        return Math.min(capacity, fair);
    }
}
