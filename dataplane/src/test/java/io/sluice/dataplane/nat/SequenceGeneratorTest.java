package io.sluice.dataplane.nat;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.dataplane.wire.Address;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class SequenceGeneratorTest {
    private static final long START_NS = 1_800_000_000_000_000_000L;
    private static final long LOCAL = Address.lowOfIpv4(0x0a020064);
    private static final long REAL = Address.lowOfIpv4(0x0a02000b);

    private final SequenceGenerator generator = new SequenceGenerator(1, 2);

    /** Entry 48 of vectors_sip64 in the authors' reference: key 00 to 0f, message 00 to 2f. */
    @Test
    void shouldHashLikeTheReference() {
        final SequenceGenerator reference = new SequenceGenerator(0x0706050403020100L, 0x0f0e0d0c0b0a0908L);
        assertThat(reference.hash(0x0706050403020100L, 0x0f0e0d0c0b0a0908L, 0x1716151413121110L, 0x1f1e1d1c1b1a1918L,
            0x2726252423222120L, 0x2f2e2d2c2b2a2928L)).isEqualTo(0xe612a3cb9ecba951L);
    }

    @Test
    void shouldGrowWithTimeForTheSamePair() {
        long nowNs = START_NS;
        int last = next(generator, 5000, nowNs);
        final Random random = new Random(1);
        for (int i = 0; i < 10_000; i++) {
            // Less than half the sequence space: 137 seconds.
            final long step = 64 + random.nextLong(60_000_000_000L);
            nowNs += step;
            final int now = next(generator, 5000, nowNs);
            assertThat(now - last).as("after %s ns", step).isPositive().isBetween((int) (step / 64), (int) (step / 64) + 1);
            last = now;
        }
    }

    @Test
    void shouldGoOnGrowingInAnotherProcessWithTheSameKey() {
        assertThat(next(new SequenceGenerator(1, 2), 5000, START_NS + 1_000_000_000L) - next(generator, 5000, START_NS))
            .isEqualTo(1_000_000_000 / 64);
    }

    @Test
    void shouldDifferForEveryPairAndKey() {
        final Set<Integer> numbers = new HashSet<>();
        for (int port = 1; port <= 5000; port++) {
            numbers.add(next(generator, port, START_NS));
        }
        // By chance 3 of 5000 would coincide once in 300 times.
        assertThat(numbers).hasSizeGreaterThan(4997);
        final Set<Integer> others = Set.of(next(generator, 5000, START_NS), next(new SequenceGenerator(1, 3), 5000, START_NS),
            next(new SequenceGenerator(2, 2), 5000, START_NS), generator.next(0, LOCAL + 1, 5000, 0, REAL, 80, START_NS),
            generator.next(0, LOCAL, 5000, 0, REAL + 1, 80, START_NS), generator.next(0, LOCAL, 5000, 0, REAL, 81, START_NS),
            generator.next(1, LOCAL, 5000, 0, REAL, 80, START_NS), generator.next(0, LOCAL, 5000, 1, REAL, 80, START_NS),
            generator.next(0, REAL, 80, 0, LOCAL, 5000, START_NS));
        assertThat(others).hasSize(9);
    }

    private static int next(final SequenceGenerator generator, final int localPort, final long nowNs) {
        return generator.next(Address.IPV4_HIGH, LOCAL, localPort, Address.IPV4_HIGH, REAL, 80, nowNs);
    }
}
