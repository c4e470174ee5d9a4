package io.sluice.dataplane.connection;

import static io.sluice.dataplane.connection.StoredConnections.SEEN_S;
import static io.sluice.dataplane.connection.StoredConnections.contents;
import static io.sluice.dataplane.connection.StoredConnections.put;
import static io.sluice.dataplane.connection.StoredConnections.record;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A write that was noted but not done, as a kill in the middle of it leaves it. */
class StoreJournalTest {
    @TempDir
    private Path directory;
    private final List<String> messages = new CopyOnWriteArrayList<>();

    @BeforeEach
    void storeTwoConnectionsAndEndWithoutTheCleanMark() throws IOException {
        try (ConnectionStore store = open()) {
            put(store, 1, 1);
            put(store, 2, 1);
        }
        Files.delete(directory.resolve("clean"));
    }

    @Test
    void shouldRepeatAPutOfANewConnection() throws IOException {
        journal().begin(false, 0, record(3, 1), 3);
        assertThat(stored()).isEqualTo(Map.of(1, 1, 2, 1, 3, 1));
    }

    @Test
    void shouldRepeatAPutThatReplaces() throws IOException {
        journal().begin(false, 0, record(1, 2), 2);
        assertThat(stored()).isEqualTo(Map.of(1, 2, 2, 1));
    }

    @Test
    void shouldRepeatARemoval() throws IOException {
        journal().begin(true, 0, record(1, 1), 1);
        assertThat(stored()).isEqualTo(Map.of(2, 1));
    }

    @Test
    void shouldRepeatNothingThatWasDoneOrForgotten() throws IOException {
        final StoreJournal journal = journal();
        journal.begin(false, 0, record(3, 1), 2);
        journal.done();
        journal.begin(true, 0, record(1, 1), 1);
        journal.forget();
        assertThat(stored()).isEqualTo(Map.of(1, 1, 2, 1));
    }

    @Test
    void shouldRepeatNothingWhoseRecordIsDamaged() throws IOException {
        final MemorySegment record = record(3, 1);
        journal().begin(false, 0, record, 2);
        final byte[] bytes = Files.readAllBytes(directory.resolve("generation-1/journal"));
        bytes[100] ^= 1;
        Files.write(directory.resolve("generation-1/journal"), bytes);
        assertThat(stored()).isEqualTo(Map.of(1, 1, 2, 1));
    }

    private StoreJournal journal() throws IOException {
        return StoreJournal.open(directory.resolve("generation-1"));
    }

    private Map<Integer, Integer> stored() {
        try (ConnectionStore store = open()) {
            final Map<Integer, Integer> found = contents(store);
            assertThat(store.size()).isEqualTo(found.size());
            assertThat(store.statistics().corrupt()).isZero();
            return found;
        }
    }

    private ConnectionStore open() {
        return ConnectionStore.open(directory, 1000, 1, SEEN_S, messages::add);
    }
}
