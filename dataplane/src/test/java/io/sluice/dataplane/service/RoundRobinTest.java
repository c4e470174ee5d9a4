package io.sluice.dataplane.service;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class RoundRobinTest {
    @Test
    void shouldTakeTheUsableMembersInTurnWhateverTheirWeight() {
        final Scheduler scheduler = new RoundRobin(Groups.weighted(9, 0, 1, 5, 0));
        assertThat(IntStream.range(0, 8).map(i -> scheduler.pick(0, 0, 0))).containsExactly(0, 2, 3, 0, 2, 3, 0, 2);
    }
}
