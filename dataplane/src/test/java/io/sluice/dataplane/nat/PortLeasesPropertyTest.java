package io.sluice.dataplane.nat;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Long random sequences against what anybody would expect of leases, kept in plain arrays. */
class PortLeasesPropertyTest {
    private static final int STEPS = 20_000;

    @ParameterizedTest(name = "{0} ports")
    @ValueSource(ints = {1, 2, 3, 63, 64, 65, 200, 1000})
    void shouldNeverLeaseTwiceNorAPortThatWasIdleForLessTimeThanAnother(final int ports) {
        for (int seed = 0; seed < 20; seed++) {
            try (PortLeases leases = new PortLeases(pool(ports))) {
                new Model(leases, ports, new Random(31L * ports + seed), "seed " + seed).run();
            }
        }
    }

    private static LocalPortPool pool(final int ports) {
        return new LocalPortPool("test", List.of(InetAddress.ofLiteral("fd02::100")), 5000, 4999 + ports);
    }

    /** What the leases must be by now. */
    private static final class Model {
        private final PortLeases leases;
        private final int ports;
        private final Random random;
        private final String seed;
        private final boolean[] taken;
        private final long[] idleSince;
        /** Reserved at least once since it was last leased in turn: may come later than its idle time says, never earlier. */
        private final boolean[] mayLag;
        private int takenCount;
        private long exhausted;

        Model(final PortLeases leases, final int ports, final Random random, final String seed) {
            this.leases = leases;
            this.ports = ports;
            this.random = random;
            this.seed = seed;
            this.taken = new boolean[ports];
            this.mayLag = new boolean[ports];
            this.idleSince = new long[ports];
            Arrays.setAll(idleSince, port -> port - ports);
        }

        void run() {
            for (int step = 1; step <= STEPS; step++) {
                // The load swings between empty and full, so that both ends are met.
                final boolean filling = step / (3 * ports + 10) % 2 == 0;
                final int dice = random.nextInt(20);
                if (dice < 3) {
                    reserve(random.nextInt(ports));
                } else if (filling == dice < 15) {
                    lease(step);
                } else {
                    release(random.nextInt(ports), step);
                }
                assertThat(leases.leased()).as(seed).isEqualTo(takenCount);
            }
            drain();
        }

        private void lease(final int step) {
            final int expected = leases.peek();
            final int port = leases.lease();
            assertThat(port).as("%s, step %s: peek", seed, step).isEqualTo(expected);
            if (takenCount == ports) {
                exhausted++;
                assertThat(port).isEqualTo(PortLeases.NONE);
                assertThat(leases.exhausted()).isEqualTo(exhausted);
                return;
            }
            assertThat(taken[port]).as("%s, step %s: port %s leased twice", seed, step, port).isFalse();
            for (int other = 0; other < ports; other++) {
                if (!taken[other] && !mayLag[other] && idleSince[other] < idleSince[port]) {
                    throw new AssertionError(seed + ", step " + step + ": " + port + " leased, but " + other + " was idle longer");
                }
            }
            taken[port] = true;
            mayLag[port] = false;
            takenCount++;
        }

        private void reserve(final int port) {
            assertThat(leases.reserve(port)).as(seed).isEqualTo(!taken[port]);
            if (!taken[port]) {
                taken[port] = true;
                mayLag[port] = true;
                takenCount++;
            }
        }

        private void release(final int port, final int step) {
            assertThat(leases.release(port)).as(seed).isEqualTo(taken[port]);
            if (taken[port]) {
                taken[port] = false;
                idleSince[port] = step;
                takenCount--;
            }
        }

        private void drain() {
            for (int port = leases.lease(); port != PortLeases.NONE; port = leases.lease()) {
                assertThat(taken[port]).as(seed).isFalse();
                taken[port] = true;
                takenCount++;
            }
            assertThat(takenCount).as(seed + ": all that were free came").isEqualTo(ports);
            assertThat(leases.pool().leased()).isEqualTo(ports);
        }
    }
}
