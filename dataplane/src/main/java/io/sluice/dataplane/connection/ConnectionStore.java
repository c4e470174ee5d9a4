package io.sluice.dataplane.connection;

import com.lmax.disruptor.EventHandler;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import net.openhft.chronicle.hash.locks.InterProcessDeadLockException;

/**
 * The table of record: every established connection in memory-mapped files that outlive the process.
 *
 * <pre>
 *   lanes ==ConnectionEvent==> ring ==> ConnectionStore --hash of the key--> shard-00.map ... shard-NN.map   (page cache)
 *                                |           |
 *                   EventLog <---+           +--> journal: the write under way, records per shard
 *
 *   start:  open  -->  events that only the log has  -->  forEach: what survived goes back into the lanes' tables  -->  ring starts
 * </pre>
 *
 * <p>A connection survives the process from the moment a lane has published it ({@link EventLog}); its record is in the files when
 * {@link #onEvent} returns. The page cache belongs to the kernel, so nothing is flushed while running. Losing the machine's power is
 * out of scope: what the kernel had not written then is lost, checked entry by entry at the next start.
 *
 * <p>One consumer thread calls {@link #onEvent}; {@link #forEach} and {@link #close} are called while it does not run.
 * {@link #size} and {@link #statistics} may be called from any thread.
 *
 * <p>Room for a million connections takes 147 MiB. With 900,000 in 4 files, on two cores of 2.5 GHz that others used too, best of
 * three runs: closed in 0.06 s, opened in 0.07 s after an orderly end, recovered in 0.7 s after any other; a removal and a put took
 * 1.2 microseconds of processor time together. The first opening in a process costs a second more, spent in Chronicle's
 * start. The class StoreMeasurement among the tests prints all of these.
 *
 * <p>A lane publishes the end of a connection before it gives the local port back: events of one local port then arrive in order.
 */
public final class ConnectionStore implements EventHandler<ConnectionEvent>, AutoCloseable {
    /** Some seconds' worth of new connections at full speed, should the disk be held up. */
    static final int LOG_EVENTS = 1 << 15;

    private final StoreDirectory directory;
    private final StoreGeneration generation;
    private final int maxConnections;
    private final Consumer<String> messages;
    private final RecordKey key = new RecordKey();
    private final StoredRecord value = new StoredRecord();
    private final boolean[] stuck = new boolean[StoreJournal.MAX_SHARDS];
    private final Set<Failure> reported = EnumSet.noneOf(Failure.class);

    private final long recovered;
    private final long setAside;
    private final AtomicLong expired = new AtomicLong();
    private final AtomicLong corrupt = new AtomicLong();
    private final AtomicLong puts = new AtomicLong();
    private final AtomicLong removes = new AtomicLong();
    private final AtomicLong failures = new AtomicLong();
    private EventLog log;
    private boolean suspect;
    private boolean closed;

    /** Why an event could not be stored; each is reported once. */
    private enum Failure { FULL, STUCK, OTHER }

    private ConnectionStore(final StoreDirectory directory, final StoreGeneration generation, final StoreOpening opening,
                            final Consumer<String> messages) {
        this.directory = directory;
        this.generation = generation;
        this.maxConnections = generation.format().capacity();
        this.messages = messages;
        this.recovered = opening.recovered();
        this.setAside = opening.setAside();
        this.corrupt.set(opening.lost());
    }

    /**
     * Opens the table of record, or makes one. After an orderly end the files are compared with the digests written then; after any
     * other end, or if they differ, they are recovered, which takes about as long as reading them. Other limits than those the
     * files were made for mean that the connections move to new files.
     *
     * @param directory      where it is or shall be; the files take about 170 bytes per connection of the limit
     * @param maxConnections limit, 1 or more
     * @param shards         number of files, 1 to 64
     * @param nowEpochS      seconds since 1970, for the names of damaged files put aside
     * @param messages       takes sentences for the operator; called on the opening thread, on recovery threads and on the consumer's
     * @return the open table
     * @throws io.sluice.dataplane.api.DataplaneException if another process has it open, if a newer version wrote it, if there is no
     *     room on disk, if recovery does not end in time, or if the directory cannot be read and written
     */
    public static ConnectionStore open(final Path directory, final int maxConnections, final int shards, final long nowEpochS,
                                       final Consumer<String> messages) {
        return StoreClaim.of(directory).open(maxConnections, shards, nowEpochS, messages);
    }

    /** Opens what is in a locked directory, which stays locked if this fails. */
    static ConnectionStore open(final StoreDirectory locked, final int maxConnections, final int shards, final long nowEpochS,
                                final Consumer<String> messages) throws IOException {
        final StoreOpening opening = new StoreOpening(locked, maxConnections, shards, nowEpochS, messages);
        final ConnectionStore store = new ConnectionStore(locked, opening.open(), opening, messages);
        try {
            store.takeOverLog();
            return store;
        } catch (final IOException | RuntimeException | Error e) {
            store.generation.close();
            throw e;
        }
    }

