package io.sluice.dataplane.counter;

import io.sluice.dataplane.api.CounterView;
import io.sluice.dataplane.api.DataplaneException;
import io.sluice.dataplane.verdict.DropReason;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.MappedByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.agrona.IoUtil;
import org.agrona.concurrent.AtomicBuffer;
import org.agrona.concurrent.SystemEpochClock;
import org.agrona.concurrent.UnsafeBuffer;
import org.agrona.concurrent.status.AtomicCounter;
import org.agrona.concurrent.status.CountersManager;
import org.agrona.concurrent.status.CountersReader;

/**
 * The counters file of this process: made at start, written by lanes, read by anybody.
 *
 * <p>Counters are allocated and freed by the control thread only; an allocated {@link AtomicCounter} has one writer.
 */
public final class CountersFile implements AutoCloseable {
    /** Name of the file in the state directory. */
    public static final String FILE_NAME = "counters";
    /** First eight bytes of the file. */
    public static final long MAGIC = 0x534c_5549_4345_4354L;
    /** Version of the layout, at byte 8. */
    public static final int VERSION = 1;

    private static final int HEADER_LENGTH = 64;
    private static final int CAPACITY_OFFSET = 12;
    private static final int REUSE_AFTER_MS = 1000;

    private final Path file;
    private final MappedByteBuffer mapped;
    private final CountersManager manager;

    private CountersFile(final Path file, final MappedByteBuffer mapped, final int capacity) {
        this.file = file;
        this.mapped = mapped;
        this.manager = new CountersManager(metadata(mapped, capacity), values(mapped, capacity), StandardCharsets.UTF_8,
            SystemEpochClock.INSTANCE, REUSE_AFTER_MS);
    }

    /**
     * Makes the file, in place of one that an earlier process left.
     *
     * @param directory the state directory
     * @param capacity  counters it can hold
     * @return the open file
     * @throws DataplaneException if it cannot be made
     */
    public static CountersFile create(final Path directory, final int capacity) {
        final Path file = directory.resolve(FILE_NAME);
        try {
            Files.deleteIfExists(file);
            final MappedByteBuffer mapped = IoUtil.mapNewFile(file.toFile(), length(capacity), false);
            final UnsafeBuffer header = new UnsafeBuffer(mapped, 0, HEADER_LENGTH);
            header.putInt(CAPACITY_OFFSET, capacity);
            header.putInt(Long.BYTES, VERSION);
            header.putLongVolatile(0, MAGIC);
            return new CountersFile(file, mapped, capacity);
        } catch (final IOException | UncheckedIOException e) {
            throw new DataplaneException("cannot make the counters file " + file + ": " + e.getMessage()
                + ". Check the state directory's rights and free space.", e);
        }
    }

    /**
     * Opens the file of a running or dead process for reading.
     *
     * @param directory the state directory
     * @return every counter in it now
     * @throws DataplaneException if there is none, or it is of another version
     */
    public static List<CounterView> read(final Path directory) {
        final Path file = directory.resolve(FILE_NAME);
        if (!Files.isRegularFile(file)) {
            throw new DataplaneException("there is no counters file " + file + ": no Sluice has run with this state directory");
        }
        final MappedByteBuffer mapped = IoUtil.mapExistingFile(file.toFile(), FILE_NAME);
        try {
            if (!isWhole(mapped)) {
                throw new DataplaneException(file + " is not a counters file of version " + VERSION);
            }
            final int capacity = new UnsafeBuffer(mapped).getInt(CAPACITY_OFFSET);
            return views(new CountersReader(metadata(mapped, capacity), values(mapped, capacity), StandardCharsets.UTF_8));
        } finally {
            IoUtil.unmap(mapped);
        }
    }

    /** Whether it is a counters file, and no part of one: a process may have died while it made it. */
    private static boolean isWhole(final MappedByteBuffer mapped) {
        if (mapped.capacity() < HEADER_LENGTH) {
            return false;
        }
        final UnsafeBuffer header = new UnsafeBuffer(mapped, 0, HEADER_LENGTH);
        return header.getLongVolatile(0) == MAGIC && header.getInt(Long.BYTES) == VERSION
            && mapped.capacity() >= length(header.getInt(CAPACITY_OFFSET));
    }

