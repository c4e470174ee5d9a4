package io.sluice.dataplane.connection;

import io.sluice.dataplane.api.DataplaneException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** One opening of the table of record: finds what is there, brings it into the wanted format, and counts what it took. */
final class StoreOpening {
    private static final Duration BASE_LIMIT = Duration.ofSeconds(60);
    private static final int CONNECTIONS_PER_SECOND = 20_000;

    private final StoreDirectory directory;
    private final int capacity;
    private final int shards;
    private final long nowS;
    private final Consumer<String> messages;
    private long recovered;
    private long lost;
    private long setAside;

    StoreOpening(final StoreDirectory directory, final int capacity, final int shards, final long nowS,
                 final Consumer<String> messages) {
        this.directory = directory;
        this.capacity = capacity;
        this.shards = shards;
        this.nowS = nowS;
        this.messages = messages;
    }

    /**
     * Opens the store.
     *
     * @return files in the wanted format
     * @throws DataplaneException if a newer version wrote it, if recovery takes too long, or if there is no room
     * @throws IOException        if the directory or a file cannot be read or written
     */
    StoreGeneration open() throws IOException {
        final Optional<StoreFormat> format = StoreFormat.read(directory.path());
        final List<String> digests = directory.takeCleanMark().orElse(List.of());
        removeLeftOvers(format.map(StoreFormat::generation).orElse(-1));
        final StoreGeneration existing = format.isPresent() ? openExisting(format.get(), digests) : null;
        if (existing != null && existing.format().fits(capacity, shards)) {
            return existing;
        }
        return replace(existing, format.map(StoreFormat::generation).orElse(0) + 1);
    }

    /**
     * Records found in files that had to be recovered.
     *
     * @return number of records
     */
    long recovered() {
        return recovered;
    }

    /**
     * Records that damage or a smaller capacity has cost, as far as known.
     *
     * @return number of records
     */
    long lost() {
        return lost;
    }

    /**
     * Files put aside.
     *
     * @return number of files
     */
    long setAside() {
        return setAside;
    }

    /** New files, filled from the old ones if there are any. Until the new format is written, the old files are in force. */
    private StoreGeneration replace(final StoreGeneration existing, final int number) throws IOException {
        final StoreGeneration next;
        try {
            next = StoreGeneration.create(directory, number, capacity, shards);
            try {
                if (existing != null) {
                    migrate(existing, next);
                }
                next.format().write(directory.path());
            } catch (final IOException | RuntimeException e) {
                next.close();
                throw e;
            }
        } finally {
            if (existing != null) {
                existing.close();
            }
        }
        if (existing != null) {
            StoreDirectory.delete(existing.path());
        }
        return next;
    }

    private StoreGeneration openExisting(final StoreFormat format, final List<String> digests) throws IOException {
        final Path path = directory.generation(format.generation());
        final Path headerFile = path.resolve(StoreGeneration.HEADER);
        final byte[] header = Files.isRegularFile(headerFile) ? Files.readAllBytes(headerFile) : new byte[0];
        if (header.length != format.headerBytes() || StoreGeneration.crc(header) != format.headerCrc()) {
            if (Files.exists(path)) {
                setAsideGeneration(path, headerFile + " is missing or damaged");
            }
            return null;
        }
        final StoreJournal found = StoreJournal.open(path);
        final StoreRecovery recovery = new StoreRecovery(directory, format, header, nowS, messages);
        final List<StoreRecovery.Opened> opened =
            recovery.open(digests, BASE_LIMIT.plusSeconds(format.capacity() / CONNECTIONS_PER_SECOND));
        setAside += recovery.filesSetAside();
        final StoreJournal journal = found == null ? StoreJournal.create(path) : found;
        final List<StoreShard> open = new ArrayList<>();
        for (int i = 0; i < opened.size(); i++) {
            open.add(new StoreShard(i, opened.get(i).map(), journal));
        }
        final StoreGeneration generation = new StoreGeneration(path, format, journal, open);
        settle(generation, opened, found != null);
        return generation;
    }