    /**
     * Stores what happened to a connection. Allocates nothing, never throws: what cannot be stored is counted, and reported once per
     * kind of failure.
     *
     * @param event      the connection and what happened
     * @param sequence   its number in {@link #log}
     * @param endOfBatch unused: a record is safe as soon as it is written
     */
    @Override
    public void onEvent(final ConnectionEvent event, final long sequence, final boolean endOfBatch) {
        store(event.kind(), event.record());
        log.kept(sequence);
    }

    /**
     * Hands every connection worth keeping to a visitor, shard by shard, and removes the others: those idle for longer than their
     * timeout, and records that are not of our format. The files are read on a thread that ends before this returns.
     *
     * @param nowEpochS seconds since 1970
     * @param graceS    seconds by which a stored idle time may be behind, 0 or more: at least the refresh period
     * @param visitor   takes the records
     */
    public void forEach(final long nowEpochS, final int graceS, final RecordVisitor visitor) {
        ReadAhead.forEach(reader -> visitAll(nowEpochS, graceS, reader), visitor);
    }

    private void visitAll(final long nowEpochS, final int graceS, final RecordVisitor visitor) {
        for (final StoreShard shard : generation.shards()) {
            shard.forEach(record -> {
                if (record == null) {
                    increment(corrupt);
                    return false;
                }
                if (isExpired(record.record(), nowEpochS, graceS)) {
                    increment(expired);
                    return false;
                }
                visitor.visit(record.record());
                return true;
            });
        }
    }

    /**
     * Where events are kept until they are stored.
     *
     * @return the memory for the ring whose events come to {@link #onEvent}
     */
    public EventLog log() {
        return log;
    }

    /**
     * How many connections are stored.
     *
     * @return 0 to the limit
     */
    public long size() {
        return generation.size();
    }

    /**
     * What was done since the table was opened.
     *
     * @return the figures of this moment
     */
    public StoreStatistics statistics() {
        return new StoreStatistics(recovered, expired.get(), corrupt.get(), setAside, puts.get(), removes.get(), failures.get());
    }

    /**
     * Ends in order: the next start need not recover, unless something unexpected happened to the files. Closing twice does no harm.
     */
    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        try (StoreDirectory unlocked = directory) {
            generation.close();
            if (!suspect) {
                unlocked.markClean(generation.digests());
            }
        } catch (final IOException | RuntimeException e) {
            messages.accept("connection table: " + directory.path() + " could not be closed in order (" + e
                + "); the next start recovers it");
        }
    }

    /** Stores what an earlier process had published and not stored; only then is its log let go. */
    private void takeOverLog() throws IOException {
        if (!EventLog.repeat(directory.path(), this::store)) {
            messages.accept("connection table: " + directory.path().resolve(EventLog.FILE)
                + " is damaged and begins anew; connections of the last moments before the end may be missing");
        }
        log = EventLog.begin(directory.path(), LOG_EVENTS);
    }

    private void store(final ConnectionEvent.Kind kind, final MemorySegment record) {
        final int shard = key.of(record).shard(generation.shards().size());
        if (stuck[shard]) {
            increment(failures);
            return;
        }
        try {
            write(kind, generation.shards().get(shard), record);
        } catch (final InterProcessDeadLockException e) {
            // Every further attempt would wait for the lock as long as this one did.
            stuck[shard] = true;
            suspect = true;
            if (isFirst(Failure.STUCK)) {
                report("a lock in shard " + shard + " is held by nobody alive; nothing more is stored there until the next start");
            }
        } catch (final RuntimeException | Error e) {
            suspect = true;
            if (isFirst(Failure.OTHER)) {
                report("a connection could not be stored in shard " + shard + " (" + e + "), it does not survive a restart");
            }
        }
    }

    private void write(final ConnectionEvent.Kind kind, final StoreShard shard, final MemorySegment record) {
        if (kind == ConnectionEvent.Kind.CLOSED) {
            if (shard.remove(key, value.over(record)) == StoreShard.Outcome.DONE) {
                increment(removes);
            }
        } else if (shard.put(key, value.over(record), generation.size() < maxConnections) == StoreShard.Outcome.DONE) {
            increment(puts);
        } else if (isFirst(Failure.FULL)) {
            report("it holds " + maxConnections + " connections, which is the limit; those left out do not survive a restart. "
                + "Raise dataplane.maxConnections");
        }
    }

    private boolean isFirst(final Failure kind) {
        increment(failures);
        return reported.add(kind);
    }

    private void report(final String what) {
        messages.accept("connection table: " + directory.path() + ": " + what + ". Further cases are only counted");
    }

    private static boolean isExpired(final MemorySegment record, final long nowEpochS, final int graceS) {
        final long lastSeenS = Integer.toUnsignedLong(ConnectionRecord.i32(record, 0, ConnectionRecord.LAST_SEEN_OFFSET));
        final long idleS = Integer.toUnsignedLong(ConnectionRecord.i32(record, 0, ConnectionRecord.IDLE_TIMEOUT_OFFSET));
        return lastSeenS + idleS + graceS < nowEpochS;
    }

    /** One writer: an ordinary addition, made visible to readers. */
    private static void increment(final AtomicLong counter) {
        counter.setRelease(counter.getPlain() + 1);
    }
}
