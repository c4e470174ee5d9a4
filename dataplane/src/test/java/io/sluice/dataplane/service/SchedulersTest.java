package io.sluice.dataplane.service;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.dataplane.api.SchedulerKind;
import io.sluice.dataplane.lab.AllocatedBytes;
import io.sluice.dataplane.wire.Address;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What holds for every scheduler. */
class SchedulersTest {
    @ParameterizedTest
    @EnumSource(SchedulerKind.class)
    void shouldPickNoneWhenNoMemberIsUsable(final SchedulerKind kind) {
        for (final ServerGroup group : new ServerGroup[] {Groups.weighted(), Groups.weighted(0), Groups.weighted(0, 0, 0)}) {
            final Scheduler scheduler = Schedulers.create(kind, group);
            assertThat(scheduler.peek(0, 1, 2)).isEqualTo(Scheduler.NONE);
            assertThat(scheduler.pick(0, 1, 2)).isEqualTo(Scheduler.NONE);
        }
    }

    @ParameterizedTest
    @EnumSource(SchedulerKind.class)
    void shouldNeverPickAMemberWithWeightZeroButAllOthers(final SchedulerKind kind) {
        for (int seed = 0; seed < 30; seed++) {
            final Random random = new Random(seed);
            final int[] weights = random.ints(1 + random.nextInt(30), 0, 3).toArray();
            weights[random.nextInt(weights.length)] = 1;
            final ServerGroup group = Groups.weighted(weights);
            final Scheduler scheduler = Schedulers.create(kind, group);
            final int[] picks = new int[weights.length];
            for (int i = 0; i < 3000; i++) {
                final int picked = scheduler.pick(0, Address.lowOfIpv4(random.nextInt()), random.nextInt(65_536));
                picks[picked]++;
                group.member(picked).connectionOpened();
            }
            for (int member = 0; member < weights.length; member++) {
                assertThat(picks[member] > 0).as("seed %s, member %s, weight %s", seed, member, weights[member])
                    .isEqualTo(weights[member] > 0);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(SchedulerKind.class)
    void shouldPickWhatPeekSaysHoweverOftenItIsAsked(final SchedulerKind kind) {
        for (int seed = 0; seed < 10; seed++) {
            final Random random = new Random(seed);
            final ServerGroup group = Groups.weighted(random.ints(1 + random.nextInt(40), 0, 100).toArray());
            final Scheduler asked = Schedulers.create(kind, group);
            final Scheduler quiet = Schedulers.create(kind, group);
            for (int i = 0; i < 500; i++) {
                final long low = random.nextLong();
                final int peeked = asked.peek(random.nextInt(), low, i);
                asked.peek(0, low, i);
                final long high = random.nextLong();
                final int expected = asked.peek(high, low, i);
                assertThat(asked.pick(high, low, i)).as("seed %s", seed).isEqualTo(expected);
                assertThat(quiet.pick(high, low, i)).as("seed %s: peek changed something", seed).isEqualTo(expected);
                assertThat(peeked).isBetween(Scheduler.NONE, group.size() - 1);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(SchedulerKind.class)
    void shouldAllocateNothing(final SchedulerKind kind) {
        final Scheduler scheduler = Schedulers.create(kind, Groups.weighted(5, 1, 0, 3, 100, 1));
        final int[] sum = new int[1];
        assertThat(AllocatedBytes.leastOf(() -> {
            for (int i = 0; i < 20_000; i++) {
                sum[0] += scheduler.peek(i, i, i & 0xffff);
                sum[0] += scheduler.pick(i, i, i & 0xffff);
            }
        })).isZero();
        assertThat(sum[0]).isPositive();
    }
}
