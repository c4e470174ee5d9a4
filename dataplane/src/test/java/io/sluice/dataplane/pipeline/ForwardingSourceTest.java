package io.sluice.dataplane.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.dataplane.api.ForwardingSpec;
import io.sluice.dataplane.counter.CountersFile;
import io.sluice.dataplane.service.ForwardingCompiler;
import io.sluice.dataplane.service.ForwardingTable;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class ForwardingSourceTest {
    private static final int CONFIGURATIONS = 20_000;

    @Test
    void shouldSayWhenTheLaneHasTakenTheNewest(@TempDir final Path directory) {
        try (CountersFile counters = CountersFile.create(directory, 64)) {
            final ForwardingTable first = table(counters, 1);
            final ForwardingTable second = table(counters, 2);
            final ForwardingSource source = new ForwardingSource(first);
            assertThat(source.isTaken()).isTrue();
            assertThat(source.current()).isSameAs(first);
            source.publish(second);
            assertThat(source.isTaken()).isFalse();
            assertThat(source.newest()).isSameAs(second);
            assertThat(source.current()).isSameAs(second);
            assertThat(source.isTaken()).isTrue();
        }
    }

    /** What the control thread knows as taken, the lane must never use an older one of again. */
    @Test
    @Timeout(60)
    void shouldNeverGoBackToAConfigurationThatIsNoLongerInUse(@TempDir final Path directory) throws InterruptedException {
        try (CountersFile counters = CountersFile.create(directory, 64)) {
            final ForwardingSource source = new ForwardingSource(table(counters, 0));
            final AtomicReference<String> wrong = new AtomicReference<>();
            final Thread lane = Thread.ofPlatform().start(() -> {
                long last = 0;
                while (last < CONFIGURATIONS && wrong.get() == null) {
                    final long revision = source.current().spec().revision();
                    if (revision < last) {
                        wrong.set("revision " + revision + " after " + last);
                    }
                    last = revision;
                }
            });
            for (int revision = 1; revision <= CONFIGURATIONS && wrong.get() == null; revision++) {
                source.publish(table(counters, revision));
                if (revision % 10 == 0) {
                    while (!source.isTaken() && wrong.get() == null) {
                        Thread.onSpinWait();
                    }
                }
            }
            lane.join();
            assertThat(wrong.get()).isNull();
        }
    }

    private static ForwardingTable table(final CountersFile counters, final long revision) {
        return new ForwardingCompiler(counters).compile(new ForwardingSpec(revision, List.of(), List.of(), List.of(), List.of()), 0);
    }
}
