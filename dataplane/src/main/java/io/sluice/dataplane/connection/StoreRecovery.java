package io.sluice.dataplane.connection;

import io.sluice.dataplane.api.DataplaneException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import net.openhft.chronicle.map.ChronicleMap;

/**
 * Opens the files of an existing generation, whatever state they are in.
 *
 * <p>A file whose digest matches the one written at an orderly end is opened as it is. Any other is recovered in four steps:
 * <ol>
 * <li>count the attempt, in a file beside it: a file whose recovery ended the process twice is set aside unopened;</li>
 * <li>give the file its size: cut what is too much, write zeros where something is missing (a mapping beyond the end would be a
 *     fault that ends the process);</li>
 * <li>put back the start of the file, which holds every size that Chronicle believes, and every lock;</li>
 * <li>let Chronicle check entry after entry.</li>
 * </ol>
 * A file that fails is set aside and replaced by an empty one. Files are recovered side by side; one by one if an earlier attempt
 * did not end, so that the one at fault is known.
 *
 * <p>Measured with Chronicle Map 2026.1: without step 3, recovery ran into the limit of 60 s at the 4th random damage tried with one
 * series and at the 59th with another; with it, 1,500 random damages to any file of the store, truncation included, ended neither
 * the process nor its progress. That is why a file is not tried in a child process first.
 */
final class StoreRecovery {
    private static final int MAX_ATTEMPTS = 2;
    private static final int ZERO_BYTES = 1 << 20;

    private final StoreDirectory directory;
    private final StoreFormat format;
    private final Path generation;
    private final byte[] header;
    private final long nowS;
    private final Consumer<String> messages;
    private final AtomicLong setAside = new AtomicLong();

    StoreRecovery(final StoreDirectory directory, final StoreFormat format, final byte[] header, final long nowS,
                  final Consumer<String> messages) {
        this.directory = directory;
        this.format = format;
        this.generation = directory.generation(format.generation());
        this.header = header;
        this.nowS = nowS;
        this.messages = messages;
    }

    /**
     * One file that was opened.
     *
     * @param map       the file
     * @param recovered whether it had to be recovered
     */
    record Opened(ChronicleMap<RecordKey, StoredRecord> map, boolean recovered) {
    }

    /**
     * Opens every file.
     *
     * @param digests of the files at their orderly end; empty if there was none
     * @param limit   how long it may take together
     * @return the files in order
     * @throws DataplaneException if it takes longer; the files are then still being worked on, and must not be opened again by this
     *                            process
     * @throws IOException        if a file can be neither opened nor replaced
     */
    List<Opened> open(final List<String> digests, final Duration limit) throws IOException {
        final List<Callable<Opened>> tasks = new ArrayList<>();
        boolean again = false;
        for (int i = 0; i < format.shards(); i++) {
            final int index = i;
            tasks.add(() -> open(index, digests));
            again |= Files.exists(attemptFile(i));
        }
        final int threads = again ? 1 : Math.min(format.shards(), Runtime.getRuntime().availableProcessors());
        final ExecutorService executor = Executors.newFixedThreadPool(threads,
            Thread.ofPlatform().daemon().name("connection-recovery-", 0).factory());
        try {
            return results(executor.invokeAll(tasks, limit.toMillis(), TimeUnit.MILLISECONDS), limit);
        } catch (final InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while the connection table was being opened", e);
        } finally {
            executor.shutdownNow();
        }
    }

    /**
     * How many files were put aside.
     *
     * @return number of files
     */
    long filesSetAside() {
        return setAside.get();
    }

    private List<Opened> results(final List<Future<Opened>> futures, final Duration limit) throws IOException {
        final List<Opened> opened = new ArrayList<>();
        Exception failure = null;
        for (final Future<Opened> future : futures) {
            try {
                opened.add(future.get());
            } catch (final ExecutionException e) {
                failure = e;
            } catch (final CancellationException e) {
                throw new RecoveryTimeout("connection table: recovering " + generation + " took longer than " + limit.toSeconds()
                    + " s and was given up. Start again: a file that fails twice is set aside");
            } catch (final InterruptedException e) {
                Thread.currentThread().interrupt();
                failure = e;
            }
        }
        if (failure != null) {
            opened.forEach(file -> file.map().close());
            if (failure.getCause() instanceof final DataplaneException cause) {
                throw cause;
            }
            throw new IOException(failure.getCause());
        }
        return opened;
    }

