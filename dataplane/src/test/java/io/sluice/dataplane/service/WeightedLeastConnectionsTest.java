package io.sluice.dataplane.service;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class WeightedLeastConnectionsTest {
    @Test
    void shouldPickTheMemberWithTheFewestConnections() {
        final ServerGroup group = group(new int[] {1, 1, 1}, 4, 2, 3);
        assertThat(new WeightedLeastConnections(group).pick(0, 0, 0)).isEqualTo(1);
    }

    @Test
    void shouldWeighTheConnections() {
        // (7 + 1) / 4 = 2, (2 + 1) / 1 = 3, (5 + 1) / 2 = 3
        assertThat(new WeightedLeastConnections(group(new int[] {4, 1, 2}, 7, 2, 5)).pick(0, 0, 0)).isZero();
        // (8 + 1) / 4 = 2.25, (1 + 1) / 1 = 2, (5 + 1) / 2 = 3
        assertThat(new WeightedLeastConnections(group(new int[] {4, 1, 2}, 8, 1, 5)).pick(0, 0, 0)).isEqualTo(1);
    }

    @Test
    void shouldTakeEqualMembersInTurn() {
        final Scheduler scheduler = new WeightedLeastConnections(Groups.weighted(1, 0, 1, 1));
        assertThat(IntStream.range(0, 7).map(i -> scheduler.pick(0, 0, 0))).containsExactly(0, 2, 3, 0, 2, 3, 0);
    }

    @Test
    void shouldCompareExactlyAlsoHugeCountsAndWeights() {
        final ServerGroup group = Groups.weighted(65_535, 65_534);
        for (int i = 0; i < 65_533; i++) {
            group.member(0).connectionOpened();
            group.member(1).connectionOpened();
        }
        // 65534 / 65535 is just less than 65534 / 65534
        assertThat(new WeightedLeastConnections(group).pick(0, 0, 0)).isZero();
        group.member(0).connectionOpened();
        // 65535 / 65535 equals 65534 / 65534: the first
        assertThat(new WeightedLeastConnections(group).pick(0, 0, 0)).isZero();
        group.member(0).connectionOpened();
        assertThat(new WeightedLeastConnections(group).pick(0, 0, 0)).isEqualTo(1);
    }

    @Test
    void shouldKeepConnectionsInProportionToWeightsWhileTheyComeAndGo() {
        for (int seed = 0; seed < 30; seed++) {
            final Random random = new Random(seed);
            final int[] weights = random.ints(2 + random.nextInt(10), 1, 20).toArray();
            final int total = IntStream.of(weights).sum();
            final ServerGroup group = Groups.weighted(weights);
            final Scheduler scheduler = new WeightedLeastConnections(group);
            final List<Backend> connections = new ArrayList<>();
            for (int i = 0; i < 100 * total; i++) {
                final Backend backend = group.member(scheduler.pick(0, 0, 0));
                backend.connectionOpened();
                connections.add(backend);
                if (connections.size() > 10 * total) {
                    connections.remove(random.nextInt(connections.size())).connectionClosed();
                }
            }
            for (int member = 0; member < weights.length; member++) {
                final double share = 10.0 * weights[member];
                assertThat((double) group.member(member).activeConnections()).as("seed %s, weight %s", seed, weights[member])
                    .isBetween(share - 0.2 * share - 2, share + 0.2 * share + 2);
            }
        }
    }

    private static ServerGroup group(final int[] weights, final int... connections) {
        final ServerGroup group = Groups.weighted(weights);
        for (int member = 0; member < connections.length; member++) {
            for (int i = 0; i < connections[member]; i++) {
                group.member(member).connectionOpened();
            }
        }
        return group;
    }
}
