package io.sluice.dataplane.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MaglevTableTest {
    /** Slots that move although they need not, as a part of the table. */
    private static final double NEEDLESS = 0.01;

    @Test
    void shouldGiveEveryMemberItsShareOfTheSlots() {
        for (int seed = 0; seed < 20; seed++) {
            final Random random = new Random(seed);
            final int[] weights = random.ints(1 + random.nextInt(50), 0, 101).toArray();
            weights[0] = 7;
            final double total = IntStream.of(weights).sum();
            final int[] slots = slotsPerMember(Groups.weighted(weights));
            for (int member = 0; member < weights.length; member++) {
                assertThat((double) slots[member]).as("seed %s, member %s", seed, member)
                    .isBetween(MaglevTable.SIZE * weights[member] / total - 1, MaglevTable.SIZE * weights[member] / total + 1);
            }
        }
    }

    @Test
    void shouldShareTheSlotsEvenlyAmongManyMembers() {
        final int[] slots = slotsPerMember(Groups.equal(10_000));
        assertThat(IntStream.of(slots).min()).hasValue(MaglevTable.SIZE / 10_000);
        assertThat(IntStream.of(slots).max()).hasValue(MaglevTable.SIZE / 10_000 + 1);
    }

    @Test
    void shouldLeaveTheLightestMembersTheirSlotBesideTheHeaviest() {
        final int[] weights = new int[1000];
        Arrays.fill(weights, 1);
        weights[500] = 65_535;
        final int[] slots = slotsPerMember(Groups.weighted(weights));
        assertThat(slots[500]).isEqualTo(MaglevTable.SIZE - 999);
        assertThat(IntStream.of(slots).min()).hasValue(1);
    }

    @ParameterizedTest(name = "{0} members")
    @ValueSource(ints = {2, 3, 5, 10, 50, 100, 1000, 10_000})
    void shouldMoveLittleMoreThanTheShareOfAMemberThatLeavesOrComes(final int members) {
        final int[] with = new int[members];
        Arrays.fill(with, 1);
        final Backend[] backends = Groups.backends(members);
        for (int seed = 0; seed < 3; seed++) {
            final int one = new Random(seed).nextInt(members);
            final int[] without = with.clone();
            without[one] = 0;
            assertThat(moved(Groups.of(backends, with), Groups.of(backends, without))).as("member %s", one)
                .isBetween(1.0 / members - 2.0 / MaglevTable.SIZE, 1.0 / members + NEEDLESS);
        }
    }

    @Test
    void shouldMoveLittleMoreThanAChangeOfWeightAsksFor() {
        for (int seed = 0; seed < 20; seed++) {
            final Random random = new Random(seed);
            final int members = 2 + random.nextInt(30);
            final Backend[] backends = Groups.backends(members);
            final int[] before = random.ints(members, 1, 101).toArray();
            final int[] after = before.clone();
            after[random.nextInt(members)] = random.nextInt(101);
            assertThat(moved(Groups.of(backends, before), Groups.of(backends, after))).as("seed %s", seed)
                .isLessThan(leastMove(before, after) + NEEDLESS);
        }
    }

    @Test
    void shouldNotDependOnTheOrderOfTheMembersNorOnWhoIsListedUnused() {
        final List<Backend> backends = Arrays.asList(Groups.backends(20));
        final ServerGroup group = Groups.of(backends.toArray(Backend[]::new), IntStream.range(0, 20).toArray());
        for (int seed = 0; seed < 5; seed++) {
            final List<Backend> shuffled = new ArrayList<>(backends.subList(1, 20));
            Collections.shuffle(shuffled, new Random(seed));
            final int[] weights = shuffled.stream().mapToInt(Backend::id).toArray();
            assertThat(moved(group, Groups.of(shuffled.toArray(Backend[]::new), weights))).isZero();
        }
    }

    @Test
    void shouldBeTheSameInEveryProcessAndVersion() {
        final MaglevTable table = new MaglevTable(Groups.weighted(1, 2, 3, 4, 0, 100));
        final CRC32 sum = new CRC32();
        for (int slot = 0; slot < MaglevTable.SIZE; slot++) {
            sum.update(table.slot(slot));
        }
        // Nodes of different versions share their clients: if this fails, the change is wrong, not the number.
        assertThat(sum.getValue()).isEqualTo(0xcbad6a40L);
    }

    @Test
    void shouldBeBuiltOncePerGroup() {
        final ServerGroup group = Groups.equal(3);
        assertThat(group.maglevTable()).isSameAs(group.maglevTable());
    }

    @Test
    void shouldRefuseMoreMembersThanASlotCanName() {
        final Backend[] members = new Backend[65_536];
        Arrays.fill(members, Groups.backend(0));
        final ServerGroup group = Groups.of(members, new int[65_536]);
        assertThatThrownBy(() -> new MaglevTable(group)).isInstanceOf(IllegalArgumentException.class)
            .hasMessage("group test has 65536 members; a consistent hash serves at most 65535");
    }

    private static int[] slotsPerMember(final ServerGroup group) {
        final MaglevTable table = new MaglevTable(group);
        final int[] slots = new int[group.size()];
        for (int slot = 0; slot < MaglevTable.SIZE; slot++) {
            slots[table.slot(slot)]++;
        }
        return slots;
    }

    private static double moved(final ServerGroup before, final ServerGroup after) {
        final MaglevTable from = new MaglevTable(before);
        final MaglevTable to = new MaglevTable(after);
        return IntStream.range(0, MaglevTable.SIZE)
            .filter(slot -> before.member(from.slot(slot)) != after.member(to.slot(slot)))
            .count() / (double) MaglevTable.SIZE;
    }

    /** Half of what the shares differ: any table with these shares must move as much. */
    private static double leastMove(final int[] before, final int[] after) {
        final double totalBefore = IntStream.of(before).sum();
        final double totalAfter = IntStream.of(after).sum();
        return IntStream.range(0, before.length)
            .mapToDouble(member -> Math.abs(before[member] / totalBefore - after[member] / totalAfter))
            .sum() / 2;
    }
}
