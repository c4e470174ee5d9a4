package io.sluice.dataplane.connection;

import io.sluice.dataplane.api.DataplaneException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;
import net.openhft.chronicle.map.ChronicleMap;

/** The shards of a store in one format, open, with their journal. */
final class StoreGeneration implements AutoCloseable {
    /** Name of the file with the start of an empty shard. */
    static final String HEADER = "header.bin";

    private static final int READ_BYTES = 1 << 20;

    private final Path path;
    private final StoreFormat format;
    private final StoreJournal journal;
    private final List<StoreShard> shards;

    StoreGeneration(final Path path, final StoreFormat format, final StoreJournal journal, final List<StoreShard> shards) {
        this.path = path;
        this.format = format;
        this.journal = journal;
        this.shards = List.copyOf(shards);
    }

    /**
     * Makes new, empty files. They are not in force until the format is written.
     *
     * @param directory the store
     * @param number    number of the generation; its directory is replaced if it exists
     * @param capacity  connections in all shards together
     * @param count     number of shards
     * @return the open files
     * @throws DataplaneException if there is no room for them
     * @throws IOException        if they cannot be made
     */
    static StoreGeneration create(final StoreDirectory directory, final int number, final int capacity, final int count)
        throws IOException {
        final Path path = directory.generation(number);
        StoreDirectory.delete(path);
        checkSpace(directory.path(), capacity, count, count);
        Files.createDirectory(path);
        final List<StoreShard> shards = new ArrayList<>();
        try {
            final StoreJournal journal = StoreJournal.create(path);
            int headerBytes = 0;
            for (int i = 0; i < count; i++) {
                final ChronicleMap<RecordKey, StoredRecord> map = StoreShard.open(StoreShard.file(path, i), capacity, count);
                shards.add(new StoreShard(i, map, journal));
                headerBytes = StoreShard.headerBytes(map);
            }
            final Path first = StoreShard.file(path, 0);
            final byte[] header = start(first, headerBytes);
            Files.write(path.resolve(HEADER), header);
            final StoreFormat format = new StoreFormat(StoreFormat.chronicleVersion(), capacity, count, number, Files.size(first),
                headerBytes, crc(header));
            return new StoreGeneration(path, format, journal, shards);
        } catch (final IOException | RuntimeException e) {
            shards.forEach(StoreShard::close);
            StoreDirectory.delete(path);
            throw e;
        }
    }

    /**
     * Says in time that there is no room, rather than in the middle of making files.
     *
     * @param directory where the files go
     * @param capacity  connections in all shards together
     * @param shards    number of shards
     * @param files     how many of them are to be made
     * @throws IOException if the file system does not tell
     */
    static void checkSpace(final Path directory, final int capacity, final int shards, final int files) throws IOException {
        final long needed = StoreShard.estimatedBytes(capacity, shards) * files + EventLog.bytes(ConnectionStore.LOG_EVENTS);
        final long free = Files.getFileStore(directory).getUsableSpace();
        // Chronicle Map wants a tenth more than it takes.
        if (free < needed + needed / 8) {
            throw new DataplaneException("connection table: " + capacity + " connections need up to " + (needed >> 20) + " MiB in "
                + directory + " and an eighth more free for safety, only " + (free >> 20)
                + " MiB are. Free some space, or lower dataplane.maxConnections");
        }
    }

    /**
     * CRC-32C of some bytes.
     *
     * @param bytes the bytes
     * @return the checksum
     */
    static int crc(final byte[] bytes) {
        final CRC32C crc = new CRC32C();
        crc.update(bytes);
        return (int) crc.getValue();
    }

    /**
     * A digest of a whole file. Read, not mapped, so that a file cut short meanwhile is an exception and not a fault.
     *
     * @param file the file
     * @return one line
     * @throws IOException if it cannot be read
     */
    static String digest(final Path file) throws IOException {
        final CRC32C crc = new CRC32C();
        final ByteBuffer buffer = ByteBuffer.allocateDirect(READ_BYTES);
        long bytes = 0;
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            while (channel.read(buffer) >= 0) {
                bytes += buffer.flip().remaining();
                crc.update(buffer);
                buffer.clear();
            }
        }
        return "%s %d %08x".formatted(file.getFileName(), bytes, crc.getValue());
    }

    /**
     * Where the files are.
     *
     * @return the directory
     */
    Path path() {
        return path;
    }

    /**
     * What they look like.
     *
     * @return the format
     */
    StoreFormat format() {
        return format;
    }

    /**
     * The counts and the write under way.
     *
     * @return the journal
     */
    StoreJournal journal() {
        return journal;
    }

    /**
     * The shards.
     *
     * @return in order, as many as the format says
     */
    List<StoreShard> shards() {
        return shards;
    }

    /**
     * The shard of a key.
     *
     * @param key the key
     * @return where its record is or would be
     */
    StoreShard shardOf(final RecordKey key) {
        return shards.get(key.shard(shards.size()));
    }

    /**
     * How many records there are. Any thread.
     *
     * @return the sum over the shards
     */
    long size() {
        long size = 0;
        for (int i = 0; i < format.shards(); i++) {
            size += journal.count(i);
        }
        return size;
    }

    /** Unmaps and closes the files. */
    @Override
    public void close() {
        shards.forEach(StoreShard::close);
    }

    /**
     * Digests of all files, which must be closed.
     *
     * @return one line per shard
     * @throws IOException if one cannot be read
     */
    List<String> digests() throws IOException {
        final List<String> digests = new ArrayList<>();
        for (int i = 0; i < format.shards(); i++) {
            digests.add(digest(StoreShard.file(path, i)));
        }
        return digests;
    }

    private static byte[] start(final Path file, final int bytes) throws IOException {
        final ByteBuffer buffer = ByteBuffer.allocate(bytes);
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            while (buffer.hasRemaining() && channel.read(buffer, buffer.position()) >= 0) {
                continue;
            }
        }
        if (buffer.hasRemaining()) {
            throw new IOException(file + " is shorter than its header");
        }
        return buffer.array();
    }
}
