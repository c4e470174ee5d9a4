package io.sluice.dataplane.connection;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ExpiryWheelTest {
    private static final int LONGEST = 4095;
    private static final int LONGEST_RETURN = 40;

    private final ConnectionTable table = new ConnectionTable(64);
    private final List<Integer> visited = new ArrayList<>();
    private final ExpiryWheel.Visitor gone = (slot, now) -> {
        visited.add(slot);
        return 0;
    };

    @Test
    void shouldVisitInTheSecondAskedForAndOnlyOnce() {
        final ExpiryWheel wheel = new ExpiryWheel(table, 100);
        final int slot = table.allocate();
        wheel.schedule(slot, 5);
        assertThat(wheel.advance(104, gone, 10)).isZero();
        assertThat(wheel.advance(105, gone, 10)).isEqualTo(1);
        assertThat(visited).containsExactly(slot);
        assertThat(wheel.advance(105 + 3 * LONGEST, gone, 10)).isZero();
    }

    @Test
    void shouldComeBackWhenTheVisitorSaysSo() {
        final ExpiryWheel wheel = new ExpiryWheel(table, 0);
        final List<Integer> times = new ArrayList<>();
        wheel.schedule(table.allocate(), 1);
        for (int now = 0; now < 30; now++) {
            wheel.advance(now, (slot, nowSeconds) -> {
                times.add(nowSeconds);
                return nowSeconds < 20 ? 7 : 0;
            }, 10);
        }
        assertThat(times).containsExactly(1, 8, 15, 22);
    }

    @Test
    void shouldCountAReturnFromTheTimeOfTheVisitWhenTheClockHasJumped() {
        final ExpiryWheel wheel = new ExpiryWheel(table, 0);
        wheel.schedule(table.allocate(), 1);
        assertThat(wheel.advance(50, (slot, now) -> 7, 10)).isEqualTo(1);
        assertThat(wheel.advance(56, gone, 10)).isZero();
        assertThat(wheel.advance(57, gone, 10)).isEqualTo(1);
    }

    @Test
    void shouldDoTheRestInTheNextCallWhenTheLimitIsReached() {
        final ExpiryWheel wheel = new ExpiryWheel(table, 0);
        final List<Integer> slots = IntStream.range(0, 10).map(i -> table.allocate()).boxed().toList();
        slots.forEach(slot -> wheel.schedule(slot, 1 + slot / 5));
        assertThat(wheel.advance(2, gone, 4)).isEqualTo(4);
        assertThat(wheel.advance(2, gone, 4)).isEqualTo(4);
        assertThat(wheel.advance(2, gone, 4)).isEqualTo(2);
        assertThat(wheel.advance(2, gone, 4)).isZero();
        assertThat(visited).containsExactlyInAnyOrderElementsOf(slots);
    }

    @Test
    void shouldVisitEarlyWhatIsFurtherAwayThanTheWheelReaches() {
        final ExpiryWheel wheel = new ExpiryWheel(table, 0);
        wheel.schedule(table.allocate(), 600_000);
        assertThat(wheel.advance(LONGEST - 1, gone, 10)).isZero();
        assertThat(wheel.advance(LONGEST, gone, 10)).isEqualTo(1);
    }

    @Test
    void shouldGoOnOverTheEndOfThe32BitClock() {
        final ExpiryWheel wheel = new ExpiryWheel(table, Integer.MAX_VALUE - 1);
        wheel.schedule(table.allocate(), 5);
        assertThat(wheel.advance(Integer.MAX_VALUE + 2, gone, 10)).isZero();
        assertThat(wheel.advance(Integer.MAX_VALUE + 4, gone, 10)).isEqualTo(1);
        wheel.schedule(table.allocate(), 3);
        assertThat(wheel.advance(Integer.MIN_VALUE, gone, 10)).as("backwards").isZero();
    }

    @Test
    void shouldVisitEarlyButLoseNoneWhenTheClockJumpsFurtherThanTheWheelReaches() {
        final ExpiryWheel wheel = new ExpiryWheel(table, 0);
        final List<Integer> slots = IntStream.range(0, 40).map(i -> table.allocate()).boxed().toList();
        slots.forEach(slot -> wheel.schedule(slot, 1 + slot * 97));
        wheel.advance(5 * LONGEST, (slot, now) -> 100, Integer.MAX_VALUE);
        assertThat(wheel.advance(5 * LONGEST + 100, gone, Integer.MAX_VALUE)).isEqualTo(40);
        assertThat(visited).containsExactlyInAnyOrderElementsOf(slots);
    }

    @ParameterizedTest(name = "{0} connections")
    @ValueSource(ints = {1, 3, 20, 60})
    void shouldLoseNoneAndVisitNoneTwice(final int connections) {
        for (int seed = 0; seed < 60; seed++) {
            new Model(connections, 100L * connections + seed).run();
        }
    }

    /** The wheel beside a map from slot to due time. */
    private static final class Model {
        private final ConnectionTable table;
        private final Random random;
        private final String seed;
        private final ExpiryWheel wheel;
        private final Map<Integer, Integer> due = new HashMap<>();
        private final List<Integer> idle = new ArrayList<>();
        private int now;
        /** Visits are outstanding, because the limit was reached. */
        private boolean behind;

        Model(final int connections, final long seed) {
            this.random = new Random(seed);
            this.seed = "seed " + seed;
            this.table = new ConnectionTable(connections);
            this.now = random.nextInt();
            this.wheel = new ExpiryWheel(table, now);
            IntStream.range(0, connections).forEach(i -> idle.add(table.allocate()));
        }

        void run() {
            for (int step = 0; step < 2000; step++) {
                switch (random.nextInt(8)) {
                    case 0, 1, 2 -> schedule();
                    case 3 -> reschedule();
                    case 4 -> cancel();
                    case 5 -> advance(0, 1 + random.nextInt(10));
                    case 6 -> advance(1 + random.nextInt(3), random.nextInt(4));
                    default -> {
                        catchUp();
                        advance(random.nextInt(50) == 0 ? random.nextInt(LONGEST / 2) : random.nextInt(20), Integer.MAX_VALUE);
                    }
                }
            }
        }

        private int after() {
            return random.nextInt(20) == 0 ? random.nextInt(100_000) : 1 + random.nextInt(30);
        }

        /** A wheel that is behind would visit earlier than asked; the lane accepts that, this model keeps it simple. */
        private void catchUp() {
            if (behind) {
                advance(0, Integer.MAX_VALUE);
            }
        }

        private void schedule() {
            catchUp();
            if (!idle.isEmpty()) {
                final int slot = idle.removeLast();
                final int after = after();
                wheel.schedule(slot, after);
                due.put(slot, now + Math.clamp(after, 1, LONGEST));
            }
        }

        private void reschedule() {
            catchUp();
            if (!due.isEmpty()) {
                final int slot = any();
                final int after = after();
                wheel.reschedule(slot, after);
                due.put(slot, now + Math.clamp(after, 1, LONGEST));
            }
        }

        private void cancel() {
            if (!due.isEmpty()) {
                final int slot = any();
                wheel.cancel(slot);
                due.remove(slot);
                idle.add(slot);
            }
        }

        private int any() {
            return due.keySet().stream().skip(random.nextInt(due.size())).findFirst().orElseThrow();
        }

        private void advance(final int seconds, final int limit) {
            now += seconds;
            final int visits = wheel.advance(now, this::visit, limit);
            assertThat(visits).as(seed).isLessThanOrEqualTo(limit);
            behind = visits == limit;
            if (!behind) {
                due.forEach((slot, time) -> assertThat(time - now).as("%s: slot %s was not visited", seed, slot).isPositive());
            }
        }

        private int visit(final int slot, final int nowSeconds) {
            assertThat(nowSeconds).isEqualTo(now);
            assertThat(due).as(seed).containsKey(slot);
            assertThat(due.get(slot) - now).as("%s: slot %s came early", seed, slot).isLessThanOrEqualTo(0);
            if (random.nextInt(3) == 0) {
                due.remove(slot);
                idle.add(slot);
                return 0;
            }
            final int again = 1 + random.nextInt(LONGEST_RETURN);
            due.put(slot, now + again);
            return again;
        }
    }
}
