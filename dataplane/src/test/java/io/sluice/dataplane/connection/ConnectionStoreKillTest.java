package io.sluice.dataplane.connection;

import static io.sluice.dataplane.connection.StoredConnections.SEEN_S;
import static io.sluice.dataplane.connection.StoredConnections.contents;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.sluice.dataplane.api.DataplaneException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a real kill -9 of another process leaves behind. */
@Tag("slow")
class ConnectionStoreKillTest {
    private static final int KILLS = Integer.getInteger("sluice.test.kills", 12);
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir
    private Path parent;
    private final List<String> messages = new CopyOnWriteArrayList<>();

    @Test
    @Timeout(value = 20, unit = TimeUnit.MINUTES)
    void shouldHaveExactlyWhatWasStoredAfterEveryKill() throws IOException, InterruptedException {
        killAndCompare();
    }

    @Test
    @Timeout(value = 20, unit = TimeUnit.MINUTES)
    void shouldHaveExactlyWhatWasPublishedAfterEveryKill() throws IOException, InterruptedException {
        killAndCompare("ring");
    }

    private void killAndCompare(final String... how) throws IOException, InterruptedException {
        final Path directory = parent.resolve("store");
        final long seed = Long.getLong("sluice.test.seed", System.nanoTime());
        System.out.println("seed: -Dsluice.test.seed=" + seed);
        final Random random = new Random(seed);
        Map<Integer, Integer> before = Map.of();
        for (int kill = 0; kill < KILLS; kill++) {
            final long events = seed + kill;
            final long finished = killWriter(directory, kill, events, 20_000 + random.nextInt(400_000), how);
            try (ConnectionStore store = open(directory)) {
                final Map<Integer, Integer> found = contents(store);
                // The event under way when the process was killed may or may not have been begun.
                final Map<Integer, Integer> exact = StoreWriterProcess.model(before, events, finished);
                final Map<Integer, Integer> oneMore = StoreWriterProcess.model(before, events, finished + 1);
                assertThat(found.equals(exact) || found.equals(oneMore)).as("after kill %d at event %d, found %s", kill, finished,
                    difference(exact, found)).isTrue();
                assertThat(store.size()).isEqualTo(found.size());
                if (how.length == 0) {
                    assertThat(store.statistics().recovered()).isEqualTo(found.size());
                }
                assertThat(store.statistics().corrupt()).isZero();
                assertThat(store.statistics().setAside()).isZero();
                before = found;
            }
        }
    }

    @Test
    @Timeout(value = 5, unit = TimeUnit.MINUTES)
    void shouldRefuseAtOnceWhileAnotherProcessHasItAndNameThatProcess() throws IOException, InterruptedException {
        final Path directory = parent.resolve("store");
        final MemorySegment counter = StoreWriterProcess.counter(parent.resolve("finished"));
        final Process writer = writer(directory, "finished", 1);
        try {
            awaitEvents(writer, counter, 1000);
            assertThatThrownBy(() -> open(directory)).isInstanceOf(DataplaneException.class)
                .hasMessageContaining(directory.toRealPath().toString()).hasMessageContaining("process " + writer.pid());
            final long then = counter.get(ValueLayout.JAVA_LONG, 0);
            awaitEvents(writer, counter, then + 1000);
        } finally {
            writer.destroyForcibly().waitFor();
        }
    }

    @Test
    @Timeout(value = 10, unit = TimeUnit.MINUTES)
    void shouldRecoverAfterARecoveryThatWasKilled() throws IOException, InterruptedException {
        final Path directory = parent.resolve("store");
        final long finished = killWriter(directory, 0, 7, 100_000);
        final Path attempt = directory.resolve("generation-1").resolve("shard-00.attempt");
        final Process second = writer(directory, "second", 8);
        await().atMost(PATIENCE).pollInterval(Duration.ofMillis(1)).until(() -> Files.exists(attempt) || !second.isAlive());
        second.destroyForcibly().waitFor();
        final long more = StoreWriterProcess.counter(parent.resolve("second")).get(ValueLayout.JAVA_LONG, 0);
        assertThat(more).as("events of a process killed in its recovery").isZero();
        try (ConnectionStore store = open(directory)) {
            final Map<Integer, Integer> found = contents(store);
            assertThat(List.of(StoreWriterProcess.model(Map.of(), 7, finished), StoreWriterProcess.model(Map.of(), 7, finished + 1)))
                .contains(found);
            assertThat(store.statistics().setAside()).isZero();
        }
        assertThat(attempt).doesNotExist();
    }

    private long killWriter(final Path directory, final int run, final long seed, final long afterEvents,
                            final String... how) throws IOException, InterruptedException {
        final MemorySegment counter = StoreWriterProcess.counter(parent.resolve("finished-" + run));
        final Process writer = writer(directory, "finished-" + run, seed, how);
        try {
            awaitEvents(writer, counter, afterEvents);
        } finally {
            writer.destroyForcibly().waitFor();
        }
        return counter.get(ValueLayout.JAVA_LONG, 0);
    }

    private Process writer(final Path directory, final String counter, final long seed, final String... how) throws IOException {
        final List<String> arguments = new ArrayList<>(List.of(directory.toString(), parent.resolve(counter).toString(),
            Long.toString(seed)));
        arguments.addAll(List.of(how));
        return StoreWriterProcess.start(parent.resolve(counter + ".log"), StoreWriterProcess.class, arguments.toArray(String[]::new));
    }

    private void awaitEvents(final Process writer, final MemorySegment counter, final long events) {
        await().atMost(PATIENCE).pollInterval(Duration.ofMillis(1)).until(() -> {
            assertThat(writer.isAlive()).as("the writing process lives").isTrue();
            return counter.get(ValueLayout.JAVA_LONG, 0) >= events;
        });
    }

    private ConnectionStore open(final Path directory) {
        return ConnectionStore.open(directory, StoreWriterProcess.CAPACITY, StoreWriterProcess.SHARDS, SEEN_S, messages::add);
    }

    private static String difference(final Map<Integer, Integer> expected, final Map<Integer, Integer> found) {
        final StringBuilder text = new StringBuilder();
        expected.forEach((number, version) -> {
            if (!version.equals(found.get(number))) {
                text.append(' ').append(number).append(": ").append(found.get(number)).append(" instead of ").append(version);
            }
        });
        found.keySet().stream().filter(number -> !expected.containsKey(number)).forEach(number -> text.append(" extra ").append(number));
        return text.toString();
    }
}
