package io.sluice.dataplane.service;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WeightedRoundRobinTest {
    @ParameterizedTest
    @CsvSource({
        "5 1 1,   0 0 1 0 2 0 0  0 0 1 0 2 0 0",
        "1 1 1,   0 1 2 0 1 2",
        "3 2,     0 1 0 1 0  0 1 0 1 0",
        "1 0 2,   2 0 2  2 0 2",
        "100 100, 0 1 0 1",
        "0 7,     1 1 1",
    })
    void shouldGiveTheKnownSequences(final String weights, final String expected) {
        final Scheduler scheduler = new WeightedRoundRobin(Groups.weighted(numbers(weights)));
        final int[] sequence = numbers(expected);
        assertThat(IntStream.range(0, sequence.length).map(i -> scheduler.pick(0, 0, 0))).containsExactly(box(sequence));
    }

    @Test
    void shouldGiveExactlyTheSequenceOfTheDefinition() {
        for (int seed = 0; seed < 300; seed++) {
            final Random random = new Random(seed);
            final int[] weights = random.ints(1 + random.nextInt(40), 0, seed % 3 == 0 ? 65_536 : 8).toArray();
            weights[random.nextInt(weights.length)] = 3;
            final Scheduler scheduler = new WeightedRoundRobin(Groups.weighted(weights));
            final Definition definition = new Definition(weights);
            for (int i = 0; i < 2000; i++) {
                assertThat(scheduler.pick(0, 0, 0)).as("seed %s, pick %s", seed, i).isEqualTo(definition.pick());
            }
        }
    }

    @Test
    void shouldGiveEveryMemberItsWeightInEveryPeriod() {
        for (int seed = 0; seed < 50; seed++) {
            final Random random = new Random(seed);
            final int[] weights = random.ints(1 + random.nextInt(20), 0, 30).toArray();
            weights[0] = 1;
            final Scheduler scheduler = new WeightedRoundRobin(Groups.weighted(weights));
            final int period = IntStream.of(weights).sum();
            for (int round = 0; round < 3; round++) {
                final int[] picks = new int[weights.length];
                for (int i = 0; i < period; i++) {
                    picks[scheduler.pick(0, 0, 0)]++;
                }
                assertThat(picks).as("seed %s", seed).containsExactly(weights);
            }
        }
    }

    @Test
    void shouldNeverBeFarFromTheFairShare() {
        for (int seed = 0; seed < 50; seed++) {
            final Random random = new Random(seed);
            final int[] weights = random.ints(2 + random.nextInt(20), 1, 100).toArray();
            final double total = IntStream.of(weights).sum();
            final Scheduler scheduler = new WeightedRoundRobin(Groups.weighted(weights));
            final int[] picks = new int[weights.length];
            for (int i = 1; i <= 2 * total; i++) {
                picks[scheduler.pick(0, 0, 0)]++;
                for (int member = 0; member < weights.length; member++) {
                    assertThat(picks[member] - i * weights[member] / total).as("seed %s, after %s picks", seed, i)
                        .isBetween(-2.0, 1.0);
                }
            }
        }
    }

    private static int[] numbers(final String text) {
        return Arrays.stream(text.trim().split("\\s+")).mapToInt(Integer::parseInt).toArray();
    }

    private static Integer[] box(final int[] numbers) {
        return IntStream.of(numbers).boxed().toArray(Integer[]::new);
    }

    /** The algorithm as its authors describe it: every score grows by its weight, the highest wins and falls by the sum. */
    private static final class Definition {
        private final int[] weights;
        private final long[] scores;
        private final long total;

        Definition(final int[] weights) {
            this.weights = weights;
            this.scores = new long[weights.length];
            this.total = IntStream.of(weights).asLongStream().sum();
        }

        int pick() {
            int best = -1;
            for (int i = 0; i < weights.length; i++) {
                scores[i] += weights[i];
                if (weights[i] > 0 && (best < 0 || scores[i] > scores[best])) {
                    best = i;
                }
            }
            scores[best] -= total;
            return best;
        }
    }
}