    private static long length(final int capacity) {
        return HEADER_LENGTH + (long) capacity * (CountersReader.METADATA_LENGTH + CountersReader.COUNTER_LENGTH);
    }

    /**
     * The counters of one more lane, all zero.
     *
     * @return counters that the lane's thread writes
     */
    public LaneCounters lane() {
        final AtomicCounter[] system = new AtomicCounter[SystemCounter.values().length];
        for (final SystemCounter counter : SystemCounter.values()) {
            system[counter.ordinal()] = counter(counter.key(), "", counter.sentence());
        }
        final AtomicCounter[] drops = new AtomicCounter[DropReason.count()];
        for (final DropReason reason : DropReason.values()) {
            drops[reason.ordinal()] = counter("drops." + reason.name().toLowerCase(Locale.ROOT), "", reason.sentence());
        }
        return new LaneCounters(system, drops);
    }

    /**
     * The counters of one listener or backend in one lane, all zero.
     *
     * @param kind    {@code listener} or {@code backend}
     * @param subject its name
     * @return counters that the lane's thread writes
     */
    public SubjectCounters subject(final String kind, final String subject) {
        final AtomicCounter[] counters = new AtomicCounter[SubjectCounter.values().length];
        for (final SubjectCounter counter : SubjectCounter.values()) {
            counters[counter.ordinal()] = counter(kind + "." + counter.key(), subject, counter.sentence());
        }
        return new SubjectCounters(counters);
    }

    /**
     * Gives a subject's counters back; they may be reused a second later.
     *
     * @param counters from {@link #subject}, no longer written
     */
    public void free(final SubjectCounters counters) {
        for (final SubjectCounter counter : SubjectCounter.values()) {
            counters.counter(counter).close();
        }
    }

    /**
     * Whether counters for more subjects can be allocated now. Those given back a moment ago cannot.
     *
     * @param subjects how many
     * @return true if they fit
     */
    public boolean hasRoomFor(final int subjects) {
        return (long) subjects * SubjectCounter.values().length <= manager.available();
    }

    /**
     * Every counter, read now and summed over the lanes.
     *
     * @return views in the order of allocation
     */
    public List<CounterView> views() {
        return views(manager);
    }

    @Override
    public void close() {
        IoUtil.unmap(mapped);
    }

    /**
     * Where the file is.
     *
     * @return its path
     */
    public Path file() {
        return file;
    }

    private AtomicCounter counter(final String name, final String subject, final String sentence) {
        final byte[] key = name.getBytes(StandardCharsets.US_ASCII);
        return manager.newCounter(subject + "\n" + sentence, name.hashCode(), buffer -> {
            buffer.putByte(0, (byte) key.length);
            buffer.putBytes(1, key);
        });
    }

    private static List<CounterView> views(final CountersReader reader) {
        final List<CounterView> views = new ArrayList<>();
        reader.forEach((id, typeId, key, label) -> {
            final byte[] name = new byte[key.getByte(0) & 0xff];
            key.getBytes(1, name);
            final int end = label.indexOf('\n');
            views.add(new CounterView(new String(name, StandardCharsets.US_ASCII), label.substring(0, end),
                reader.getCounterValue(id), label.substring(end + 1)));
        });
        return CounterView.summed(views);
    }

    private static AtomicBuffer metadata(final MappedByteBuffer mapped, final int capacity) {
        return new UnsafeBuffer(mapped, HEADER_LENGTH, capacity * CountersReader.METADATA_LENGTH);
    }

    private static AtomicBuffer values(final MappedByteBuffer mapped, final int capacity) {
        return new UnsafeBuffer(mapped, HEADER_LENGTH + capacity * CountersReader.METADATA_LENGTH,
            capacity * CountersReader.COUNTER_LENGTH);
    }
}
