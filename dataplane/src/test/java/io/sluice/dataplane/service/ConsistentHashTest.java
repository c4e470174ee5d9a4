package io.sluice.dataplane.service;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.dataplane.api.SchedulerKind;
import io.sluice.dataplane.wire.Address;
import java.net.InetAddress;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ConsistentHashTest {
    private static final InetAddress CLIENT = InetAddress.ofLiteral("2001:db8::7");

    @Test
    void shouldKeepAClientWhateverItsPortWhenHashingTheAddress() {
        final Scheduler scheduler = Schedulers.create(SchedulerKind.SOURCE_HASH, Groups.equal(10));
        assertThat(IntStream.range(0, 1000).map(port -> pick(scheduler, CLIENT, port)).distinct().count()).isEqualTo(1);
    }

    @Test
    void shouldSpreadTheConnectionsOfAClientWhenHashingThePortToo() {
        final Scheduler scheduler = Schedulers.create(SchedulerKind.SOURCE_PORT_HASH, Groups.equal(10));
        final int[] picks = new int[10];
        for (int port = 1024; port < 65_536; port++) {
            picks[pick(scheduler, CLIENT, port)]++;
        }
        assertThat(IntStream.of(picks).boxed()).allSatisfy(count -> assertThat(count).isBetween(6000, 6900));
        assertThat(pick(scheduler, CLIENT, 4711)).isEqualTo(pick(scheduler, CLIENT, 4711));
    }

    @Test
    void shouldSpreadClientsByWeightForEveryKindOfAddressPlan() {
        final int[] weights = {1, 2, 3, 4};
        final Scheduler scheduler = Schedulers.create(SchedulerKind.SOURCE_HASH, Groups.weighted(weights));
        final Random random = new Random(5);
        assertByWeight(weights, IntStream.range(0, 100_000)
            .map(i -> scheduler.pick(0, Address.lowOfIpv4(0x0a00_0000 + i), 0)).toArray());
        assertByWeight(weights, IntStream.range(0, 100_000)
            .map(i -> scheduler.pick(0, Address.lowOfIpv4(i << 12), 0)).toArray());
        assertByWeight(weights, IntStream.range(0, 100_000)
            .map(i -> scheduler.pick(0x2001_0db8_0000_0000L + i, 1, 0)).toArray());
        assertByWeight(weights, IntStream.range(0, 100_000)
            .map(i -> scheduler.pick(0x2001_0db8_0000_0001L, random.nextLong(), 0)).toArray());
    }

    @Test
    void shouldPickTheSameOnEveryNode() {
        for (final SchedulerKind kind : new SchedulerKind[] {SchedulerKind.SOURCE_HASH, SchedulerKind.SOURCE_PORT_HASH}) {
            final Scheduler here = Schedulers.create(kind, Groups.weighted(3, 1, 0, 2));
            final Scheduler there = Schedulers.create(kind, Groups.weighted(3, 1, 0, 2));
            for (int i = 0; i < 10_000; i++) {
                here.pick(0, i, i);
                assertThat(there.pick(i, i * 77L, i & 0xffff)).isEqualTo(here.pick(i, i * 77L, i & 0xffff));
            }
        }
    }

    @Test
    void shouldHashAsEveryVersionDoes() {
        // Nodes of different versions share their clients: if this fails, the change is wrong, not the numbers.
        assertThat(KeyHash.of(Address.high(CLIENT), Address.low(CLIENT))).isEqualTo(0x5233_5d16_3318_19b0L);
        assertThat(KeyHash.of(Address.high(CLIENT), Address.low(CLIENT), 443)).isEqualTo(0x10f7_a993_4dfa_2ed5L);
    }

    private static void assertByWeight(final int[] weights, final int[] picks) {
        final int total = IntStream.of(weights).sum();
        for (int member = 0; member < weights.length; member++) {
            final int which = member;
            assertThat(IntStream.of(picks).filter(picked -> picked == which).count() / (double) picks.length).as("member %s", member)
                .isBetween(weights[member] / (double) total - 0.01, weights[member] / (double) total + 0.01);
        }
    }

    private static int pick(final Scheduler scheduler, final InetAddress client, final int port) {
        return scheduler.pick(Address.high(client), Address.low(client), port);
    }
}
