package io.sluice.dataplane.connection;

import static io.sluice.dataplane.connection.StoredConnections.IDLE_S;
import static io.sluice.dataplane.connection.StoredConnections.SEEN_S;
import static io.sluice.dataplane.connection.StoredConnections.contents;
import static io.sluice.dataplane.connection.StoredConnections.event;
import static io.sluice.dataplane.connection.StoredConnections.put;
import static io.sluice.dataplane.connection.StoredConnections.record;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import io.sluice.dataplane.api.DataplaneException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConnectionStoreTest {
    private static final int CAPACITY = 2000;
    private static final int SHARDS = 4;

    @TempDir
    private Path directory;
    private final List<String> messages = new CopyOnWriteArrayList<>();

    @Test
    void shouldKeepRecordsByteForByteOverAnOrderlyEnd() {
        try (ConnectionStore store = open()) {
            for (int i = 0; i < 1000; i++) {
                put(store, i, i % 3);
            }
            assertThat(store.size()).isEqualTo(1000);
            assertThat(store.statistics()).isEqualTo(new StoreStatistics(0, 0, 0, 0, 1000, 0, 0));
        }
        try (ConnectionStore store = open()) {
            final Map<Integer, Integer> found = contents(store);
            assertThat(found).hasSize(1000);
            found.forEach((number, version) -> assertThat(version).isEqualTo(number % 3));
            assertThat(store.statistics().recovered()).isZero();
        }
        assertThat(messages).isEmpty();
    }

    @Test
    void shouldReplaceARecordThatChangedAndRemoveOneThatClosed() {
        try (ConnectionStore store = open()) {
            put(store, 1, 1);
            put(store, 2, 1);
            store.onEvent(event(ConnectionEvent.Kind.CHANGED, record(1, 2)), 0, true);
            StoredConnections.close(store, 2);
            StoredConnections.close(store, 3);
            assertThat(contents(store)).isEqualTo(Map.of(1, 2));
            assertThat(store.statistics()).isEqualTo(new StoreStatistics(0, 0, 0, 0, 3, 1, 0));
        }
    }

    @Test
    void shouldKeepTheNewConnectionOnALocalPortWhenTheEndOfTheOldOneComesLate() {
        try (ConnectionStore store = open()) {
            put(store, 1, 1);
            final MemorySegment next = record(1, 2);
            ConnectionRecord.u16(next, 0, ConnectionRecord.CLIENT_PORT_OFFSET, 9999);
            store.onEvent(event(ConnectionEvent.Kind.OPENED, next), 0, true);
            StoredConnections.close(store, 1);
            assertThat(store.size()).isEqualTo(1);
            store.forEach(SEEN_S, 0, found -> assertThat(found.mismatch(next)).isEqualTo(-1));
            store.onEvent(event(ConnectionEvent.Kind.CLOSED, next), 0, true);
            assertThat(store.size()).isZero();
        }
    }

    @Test
    void shouldRemoveWhatExpiredAndKeepWhatIsWithinTheGracePeriod() {
        try (ConnectionStore store = open()) {
            put(store, 1, 1);
            store.forEach(SEEN_S + IDLE_S + 30, 30, found -> assertThat(StoredConnections.number(found)).isEqualTo(1));
            assertThat(store.statistics().expired()).isZero();
            store.forEach(SEEN_S + IDLE_S + 31, 30, found -> assertThat(found).isNull());
            assertThat(store.statistics().expired()).isEqualTo(1);
            assertThat(store.size()).isZero();
        }
    }

    @Test
    void shouldRemoveRecordsOfAnotherFormat() {
        try (ConnectionStore store = open()) {
            final MemorySegment odd = record(1, 1);
            ConnectionRecord.u8(odd, 0, ConnectionRecord.FORMAT_OFFSET, 9);
            store.onEvent(event(ConnectionEvent.Kind.OPENED, odd), 0, true);
            put(store, 2, 1);
            assertThat(contents(store)).isEqualTo(Map.of(2, 1));
            assertThat(store.statistics().corrupt()).isEqualTo(1);
            assertThat(store.size()).isEqualTo(1);
        }
    }

    @Test
    void shouldRefuseNewConnectionsAtTheLimitAndStillChangeTheOthers() {
        try (ConnectionStore store = open()) {
            for (int i = 0; i < CAPACITY + 10; i++) {
                put(store, i, 1);
            }
            assertThat(store.size()).isEqualTo(CAPACITY);
            assertThat(store.statistics().failures()).isEqualTo(10);
            put(store, 5, 2);
            assertThat(contents(store)).hasSize(CAPACITY).containsEntry(5, 2);
            StoredConnections.close(store, 5);
            put(store, CAPACITY, 1);
            assertThat(contents(store)).hasSize(CAPACITY).containsKey(CAPACITY);
        }
        assertThat(messages).singleElement().asString().contains("2000 connections, which is the limit")
            .contains("dataplane.maxConnections");
    }

    @Test
    void shouldRefuseASecondOpeningAndNameTheProcess() {
        try (ConnectionStore store = open()) {
            put(store, 1, 1);
            assertThatThrownBy(this::open).isInstanceOf(DataplaneException.class).hasMessageContaining(directory.toString())
                .hasMessageContaining("in use by process " + ProcessHandle.current().pid());
            put(store, 2, 1);
        }
        try (ConnectionStore store = open()) {
            assertThat(contents(store)).isEqualTo(Map.of(1, 1, 2, 1));
        }
    }

    @Test
    void shouldRefuseANewerFormatAndTouchNothing() throws IOException {
        open().close();
        final Path properties = directory.resolve(StoreFormat.FILE);
        final String text = Files.readString(properties);
        final String body = text.substring(0, text.indexOf("check=")).replace("recordFormat=1", "recordFormat=2");
        Files.writeString(properties, body + "check=" + Integer.toHexString(StoreGeneration.crc(body.getBytes())) + "\n");
        final List<String> before = listing();
        assertThatThrownBy(this::open).isInstanceOf(DataplaneException.class).hasMessageContaining("recordFormat=2")
            .hasMessageContaining("Nothing was changed");
        assertThat(listing()).isEqualTo(before);
        Files.writeString(properties, text);
        open().close();
        assertThat(messages).isEmpty();
    }

    @Test
    void shouldMoveConnectionsWhenCapacityOrShardsChange() throws IOException {
        try (ConnectionStore store = open()) {
            for (int i = 0; i < 1500; i++) {
                put(store, i, 1);
            }
        }
        try (ConnectionStore store = ConnectionStore.open(directory, 10_000, 3, SEEN_S, messages::add)) {
            assertThat(contents(store)).hasSize(1500);
            for (int i = 1500; i < 10_000; i++) {
                put(store, i, 1);
            }
            assertThat(store.size()).isEqualTo(10_000);
        }
        try (ConnectionStore store = ConnectionStore.open(directory, 1024, 1, SEEN_S, messages::add)) {
            assertThat(contents(store)).hasSize(1024);
            assertThat(store.statistics().corrupt()).isEqualTo(10_000 - 1024);
        }
        assertThat(messages).hasSize(2);
        assertThat(messages.get(0)).contains("moved 1500 connections").doesNotContain("lost");
        assertThat(messages.get(1)).contains("8976 found no room and are lost");
        assertThat(listing()).filteredOn(name -> name.startsWith("generation-")).allMatch(name -> name.startsWith("generation-3"));
    }

    @Test
    void shouldSayWhyADirectoryCannotBeUsed() throws IOException {
        final Path file = Files.writeString(directory.resolve("file"), "");
        assertThatThrownBy(() -> ConnectionStore.open(file, CAPACITY, SHARDS, SEEN_S, messages::add))
            .isInstanceOf(DataplaneException.class).hasMessageContaining(file.toString()).hasMessageContaining("may write to");
        assertThatThrownBy(() -> ConnectionStore.open(Path.of("/proc/sluice"), CAPACITY, SHARDS, SEEN_S, messages::add))
            .isInstanceOf(DataplaneException.class).hasMessageContaining("/proc/sluice");
    }

    @Test
    void shouldSayThatThereIsNoRoomBeforeMakingFiles() throws IOException {
        final long free = Files.getFileStore(directory).getUsableSpace();
        final int tooMany = (int) Math.min(Integer.MAX_VALUE, free / 100);
        assertThatThrownBy(() -> ConnectionStore.open(directory, tooMany, 64, SEEN_S, messages::add))
            .isInstanceOf(DataplaneException.class).hasMessageContaining("Free some space").hasMessageContaining("MiB");
        try (ConnectionStore store = open()) {
            assertThat(store.size()).isZero();
        }
    }

    @Test
    void shouldAllocateNothingPerEvent() {
        try (ConnectionStore store = open()) {
            final ConnectionEvent opened = event(ConnectionEvent.Kind.OPENED, record(1, 1));
            final ConnectionEvent closed = event(ConnectionEvent.Kind.CLOSED, record(1, 1));
            final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
            long perEvent = Long.MAX_VALUE;
            // On a busy machine the compiler comes late: warm-up is over when a round allocates nothing.
            for (int round = 0; round < 20 && perEvent != 0; round++) {
                final long before = threads.getCurrentThreadAllocatedBytes();
                run(store, opened, closed, 50_000);
                perEvent = (threads.getCurrentThreadAllocatedBytes() - before) / 100_000;
            }
            assertThat(perEvent).isZero();
        }
    }

    private static void run(final ConnectionStore store, final ConnectionEvent opened, final ConnectionEvent closed, final int rounds) {
        for (int i = 0; i < rounds; i++) {
            store.onEvent(opened, i, true);
            store.onEvent(closed, i, true);
        }
    }

    private ConnectionStore open() {
        return ConnectionStore.open(directory, CAPACITY, SHARDS, SEEN_S, messages::add);
    }

    private List<String> listing() throws IOException {
        try (var walk = Files.walk(directory)) {
            return walk.filter(path -> !path.equals(directory)).map(path -> directory.relativize(path).toString()).sorted().toList();
        }
    }
}
