package io.sluice.dataplane.connection;

import static io.sluice.dataplane.connection.StoredConnections.SEEN_S;
import static io.sluice.dataplane.connection.StoredConnections.contents;
import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.dataplane.connection.ConnectionEvent.Kind;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EventLogTest {
    private static final int CAPACITY = 16;
    private static final int HEADER = 4096;
    private static final int SLOT = 192;

    @TempDir
    private Path directory;
    private final MemorySegment record = Arena.ofAuto().allocate(ConnectionRecord.LENGTH, 8);
    private final List<String> messages = new ArrayList<>();

    @Test
    void shouldRepeatNothingWhereNothingIs() throws IOException {
        assertThat(repeated()).isEmpty();
    }

    @Test
    void shouldRepeatInOrderWhatWasNotKept() throws IOException {
        final EventLog log = EventLog.begin(directory, CAPACITY);
        write(log, 0, Kind.OPENED, 7);
        write(log, 1, Kind.OPENED, 8);
        write(log, 2, Kind.CLOSED, 7);
        log.kept(0);
        assertThat(repeated()).containsExactly("OPENED 8", "CLOSED 7");
        assertThat(repeated()).as("the log stays until another begins").containsExactly("OPENED 8", "CLOSED 7");
        EventLog.begin(directory, CAPACITY);
        assertThat(repeated()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, CAPACITY - 1, CAPACITY, CAPACITY + 1, 10 * CAPACITY + 3})
    void shouldRepeatTheLatestOfManyEvents(final int count) throws IOException {
        final EventLog log = EventLog.begin(directory, CAPACITY);
        for (int i = 0; i < count; i++) {
            write(log, i, Kind.CHANGED, i);
            if (i < count - 5) {
                log.kept(i);
            }
        }
        final List<String> expected = new ArrayList<>();
        for (int i = Math.max(0, count - 5); i < count; i++) {
            expected.add("CHANGED " + i);
        }
        assertThat(repeated()).isEqualTo(expected);
    }

    @Test
    void shouldLeaveOutWhatALaneHadClaimedAndNotWritten() throws IOException {
        final EventLog log = EventLog.begin(directory, CAPACITY);
        write(log, 0, Kind.OPENED, 1);
        write(log, 2, Kind.OPENED, 3);
        assertThat(repeated()).containsExactly("OPENED 1", "OPENED 3");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 8, 16, 64, 64 + ConnectionRecord.LENGTH - 1})
    void shouldLeaveOutWhatIsDamaged(final int offset) throws IOException {
        final EventLog log = EventLog.begin(directory, CAPACITY);
        write(log, 0, Kind.OPENED, 1);
        write(log, 1, Kind.OPENED, 2);
        flip(HEADER + offset);
        assertThat(repeated()).containsExactly("OPENED 2");
    }

    @Test
    void shouldSayThatAFileIsNoneOfOurs() throws IOException {
        EventLog.begin(directory, CAPACITY);
        final Path file = directory.resolve(EventLog.FILE);
        final byte[] whole = Files.readAllBytes(file);
        for (final int length : new int[] {0, 1, HEADER - 1, HEADER, whole.length - 1}) {
            Files.write(file, Arrays.copyOf(whole, length));
            assertThat(EventLog.repeat(directory, (kind, found) -> { })).as("%d bytes", length).isFalse();
        }
        for (final int offset : new int[] {0, 8, 12, 15}) {
            Files.write(file, whole);
            flip(offset);
            assertThat(EventLog.repeat(directory, (kind, found) -> { })).as("byte %d", offset).isFalse();
        }
    }

    @Test
    void shouldGiveTheStoreWhatWasPublishedBeforeAProcessEnded() {
        // Nobody takes the events: as if the table's thread had never got a core.
        try (ConnectionStore store = open()) {
            final ConnectionEventRing ring = new ConnectionEventRing(store.log());
            for (int i = 0; i < 100; i++) {
                assertThat(ring.publish(Kind.OPENED, StoredConnections.fill(record, i, 1), 0)).isTrue();
            }
            assertThat(ring.publish(Kind.CHANGED, StoredConnections.fill(record, 5, 2), 0)).isTrue();
            for (int i = 10; i < 100; i++) {
                assertThat(ring.publish(Kind.CLOSED, StoredConnections.fill(record, i, 1), 0)).isTrue();
            }
            assertThat(store.size()).isZero();
        }
        final Map<Integer, Integer> expected = Map.of(0, 1, 1, 1, 2, 1, 3, 1, 4, 1, 5, 2, 6, 1, 7, 1, 8, 1, 9, 1);
        for (int start = 0; start < 2; start++) {
            try (ConnectionStore store = open()) {
                assertThat(contents(store)).isEqualTo(expected);
            }
        }
        assertThat(messages).isEmpty();
    }

    @Test
    void shouldOpenTheStoreWithADamagedLogAndSaySo() throws IOException {
        open().close();
        Files.write(directory.resolve(EventLog.FILE), new byte[10_000]);
        open().close();
        assertThat(messages).singleElement().asString().contains(EventLog.FILE + " is damaged and begins anew");
    }

    private ConnectionStore open() {
        return ConnectionStore.open(directory, 1000, 2, SEEN_S, messages::add);
    }

    private void write(final EventLog log, final long event, final Kind kind, final int number) {
        log.write(event, kind, StoredConnections.fill(record, number, 1), 0);
    }

    private List<String> repeated() throws IOException {
        final List<String> repeated = new ArrayList<>();
        assertThat(EventLog.repeat(directory, (kind, found) -> {
            for (int number = 0; number < 10 * CAPACITY + 10; number++) {
                if (found.mismatch(StoredConnections.fill(record, number, 1)) < 0) {
                    repeated.add(kind + " " + number);
                }
            }
        })).isTrue();
        return repeated;
    }

    private void flip(final int offset) throws IOException {
        try (RandomAccessFile file = new RandomAccessFile(directory.resolve(EventLog.FILE).toFile(), "rw")) {
            file.seek(offset);
            final int before = file.read();
            file.seek(offset);
            file.write(before ^ 0x55);
        }
    }
}