    private Opened open(final int index, final List<String> digests) throws IOException {
        final Path file = StoreShard.file(generation, index);
        if (!Files.isRegularFile(file)) {
            messages.accept("connection table: " + file + " is missing; it begins empty");
            return new Opened(create(file), true);
        }
        if (index < digests.size() && digests.get(index).equals(StoreGeneration.digest(file))) {
            return new Opened(StoreShard.open(file, format.capacity(), format.shards()), false);
        }
        if (!digests.isEmpty()) {
            messages.accept("connection table: " + file + " is not as it was left at the last orderly end; it is checked entry by entry");
        }
        final Path attempts = attemptFile(index);
        final int earlier = attempts(attempts);
        if (earlier >= MAX_ATTEMPTS) {
            return replace(file, attempts, "its recovery ended the process " + earlier + " times");
        }
        StoreDirectory.replace(attempts, Integer.toString(earlier + 1));
        try {
            restore(file);
            final ChronicleMap<RecordKey, StoredRecord> map =
                StoreShard.recover(file, format.capacity(), format.shards(), corruption -> { });
            Files.delete(attempts);
            return new Opened(map, true);
        } catch (final IOException | RuntimeException | InternalError e) {
            return replace(file, attempts, e.toString());
        }
    }

    private void restore(final Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            final long found = channel.size();
            if (found > format.fileBytes()) {
                channel.truncate(format.fileBytes());
            } else if (found < format.fileBytes()) {
                messages.accept("connection table: " + file + " is " + (format.fileBytes() - found)
                    + " bytes short; what was there is lost");
                fill(channel, found, format.fileBytes());
            }
            write(channel, ByteBuffer.wrap(header), 0);
        }
    }

    private Opened replace(final Path file, final Path attempts, final String reason) throws IOException {
        final Path kept = directory.setAside(file, nowS);
        setAside.incrementAndGet();
        Files.deleteIfExists(attempts);
        messages.accept("connection table: " + file + " could not be recovered (" + reason + "). It was moved to " + kept
            + " and begins empty: its connections are lost. Delete the file when nobody wants to look at it");
        return new Opened(create(file), true);
    }

    private ChronicleMap<RecordKey, StoredRecord> create(final Path file) throws IOException {
        StoreGeneration.checkSpace(directory.path(), format.capacity(), format.shards(), 1);
        return StoreShard.open(file, format.capacity(), format.shards());
    }

    private Path attemptFile(final int index) {
        return generation.resolve("shard-%02d.attempt".formatted(index));
    }

    private static int attempts(final Path file) throws IOException {
        if (!Files.exists(file)) {
            return 0;
        }
        final String text = new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1).strip();
        return text.matches("\\d{1,4}") ? Integer.parseInt(text) : MAX_ATTEMPTS;
    }

    private static void fill(final FileChannel channel, final long from, final long to) throws IOException {
        final ByteBuffer zeros = ByteBuffer.allocate(ZERO_BYTES);
        for (long at = from; at < to; at += ZERO_BYTES) {
            zeros.clear().limit((int) Math.min(ZERO_BYTES, to - at));
            write(channel, zeros, at);
        }
    }

    private static void write(final FileChannel channel, final ByteBuffer bytes, final long from) throws IOException {
        long at = from;
        while (bytes.hasRemaining()) {
            at += channel.write(bytes, at);
        }
    }

    /** Recovery threads are still at work on the files: nobody may open them before this process has ended. */
    static final class RecoveryTimeout extends RuntimeException {
        private static final long serialVersionUID = 1L;

        RecoveryTimeout(final String message) {
            super(message);
        }
    }
}
