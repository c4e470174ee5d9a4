package io.sluice.dataplane.connection;

import static io.sluice.dataplane.connection.StoredConnections.SEEN_S;
import static io.sluice.dataplane.connection.StoredConnections.contents;
import static io.sluice.dataplane.connection.StoredConnections.put;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Files that are not as they were left: whatever they hold, the table opens, tells, and works. */
@Timeout(value = 10, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ConnectionStoreDamageTest {
    private static final int CAPACITY = 3000;
    private static final int SHARDS = 2;
    private static final int CONNECTIONS = 1500;
    private static final Path FIRST = Path.of("generation-1", "shard-00.map");

    @TempDir
    private Path parent;
    private Path intact;
    private final List<String> messages = new CopyOnWriteArrayList<>();
    private int copies;

    /** A writer of damage. */
    private interface Damage {
        void to(Path directory) throws IOException;
    }

    @BeforeEach
    void fillAStore() {
        intact = parent.resolve("intact");
        try (ConnectionStore store = open(intact)) {
            for (int i = 0; i < CONNECTIONS; i++) {
                put(store, i, 1);
            }
        }
    }

    @Test
    void shouldLoseNothingWithoutTheCleanMark() throws IOException {
        assertThat(survivors(directory -> { })).isEqualTo(CONNECTIONS);
        assertThat(messages).singleElement().asString().contains("1500 connections found, 0 lost");
    }

    @Test
    void shouldRecoverWhatATruncatedFileStillHolds() throws IOException {
        final long size = Files.size(intact.resolve(FIRST));
        int previous = 0;
        for (final long length : new long[] {0, 1, 100, 4095, 4096, size / 4, size / 2, size * 3 / 4, size - 4096, size - 1}) {
            final int found = survivors(directory -> truncate(directory.resolve(FIRST), length));
            assertThat(found).as("connections after truncation to %d of %d bytes", length, size).isGreaterThanOrEqualTo(previous);
            previous = found;
        }
        assertThat(previous).isGreaterThan(CONNECTIONS * 9 / 10);
        assertThat(messages).anyMatch(message -> message.contains("bytes short"));
    }

    @Test
    void shouldCutWhatAFileHasTooMuch() throws IOException {
        final int found = survivors(directory -> Files.write(directory.resolve(FIRST), new byte[100_000], StandardOpenOption.APPEND));
        assertThat(found).isEqualTo(CONNECTIONS);
    }

    @Test
    void shouldGoOnWithTheOtherShardsWhenOneIsGarbageOrMissing() throws IOException {
        final long inFirst = sizeOfFirstShard();
        final int afterGarbage = survivors(directory -> overwrite(directory.resolve(FIRST), new Random(1)));
        assertThat(afterGarbage).isEqualTo((int) (CONNECTIONS - inFirst));
        assertThat(messages).anyMatch(message -> message.contains(inFirst + " lost"));
        final int afterRemoval = survivors(directory -> Files.delete(directory.resolve(FIRST)));
        assertThat(afterRemoval).isEqualTo((int) (CONNECTIONS - inFirst));
        assertThat(messages).anyMatch(message -> message.contains("is missing; it begins empty"));
    }

    @Test
    void shouldNoticeDamageAfterAnOrderlyEnd() throws IOException {
        final Path directory = copy();
        flip(directory.resolve(FIRST), Files.size(directory.resolve(FIRST)) / 4, new Random(2), 20_000);
        try (ConnectionStore store = open(directory)) {
            assertThat(contents(store).size()).isLessThan(CONNECTIONS);
            assertThat(store.statistics().corrupt()).isEqualTo(CONNECTIONS - store.size());
        }
        assertThat(messages).anyMatch(message -> message.contains("not as it was left"));
    }

    @Test
    void shouldPutAsideWhatItCannotRead() throws IOException {
        for (final String file : List.of("store.properties", "generation-1/header.bin")) {
            messages.clear();
            final Path directory = copy();
            flip(directory.resolve(file), 0, new Random(3), 50);
            try (ConnectionStore store = open(directory)) {
                assertThat(store.size()).isZero();
                assertThat(store.statistics().setAside()).isEqualTo(1);
            }
            assertThat(directory.resolve("generation-1.damaged-" + SEEN_S)).isDirectory();
            assertThat(messages).singleElement().asString().contains(file).contains("was moved to");
        }
    }

    @Test
    void shouldPutAFileAsideWhoseRecoveryEndedTheProcessTwice() throws IOException {
        final Path directory = copy();
        Files.delete(directory.resolve("clean"));
        final long inFirst = sizeOfFirstShard();
        Files.writeString(directory.resolve("generation-1/shard-00.attempt"), "2");
        Files.writeString(directory.resolve("generation-1/shard-01.attempt"), "1");
        try (ConnectionStore store = open(directory)) {
            assertThat(contents(store)).hasSize((int) (CONNECTIONS - inFirst));
            assertThat(store.statistics().setAside()).isEqualTo(1);
            assertThat(store.statistics().corrupt()).isEqualTo(inFirst);
        }
        assertThat(messages).anyMatch(message -> message.contains("its recovery ended the process 2 times"));
        assertThat(directory.resolve("shard-00.map.damaged-" + SEEN_S)).isRegularFile();
        try (ConnectionStore store = open(directory)) {
            assertThat(store.statistics().recovered()).isZero();
        }
    }

    @Test
    void shouldGiveUpARecoveryThatTakesTooLong() throws IOException {
        final Path directory = copy();
        Files.delete(directory.resolve("clean"));
        final StoreFormat format = StoreFormat.read(directory).orElseThrow();
        final byte[] header = Files.readAllBytes(directory.resolve("generation-1/header.bin"));
        try (StoreDirectory locked = StoreDirectory.lock(directory)) {
            final StoreRecovery recovery = new StoreRecovery(locked, format, header, SEEN_S, messages::add);
            assertThatThrownBy(() -> recovery.open(List.of(), Duration.ofMillis(-1)))
                .isInstanceOf(StoreRecovery.RecoveryTimeout.class).hasMessageContaining("Start again");
        }
    }

    @Test
    void shouldSurviveAFewRandomBytesAnywhere() throws IOException {
        survive(1, 40);
    }

    @Test
    @Tag("slow")
    void shouldSurviveRandomBytesAnywhere() throws IOException {
        survive(1_000_000, Integer.getInteger("sluice.test.damages", 1500));
    }

    private void survive(final long firstSeed, final int cases) throws IOException {
        for (long seed = firstSeed; seed < firstSeed + cases; seed++) {
            final Random random = new Random(seed);
            final Path directory = copy();
            if (random.nextInt(4) != 0) {
                Files.delete(directory.resolve("clean"));
            }
            final List<Path> files = files(directory);
            for (int spots = 1 + random.nextInt(4); spots > 0; spots--) {
                final Path file = files.get(random.nextInt(files.size()));
                damage(file, random);
            }
            try {
                check(directory);
            } catch (final IOException | RuntimeException | Error e) {
                throw new AssertionError("seed " + seed, e);
            }
            StoreDirectory.delete(directory);
        }
    }

    private static void damage(final Path file, final Random random) throws IOException {
        final long size = Files.size(file);
        switch (random.nextInt(6)) {
            case 0 -> truncate(file, size == 0 ? 0 : random.nextLong(size));
            case 1 -> flip(file, 0, random, (int) Math.min(size, 8192));
            case 2 -> flip(file, size == 0 ? 0 : random.nextLong(size), random, 1);
            default -> flip(file, size == 0 ? 0 : random.nextLong(size), random, 1 << random.nextInt(16));
        }
    }

    /** Opens a damaged copy without its clean mark and says how many connections are left. */
    private int survivors(final Damage damage) throws IOException {
        final Path directory = copy();
        Files.delete(directory.resolve("clean"));
        damage.to(directory);
        return check(directory);
    }

    private int check(final Path directory) throws IOException {
        final int found;
        try (ConnectionStore store = open(directory)) {
            final Map<Integer, Integer> contents = contents(store);
            found = contents.size();
            assertThat(contents.keySet()).allMatch(number -> number < CONNECTIONS);
            assertThat(store.size()).isEqualTo(found);
            put(store, 1, 7);
            put(store, CONNECTIONS, 7);
            assertThat(store.statistics().failures()).isZero();
        }
        final List<String> before = List.copyOf(messages);
        try (ConnectionStore store = open(directory)) {
            assertThat(contents(store)).hasSizeBetween(found + 1, found + 2).containsEntry(1, 7).containsEntry(CONNECTIONS, 7);
            assertThat(store.statistics().recovered()).isZero();
        }
        assertThat(messages).isEqualTo(before);
        return found;
    }

    private long sizeOfFirstShard() throws IOException {
        return StoreJournal.open(intact.resolve("generation-1")).count(0);
    }

    private Path copy() throws IOException {
        final Path target = parent.resolve("copy-" + copies++);
        for (final Path file : files(intact)) {
            final Path to = target.resolve(intact.relativize(file));
            Files.createDirectories(to.getParent());
            Files.copy(file, to);
        }
        return target;
    }

    private static List<Path> files(final Path directory) throws IOException {
        try (Stream<Path> walk = Files.walk(directory)) {
            return walk.filter(Files::isRegularFile).filter(file -> !file.endsWith("lock")).sorted().toList();
        }
    }

    private ConnectionStore open(final Path directory) {
        return ConnectionStore.open(directory, CAPACITY, SHARDS, SEEN_S, messages::add);
    }

    private static void truncate(final Path file, final long length) throws IOException {
        try (RandomAccessFile access = new RandomAccessFile(file.toFile(), "rw")) {
            access.setLength(length);
        }
    }

    private static void overwrite(final Path file, final Random random) throws IOException {
        flip(file, 0, random, Math.toIntExact(Files.size(file)));
    }

    private static void flip(final Path file, final long from, final Random random, final int length) throws IOException {
        final byte[] bytes = new byte[(int) Math.min(length, Math.max(0, Files.size(file) - from))];
        random.nextBytes(bytes);
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.wrap(bytes), from);
        }
    }
}
