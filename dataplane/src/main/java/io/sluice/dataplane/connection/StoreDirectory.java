package io.sluice.dataplane.connection;

import io.sluice.dataplane.api.DataplaneException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The directory of the table of record, owned by one process at a time.
 *
 * <pre>
 * lock                          locked while a process has the store open; holds its process id
 * store.properties              {@link StoreFormat}; names the generation in force
 * clean                         only after an orderly end: a digest of every file
 * events                        {@link EventLog}
 * generation-N/header.bin       the start of an empty file, to restore a damaged one
 * generation-N/journal          {@link StoreJournal}
 * generation-N/shard-MM.map     the connections, {@link StoreShard}
 * generation-N/shard-MM.attempt only while that file is being recovered
 * *.damaged-SECONDS             what could not be recovered, for people to look at
 * </pre>
 */
final class StoreDirectory implements AutoCloseable {
    private static final String LOCK = "lock";
    private static final String CLEAN = "clean";
    private static final String GENERATION = "generation-";
    private static final String DAMAGED = ".damaged-";
    /** POSIX locks do not keep a process from itself, and closing any channel of the file would drop the lock. */
    private static final Set<Path> OPEN = ConcurrentHashMap.newKeySet();

    private final Path path;
    private final FileChannel channel;

    private StoreDirectory(final Path path, final FileChannel channel) {
        this.path = path;
        this.channel = channel;
    }

    /**
     * Makes the directory if need be and locks it, without waiting.
     *
     * @param directory where the store is or shall be
     * @return the locked directory
     * @throws DataplaneException if another process has it
     * @throws IOException        if it cannot be made or written
     */
    static StoreDirectory lock(final Path directory) throws IOException {
        Files.createDirectories(directory);
        final Path path = directory.toRealPath();
        if (!OPEN.add(path)) {
            throw inUse(path, Long.toString(ProcessHandle.current().pid()));
        }
        FileChannel channel = null;
        try {
            channel = FileChannel.open(path.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
            final FileLock lock = channel.tryLock();
            if (lock == null) {
                throw inUse(path, holder(channel));
            }
            channel.truncate(0);
            channel.write(ByteBuffer.wrap((ProcessHandle.current().pid() + "\n").getBytes(StandardCharsets.US_ASCII)), 0);
            return new StoreDirectory(path, channel);
        } catch (final IOException | RuntimeException e) {
            if (channel != null) {
                channel.close();
            }
            OPEN.remove(path);
            throw e;
        }
    }

    /**
     * Where it is.
     *
     * @return the real path
     */
    Path path() {
        return path;
    }

    /**
     * The directory of a generation.
     *
     * @param number the generation
     * @return its path, which need not exist
     */
    Path generation(final int number) {
        return path.resolve(GENERATION + number);
    }

    /**
     * Generations that exist.
     *
     * @return their directories, in no particular order
     * @throws IOException if the directory cannot be read
     */
    List<Path> generations() throws IOException {
        try (Stream<Path> entries = Files.list(path)) {
            return entries.filter(entry -> entry.getFileName().toString().matches(GENERATION + "\\d+")).toList();
        }
    }

    /**
     * Reads and removes the mark of an orderly end; from here on the store counts as unclean until {@link #markClean}.
     *
     * @return the digests of the files at that end
     * @throws IOException if it cannot be read or removed
     */
    Optional<List<String>> takeCleanMark() throws IOException {
        final Path mark = path.resolve(CLEAN);
        if (!Files.exists(mark)) {
            return Optional.empty();
        }
        final String text = new String(Files.readAllBytes(mark), StandardCharsets.ISO_8859_1);
        Files.delete(mark);
        force(path);
        return Optional.of(text.lines().toList());
    }

    /**
     * Marks an orderly end.
     *
     * @param digests of the files, in order
     * @throws IOException if it cannot be written
     */
    void markClean(final List<String> digests) throws IOException {
        replace(path.resolve(CLEAN), String.join("\n", digests) + "\n");
    }

    /**
     * Moves something damaged out of the way, and deletes what was moved away under the same name before, so that damage that comes
     * again and again cannot fill the disk.
     *
     * @param damaged a file or directory below this one
     * @param nowS    seconds since 1970, for the new name
     * @return where it is now
     * @throws IOException if it cannot be moved
     */
    Path setAside(final Path damaged, final long nowS) throws IOException {
        final String name = damaged.getFileName().toString();
        for (final Path older : list(name + DAMAGED)) {
            delete(older);
        }
        final Path target = path.resolve(name + DAMAGED + nowS);
        Files.move(damaged, target, StandardCopyOption.ATOMIC_MOVE);
        force(path);
        return target;
    }

    @Override
    public void close() throws IOException {
        try {
            channel.close();
        } finally {
            OPEN.remove(path);
        }
    }

    /**
     * Writes a small file so that after a crash it has either the old content or the new.
     *
     * @param file the file
     * @param text its new content
     * @throws IOException if it cannot be written
     */
    static void replace(final Path file, final String text) throws IOException {
        final Path next = file.resolveSibling(file.getFileName() + ".new");
        try (FileChannel out = FileChannel.open(next, StandardOpenOption.CREATE, StandardOpenOption.WRITE,
            StandardOpenOption.TRUNCATE_EXISTING)) {
            final ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.ISO_8859_1));
            while (bytes.hasRemaining()) {
                out.write(bytes);
            }
            out.force(true);
        }
        Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        force(file.getParent());
    }

    /**
     * Deletes a file, or a directory with everything in it.
     *
     * @param target need not exist
     * @throws IOException if it cannot be deleted
     */
    static void delete(final Path target) throws IOException {
        if (!Files.exists(target)) {
            return;
        }
        final List<Path> all;
        try (Stream<Path> walk = Files.walk(target)) {
            all = walk.sorted(Comparator.reverseOrder()).collect(Collectors.toList());
        }
        for (final Path entry : all) {
            Files.deleteIfExists(entry);
        }
    }

    private List<Path> list(final String prefix) throws IOException {
        try (Stream<Path> entries = Files.list(path)) {
            return entries.filter(entry -> entry.getFileName().toString().startsWith(prefix)).toList();
        }
    }

    private static void force(final Path directory) throws IOException {
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    private static String holder(final FileChannel channel) throws IOException {
        final ByteBuffer bytes = ByteBuffer.allocate(24);
        channel.read(bytes, 0);
        final String pid = new String(bytes.array(), 0, bytes.position(), StandardCharsets.US_ASCII).strip();
        return pid.matches("\\d+") ? pid : "unknown";
    }

    private static DataplaneException inUse(final Path path, final String pid) {
        return new DataplaneException("connection table: " + path + " is in use by process " + pid
            + ". Two processes cannot share it: stop that one first, or give this one another state directory");
    }
}
