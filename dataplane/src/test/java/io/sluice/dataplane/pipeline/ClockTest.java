package io.sluice.dataplane.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import org.junit.jupiter.api.Test;

class ClockTest {
    @Test
    void shouldAgreeWithTheWallClockAndNeverGoBack() {
        final Clock clock = new Clock();
        long last = clock.nowNs();
        assertThat(Math.abs(Instant.now().getEpochSecond() - last / 1_000_000_000L)).isLessThan(60);
        for (int i = 0; i < 100_000; i++) {
            final long now = clock.nowNs();
            assertThat(now >= last).isTrue();
            last = now;
        }
    }

    @Test
    void shouldCutTimesToWholeSeconds() {
        assertThat(Clock.seconds(1_999_999_999L)).isEqualTo(1);
        assertThat(Clock.seconds(2_000_000_000L)).isEqualTo(2);
        assertThat(Clock.seconds(4_000_000_000L * 1_000_000_000L)).as("beyond 2038").isEqualTo((int) 4_000_000_000L);
    }
}
