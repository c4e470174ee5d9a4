package io.sluice.dataplane.counter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.sluice.dataplane.api.CounterView;
import io.sluice.dataplane.api.DataplaneException;
import io.sluice.dataplane.verdict.DropReason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CountersFileTest {
    private static final int CAPACITY = 200;

    @TempDir
    private Path directory;

    @Test
    void shouldShowOthersWhatALaneCounts() {
        try (CountersFile file = CountersFile.create(directory, CAPACITY)) {
            final LaneCounters lane = file.lane();
            lane.increment(SystemCounter.TTM_INSERTED);
            lane.add(SystemCounter.TTM_INSERTED, 9);
            lane.set(SystemCounter.CONNECTIONS_CURRENT, 7);
            lane.drop(DropReason.NO_BACKEND);
            assertThat(CountersFile.read(directory)).as("by another mapping")
                .contains(new CounterView("ttm_inserted", "", 10, SystemCounter.TTM_INSERTED.sentence()),
                    new CounterView("connections_current", "", 7, SystemCounter.CONNECTIONS_CURRENT.sentence()),
                    new CounterView("drops.no_backend", "", 1, DropReason.NO_BACKEND.sentence()))
                .isEqualTo(file.views());
            assertThat(lane.get(SystemCounter.TTM_INSERTED)).isEqualTo(10);
            assertThat(lane.get(DropReason.NO_BACKEND)).isEqualTo(1);
        }
        assertThat(CountersFile.read(directory)).as("when its process is gone").isNotEmpty();
    }

    @Test
    void shouldHaveACounterForEveryEntryOfTheEnums() {
        try (CountersFile file = CountersFile.create(directory, CAPACITY)) {
            file.lane();
            assertThat(file.views()).hasSize(SystemCounter.values().length + DropReason.count())
                .allSatisfy(view -> assertThat(view.sentence()).isNotBlank())
                .allSatisfy(view -> assertThat(view.value()).isZero());
            final Set<String> names = new HashSet<>();
            file.views().forEach(view -> names.add(view.name()));
            assertThat(names).hasSize(SystemCounter.values().length + DropReason.count());
        }
    }

    @Test
    void shouldTellLanesApart() {
        try (CountersFile file = CountersFile.create(directory, CAPACITY)) {
            file.lane().increment(SystemCounter.CYCLES);
            file.lane().add(SystemCounter.CYCLES, 2);
            assertThat(file.views()).filteredOn(view -> view.name().equals("cycles"))
                .extracting(CounterView::subject, CounterView::value)
                .containsExactly(tuple("", 3L));
        }
    }

    @Test
    void shouldCountSubjectsUntilTheyAreFreed() {
        try (CountersFile file = CountersFile.create(directory, CAPACITY)) {
            final SubjectCounters web = file.subject("listener", "web");
            web.opened();
            web.restored();
            web.in(100);
            web.in(50);
            web.out(7);
            web.refused();
            web.closed();
            assertThat(web.current()).isEqualTo(1);
            assertThat(value(file, "listener.connections_opened")).isEqualTo(1);
            assertThat(value(file, "listener.connections_current")).isEqualTo(1);
            assertThat(value(file, "listener.connections_refused")).isEqualTo(1);
            assertThat(value(file, "listener.packets_in")).isEqualTo(2);
            assertThat(value(file, "listener.bytes_in")).isEqualTo(150);
            assertThat(value(file, "listener.packets_out")).isEqualTo(1);
            assertThat(value(file, "listener.bytes_out")).isEqualTo(7);
            file.free(web);
            assertThat(file.views()).isEmpty();
        }
    }

    @Test
    void shouldKnowHowManySubjectsStillFit() {
        final int each = SubjectCounter.values().length;
        try (CountersFile file = CountersFile.create(directory, 3 * each + 1)) {
            assertThat(file.hasRoomFor(3)).isTrue();
            assertThat(file.hasRoomFor(4)).isFalse();
            final List<SubjectCounters> subjects = List.of(file.subject("backend", "a"), file.subject("backend", "b"));
            assertThat(file.hasRoomFor(1)).isTrue();
            assertThat(file.hasRoomFor(2)).isFalse();
            subjects.forEach(file::free);
            assertThat(file.hasRoomFor(2)).as("a reader might take the new for the old").isFalse();
            Awaitility.await().until(() -> file.hasRoomFor(3));
        }
    }

    /** Whoever still reads the old file must not see it change. */
    @Test
    void shouldReplaceTheFileOfAnEarlierProcess() throws IOException {
        try (CountersFile old = CountersFile.create(directory, CAPACITY)) {
            old.lane().increment(SystemCounter.CYCLES);
            try (CountersFile file = CountersFile.create(directory, CAPACITY)) {
                file.lane();
                assertThat(value(file, "cycles")).isZero();
                assertThat(value(old, "cycles")).isEqualTo(1);
                assertThat(CountersFile.read(directory)).isEqualTo(file.views());
            }
        }
        try (var files = Files.list(directory)) {
            assertThat(files).containsExactly(directory.resolve(CountersFile.FILE_NAME));
        }
    }

    @Test
    void shouldSayWhatIsWrongWithAFileThatCannotBeRead() throws IOException {
        assertThatThrownBy(() -> CountersFile.read(directory)).isInstanceOf(DataplaneException.class)
            .hasMessageContaining("no Sluice has run with this state directory");
        Files.write(directory.resolve(CountersFile.FILE_NAME), new byte[4096]);
        assertThatThrownBy(() -> CountersFile.read(directory)).isInstanceOf(DataplaneException.class)
            .hasMessageContaining("is not a counters file of version 1");
    }

    @Test
    void shouldSayWhatIsWrongWithAFileThatIsTooShort() throws IOException {
        for (final int length : new int[] {0, 10, 64}) {
            Files.write(directory.resolve(CountersFile.FILE_NAME), head(length));
            assertThatThrownBy(() -> CountersFile.read(directory)).as("%s bytes", length).isInstanceOf(DataplaneException.class)
                .hasMessageContaining("is not a counters file");
        }
    }

    /** What a process that was killed while it made the file may leave, and a file that was cut off later. */
    private byte[] head(final int length) throws IOException {
        try (CountersFile file = CountersFile.create(directory, CAPACITY)) {
            return Arrays.copyOf(Files.readAllBytes(file.file()), length);
        }
    }

    @Test
    void shouldSayWhyTheFileCannotBeMade() {
        assertThatThrownBy(() -> CountersFile.create(directory.resolve("missing"), CAPACITY))
            .isInstanceOf(DataplaneException.class).hasMessageContaining("cannot make the counters file");
    }

    private static long value(final CountersFile file, final String name) {
        return file.views().stream().filter(view -> view.name().equals(name)).findFirst().orElseThrow().value();
    }
}
