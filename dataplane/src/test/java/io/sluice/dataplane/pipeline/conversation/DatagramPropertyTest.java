package io.sluice.dataplane.pipeline.conversation;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.dataplane.pipeline.conversation.Town.Families;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Datagrams, whole and in fragments: never broken, never at the wrong address, never lost by us. */
class DatagramPropertyTest {
    @ParameterizedTest
    @EnumSource
    @Timeout(300)
    void shouldDeliverEverythingInFairWeather(final Families families) {
        Seeds.forEach(30, seed -> live(new DatagramTown(seed, families, true, false)));
    }

    @ParameterizedTest
    @EnumSource
    @Timeout(300)
    void shouldDeliverNothingWrongInBadWeather(final Families families) {
        Seeds.forEach(60, seed -> live(new DatagramTown(seed, families, false, false)));
    }

    @ParameterizedTest
    @EnumSource
    @Timeout(300)
    void shouldGoOnAfterThePathWasKilled(final Families families) {
        final int[] restarts = {0};
        Seeds.forEach(60, seed -> restarts[0] += live(new DatagramTown(seed, families, false, true)));
        assertThat(restarts[0]).isPositive();
    }

    private static int live(final DatagramTown town) {
        try (town) {
            town.live();
            return town.world().restarts();
        }
    }
}
