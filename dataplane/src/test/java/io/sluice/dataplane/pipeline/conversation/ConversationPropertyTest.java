package io.sluice.dataplane.pipeline.conversation;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.dataplane.pipeline.conversation.Town.Families;
import io.sluice.dataplane.pipeline.PathHarness;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Whatever clients and servers do, and whatever the links do to them: each hears what the other said, and nothing is left. */
class ConversationPropertyTest {
    @ParameterizedTest
    @EnumSource
    @Timeout(300)
    void shouldCarryEveryConversation(final Families families) {
        final int[] reused = {0};
        Seeds.forEach(400, seed -> {
            try (Town town = new Town(seed, families, false)) {
                town.live();
                reused[0] += town.servers().timeWaitsReused();
            }
        });
        // With more lanes there are more ports, and each lane takes the one that was idle longest.
        assertThat(reused[0] > 0 || PathHarness.LANES > 1).as("local ports reused that a server still held in TIME_WAIT").isTrue();
    }

    @ParameterizedTest
    @EnumSource
    @Timeout(300)
    void shouldCarryThemOnAfterThePathWasKilled(final Families families) {
        final int[] restarts = {0};
        Seeds.forEach(400, seed -> {
            try (Town town = new Town(seed, families, true)) {
                town.live();
                restarts[0] += town.world().restarts();
            }
        });
        assertThat(restarts[0]).isPositive();
    }
}
