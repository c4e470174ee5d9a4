package io.sluice.dataplane.nat;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.dataplane.classify.Packet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FragmentsTest {
    private static final int NOW = 2_000_000_000;

    private final Fragments fragments = new Fragments(64, 4711);

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void shouldLeadLaterFragmentsToTheConnectionOfTheFirst(final boolean ipv4) {
        assertThat(fragments.remember(first(ipv4, 7, 1234), 42, 99, NOW)).isTrue();
        final int entry = fragments.find(later(ipv4, 7, 1234), NOW);
        assertThat(fragments.connection(entry)).isEqualTo(42);
        assertThat(fragments.identification(entry)).isEqualTo(99);
        assertThat(fragments.ports(entry)).isEqualTo(40_000 << 16 | 53);
        assertThat(fragments.find(later(ipv4, 7, 1234), NOW)).as("any number of them").isEqualTo(entry);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void shouldNotMixUpDatagrams(final boolean ipv4) {
        fragments.remember(first(ipv4, 7, 1234), 42, 99, NOW);
        assertThat(fragments.find(later(ipv4, 7, 1235), NOW)).isEqualTo(Fragments.NONE);
        assertThat(fragments.find(later(ipv4, 8, 1234), NOW)).isEqualTo(Fragments.NONE);
        assertThat(fragments.find(later(!ipv4, 7, 1234), NOW)).isEqualTo(Fragments.NONE);
    }

    @Test
    void shouldForgetAfterItsLifetime() {
        fragments.remember(first(true, 7, 1234), 42, 99, NOW);
        assertThat(fragments.find(later(true, 7, 1234), NOW + Fragments.LIFETIME_SECONDS)).isNotEqualTo(Fragments.NONE);
        assertThat(fragments.find(later(true, 7, 1234), NOW + Fragments.LIFETIME_SECONDS + 1)).isEqualTo(Fragments.NONE);
    }

    @Test
    void shouldTakeTheNewestFirstFragmentOfTheSameIdentification() {
        fragments.remember(first(true, 7, 1234), 42, 99, NOW);
        fragments.remember(first(true, 7, 1234), 43, 100, NOW);
        final int entry = fragments.find(later(true, 7, 1234), NOW);
        assertThat(fragments.connection(entry)).isEqualTo(43);
        assertThat(fragments.identification(entry)).isEqualTo(100);
    }

    /** An entry that was free when a datagram came may lie before the one that the datagram already has. */
    @Test
    void shouldNeverAnswerWithAnOlderFirstFragmentOfTheSameIdentification() {
        for (int seed = 0; seed < 50; seed++) {
            final Fragments small = new Fragments(8, 4711);
            final Random random = new Random(seed);
            final Map<Integer, Integer> newest = new HashMap<>();
            int now = NOW;
            for (int step = 0; step < 400; step++) {
                now += random.nextInt(8);
                final int id = random.nextInt(6);
                if (random.nextBoolean() && small.remember(first(true, 7, id), step, step, now)) {
                    newest.put(id, step);
                }
                final int entry = small.find(later(true, 7, id), now);
                if (entry != Fragments.NONE) {
                    assertThat(small.connection(entry)).as("seed %s", seed).isEqualTo(newest.get(id));
                }
            }
        }
    }

    @Test
    void shouldRefuseWhenFullAndRecover() {
        final Fragments small = new Fragments(8, 4711);
        int remembered = 0;
        while (small.remember(first(true, 7, remembered), remembered, remembered, NOW)) {
            remembered++;
        }
        assertThat(remembered).isBetween(8, 16);
        for (int id = 0; id < remembered; id++) {
            assertThat(small.connection(small.find(later(true, 7, id), NOW))).isEqualTo(id);
        }
        assertThat(small.remember(first(true, 7, remembered), 1, 1, NOW + Fragments.LIFETIME_SECONDS + 1)).isTrue();
    }

    @Test
    void shouldHoldAsManyDatagramsAsItWasMadeFor() {
        final Fragments large = new Fragments(1024, 4711);
        int refused = 0;
        for (int id = 0; id < 1024; id++) {
            refused += large.remember(first(true, id & 0xff, id), id, id, NOW) ? 0 : 1;
        }
        assertThat(refused).isLessThan(1024 / 100);
    }

    @Test
    void shouldGiveEveryDatagramAnotherIdentification() {
        final Set<Integer> lower = new HashSet<>();
        for (int i = 0; i < 1 << 16; i++) {
            lower.add(fragments.nextIdentification() & 0xffff);
        }
        assertThat(lower).hasSize(1 << 16);
    }

    private static Packet first(final boolean ipv4, final int source, final int identification) {
        return TestPacket.fragment(ipv4, source, identification, 0, true).packet;
    }

    private static Packet later(final boolean ipv4, final int source, final int identification) {
        return TestPacket.fragment(ipv4, source, identification, 4, false).packet;
    }
}