    /** Repeats the write that was under way, and compares what is there with what should be. */
    private void settle(final StoreGeneration generation, final List<StoreRecovery.Opened> opened, final boolean countsKnown) {
        final StoreJournal journal = generation.journal();
        final long[] expected = new long[opened.size()];
        for (int i = 0; i < expected.length; i++) {
            expected[i] = journal.expected(i);
        }
        final boolean repeat = journal.pending();
        final boolean remove = journal.pendingRemove();
        final MemorySegment pending = repeat ? journal.pendingRecord() : null;
        correctCounts(generation);
        if (repeat) {
            repeat(generation, pending, remove);
            correctCounts(generation);
        }
        long found = 0;
        long missing = 0;
        boolean unclean = false;
        for (int i = 0; i < expected.length; i++) {
            if (opened.get(i).recovered()) {
                unclean = true;
                found += journal.count(i);
                missing += expected[i] > generation.format().capacity() ? 0 : Math.max(0, expected[i] - journal.count(i));
            }
        }
        recovered += found;
        lost += missing;
        if (unclean) {
            messages.accept("connection table: " + generation.path() + " was recovered: " + found + " connections found, "
                + (countsKnown ? Long.toString(missing) : "an unknown number") + " lost");
        }
    }

    private static void correctCounts(final StoreGeneration generation) {
        for (int i = 0; i < generation.shards().size(); i++) {
            generation.journal().count(i, generation.shards().get(i).countRecords());
        }
    }

    private void repeat(final StoreGeneration generation, final MemorySegment pending, final boolean remove) {
        final RecordKey key = new RecordKey().of(pending);
        final StoreShard shard = generation.shardOf(key);
        if (remove) {
            shard.remove(key, new StoredRecord(pending));
        } else if (!put(generation, key, new StoredRecord(pending))) {
            lost++;
        }
        generation.journal().forget();
    }

    private void migrate(final StoreGeneration from, final StoreGeneration to) {
        final RecordKey key = new RecordKey();
        final long[] refused = new long[1];
        for (final StoreShard shard : from.shards()) {
            shard.forEach(record -> {
                if (record == null || !put(to, key.of(record.record()), record)) {
                    refused[0]++;
                }
                return true;
            });
        }
        lost += refused[0];
        messages.accept("connection table: moved " + to.size() + " connections from files for " + from.format().capacity() + " in "
            + from.format().shards() + " shards (Chronicle Map " + from.format().chronicle() + ") to files for " + capacity + " in "
            + shards + " shards (Chronicle Map " + to.format().chronicle() + ")"
            + (refused[0] == 0 ? "" : "; " + refused[0] + " found no room and are lost"));
    }

    private static boolean put(final StoreGeneration generation, final RecordKey key, final StoredRecord record) {
        try {
            return generation.shardOf(key).put(key, record, generation.size() < generation.format().capacity())
                == StoreShard.Outcome.DONE;
        } catch (final IllegalStateException e) {
            // A full segment: Chronicle says so only by throwing.
            return false;
        }
    }

    private void removeLeftOvers(final int inForce) throws IOException {
        for (final Path generation : directory.generations()) {
            if (inForce < 0 && holdsConnections(generation)) {
                setAsideGeneration(generation, StoreFormat.FILE + " is missing or damaged");
            } else if (!generation.equals(directory.generation(inForce))) {
                StoreDirectory.delete(generation);
            }
        }
    }

    private static boolean holdsConnections(final Path generation) throws IOException {
        final StoreJournal journal = StoreJournal.open(generation);
        boolean any = journal == null;
        for (int i = 0; !any && i < StoreJournal.MAX_SHARDS; i++) {
            any = journal.count(i) != 0;
        }
        return any;
    }

    private void setAsideGeneration(final Path generation, final String reason) throws IOException {
        final Path kept = directory.setAside(generation, nowS);
        setAside++;
        messages.accept("connection table: " + generation + " cannot be read because " + reason + ". It was moved to " + kept
            + " and the table begins empty: its connections are lost. Delete the directory when nobody wants to look at it");
    }
}
