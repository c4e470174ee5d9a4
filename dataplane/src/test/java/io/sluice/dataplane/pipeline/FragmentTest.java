package io.sluice.dataplane.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.dataplane.api.LimitsSpec;
import io.sluice.dataplane.api.Timeouts;
import io.sluice.dataplane.counter.SystemCounter;
import io.sluice.dataplane.verdict.DropReason;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Fragments go where their first one went, under an identification of our own; what cannot be followed is dropped. */
class FragmentTest {
    private static final byte[] DATA = Packets.pattern(4001);

    private static UdpPacket fromClient(final Pair pair) {
        return Packets.udp(pair.client, pair.virtual).payload(DATA).mayFragment();
    }

    private static List<TestFrame> sendAll(final PathHarness path, final List<TestFrame> fragments) {
        final List<TestFrame> sent = new ArrayList<>();
        fragments.forEach(fragment -> sent.addAll(path.send(fragment).leaving()));
        return sent;
    }

    @OneLane
    @ParameterizedTest
    @EnumSource
    void shouldFollowTheFirstFragmentToTheServer(final Pair pair) {
        try (PathHarness path = PathHarness.of(pair.udp())) {
            final List<TestFrame> sent = sendAll(path, fromClient(pair).fragments(1400));
            final Decoded whole = Reassembly.of(sent);
            assertThat(whole.source()).isEqualTo(pair.local);
            assertThat(whole.destination()).isEqualTo(pair.server);
            assertThat(whole.payload).isEqualTo(DATA);
            assertThat(sent).hasSize(3).allSatisfy(frame -> assertThat(Decoded.of(frame).ttl).isEqualTo(63));
            assertThat(path.count(SystemCounter.FRAGMENTS_FOLLOWED)).isEqualTo(2);
            assertThat(path.connections()).isEqualTo(1);
        }
    }

    @OneLane
    @ParameterizedTest
    @EnumSource
    void shouldFollowTheFirstFragmentToTheClient(final Pair pair) {
        try (PathHarness path = PathHarness.of(pair.udp())) {
            path.send(Packets.udp(pair.client, pair.virtual)).out();
            final UdpPacket answer = Packets.udp(pair.server, pair.local).payload(DATA).mayFragment().fromBack();
            final Decoded whole = Reassembly.of(sendAll(path, answer.fragments(1400)));
            assertThat(whole.source()).isEqualTo(pair.virtual);
            assertThat(whole.destination()).isEqualTo(pair.client);
            assertThat(whole.payload).isEqualTo(DATA);
        }
    }

    @ParameterizedTest
    @EnumSource
    void shouldFollowFragmentsOfSegments(final Pair pair) {
        try (PathHarness path = PathHarness.of(pair.tcp())) {
            final TcpConversation tcp = TcpConversation.open(path, pair.client, pair.virtual);
            final Decoded whole = Reassembly.of(sendAll(path, tcp.fromClient().payload(DATA).fragments(800)));
            assertThat(whole.payload).isEqualTo(DATA);
            assertThat(whole.sequence).isEqualTo(tcp.clientNext() + tcp.delta());
            assertThat(whole.ttm()).as("an option in a fragment would move the others").isNull();
            final Decoded back = Reassembly.of(sendAll(path, tcp.fromServer().payload(DATA).fragments(800)));
            assertThat(back.payload).isEqualTo(DATA);
            assertThat(back.acknowledgment).isEqualTo(tcp.clientNext());
        }
    }

    @ParameterizedTest
    @EnumSource
    void shouldFollowLaterFragmentsInAnyOrder(final Pair pair) {
        try (PathHarness path = PathHarness.of(pair.udp())) {
            final List<TestFrame> fragments = fromClient(pair).fragments(800);
            final List<TestFrame> shuffled = List.of(fragments.get(0), fragments.get(4), fragments.get(2), fragments.get(1),
                fragments.get(3), fragments.get(5));
            assertThat(Reassembly.of(sendAll(path, shuffled)).payload).isEqualTo(DATA);
        }
    }

    @ParameterizedTest
    @EnumSource
    void shouldDropFragmentsWithoutTheirFirst(final Pair pair) {
        try (PathHarness path = PathHarness.of(pair.udp())) {
            final List<TestFrame> fragments = fromClient(pair).fragments(1400);
            assertThat(path.send(fragments.get(1)).reason()).isEqualTo(DropReason.FRAGMENT_ORPHAN);
            final List<TestFrame> toLocal = Packets.udp(pair.server, pair.local).payload(DATA).fromBack().fragments(1400);
            assertThat(path.send(toLocal.get(1)).reason()).isEqualTo(DropReason.FRAGMENT_ORPHAN);
        }
    }

    @Test
    void shouldLeaveFragmentsForOthersToTheKernel() {
        try (PathHarness path = PathHarness.of(Pair.FOUR_TO_FOUR.udp())) {
            final List<TestFrame> fragments = Packets.udp(Pair.FOUR_TO_FOUR.client, Endpoint.of("192.0.2.9:53")).payload(DATA)
                .fragments(1400);
            assertThat(fragments).allSatisfy(fragment -> assertThat(path.send(fragment).isPassed()).isTrue());
        }
    }

    @ParameterizedTest
    @EnumSource
    void shouldTellDatagramsWithTheSameIdentificationApart(final Pair pair) {
        // Two clients may well choose the same number; at the server both come from one local address.
        try (PathHarness path = PathHarness.of(pair.udp())) {
            final Endpoint other = pair.client.isIpv4() ? Endpoint.of("198.51.100.8:9") : Endpoint.of("[2001:db8:c::8]:9");
            final List<TestFrame> mine = fromClient(pair).identification(77).fragments(2400);
            final List<TestFrame> theirs = Packets.udp(other, pair.virtual).payload(Packets.pattern(3000)).identification(77)
                .fragments(2400);
            path.fib().mtu(pair.server.isIpv4() ? "10.2.0.0/16" : "fd02::/16", 9000);
            final List<TestFrame> first = new ArrayList<>();
            final List<TestFrame> second = new ArrayList<>();
            for (int i = 0; i < 2; i++) {
                first.add(path.send(mine.get(i)).frame());
                second.add(path.send(theirs.get(i)).frame());
            }
            assertThat(Reassembly.of(first).payload).isEqualTo(DATA);
            assertThat(Reassembly.of(second).payload).isEqualTo(Packets.pattern(3000));
            assertThat(Decoded.of(first.getFirst()).identification).isNotEqualTo(Decoded.of(second.getFirst()).identification);
        }
    }

    @Test
    void shouldTakeTheNewerDatagramWhenAClientUsesANumberAgain() {
        final Pair pair = Pair.FOUR_TO_FOUR;
        try (PathHarness path = PathHarness.of(pair.udp())) {
            final List<TestFrame> old = sendAll(path, fromClient(pair).identification(77).fragments(1400));
            final List<TestFrame> again = sendAll(path, fromClient(pair).identification(77).fragments(1400));
            assertThat(Reassembly.of(again).payload).isEqualTo(DATA);
            assertThat(Decoded.of(again.getFirst()).identification).isNotEqualTo(Decoded.of(old.getFirst()).identification);
        }
    }

    @OneLane
    @Test
    void shouldNotMixARefusedDatagramWithAnOlderOneOfTheSameNumber() {
        final Pair pair = Pair.FOUR_TO_FOUR;
        try (PathHarness path = PathHarness.of(Configuration.of(pair.udp(), ListenerDraft.udp(pair.virtual.port(81))))) {
            sendAll(path, fromClient(pair).identification(77).fragments(1400));
            final List<TestFrame> refused = Packets.udp(pair.client, pair.virtual.port(81)).payload(DATA).mayFragment()
                .identification(77).fragments(1400);
            assertThat(refused).allSatisfy(fragment ->
                assertThat(path.send(fragment).reason()).isEqualTo(DropReason.NO_BACKEND));
            assertThat(Reassembly.of(sendAll(path, fromClient(pair).identification(77).fragments(1400))).payload).isEqualTo(DATA);
        }
    }

    @Test
    void shouldForgetADatagramAfterThirtySeconds() {
        final Pair pair = Pair.FOUR_TO_FOUR;
        try (PathHarness path = PathHarness.of(pair.udp())) {
            final List<TestFrame> fragments = fromClient(pair).fragments(1400);
            path.send(fragments.get(0)).out();
            path.advanceSeconds(30);
            assertThat(path.send(fragments.get(1)).isForwarded()).isTrue();
            path.advanceSeconds(1);
            assertThat(path.send(fragments.get(2)).reason()).isEqualTo(DropReason.FRAGMENT_ORPHAN);
        }
    }

    @Test
    void shouldNotDeliverToAConnectionThatTookTheSlot() {
        final Pair pair = Pair.FOUR_TO_FOUR;
        final Timeouts oneSecond = new Timeouts(1, 1, 1, 1, 1, 1, 1, 1, 1);
        try (PathHarness path = PathHarness.of(pair.udp().timeouts(oneSecond))) {
            final List<TestFrame> fragments = fromClient(pair).fragments(1400);
            path.send(fragments.get(0)).out();
            path.advanceSeconds(3);
            assertThat(path.connections()).isZero();
            assertThat(path.send(fragments.get(1)).reason()).as("nobody has the slot").isEqualTo(DropReason.FRAGMENT_ORPHAN);
            path.send(Packets.udp(pair.client.port(41_000), pair.virtual)).out();
            assertThat(path.send(fragments.get(1)).reason()).as("another port of the same client has it")
                .isEqualTo(DropReason.FRAGMENT_ORPHAN);
            path.send(Packets.udp(Endpoint.of("198.51.100.9:40000"), pair.virtual)).out();
            assertThat(path.send(fragments.get(2)).reason()).isEqualTo(DropReason.FRAGMENT_ORPHAN);
        }
    }

    @Test
    void shouldRefuseNewDatagramsWhenTheTableIsFullAndGoOnWithTheOld() {
        final Pair pair = Pair.FOUR_TO_FOUR;
        try (PathHarness path = PathHarness.of(pair.udp())) {
            final List<List<TestFrame>> followed = new ArrayList<>();
            int refused = 0;
            for (int id = 0; id < 200; id++) {
                final List<TestFrame> fragments = fromClient(pair).identification(id).fragments(1400);
                final PathResult first = path.send(fragments.getFirst());
                if (first.isForwarded()) {
                    followed.add(fragments);
                } else {
                    assertThat(first.reason()).isEqualTo(DropReason.FRAGMENT_TABLE_FULL);
                    assertThat(path.send(fragments.get(1)).reason()).isEqualTo(DropReason.FRAGMENT_ORPHAN);
                    refused++;
                }
            }
            assertThat(refused).isGreaterThanOrEqualTo(200 - 128);
            assertThat(followed).hasSizeGreaterThanOrEqualTo(64).allSatisfy(fragments ->
                assertThat(path.send(fragments.get(1)).isForwarded()).isTrue());
            path.advanceSeconds(31);
            assertThat(path.send(fromClient(pair).identification(9999).fragments(1400).getFirst()).isForwarded()).isTrue();
        }
    }

    @Test
    void shouldNotMakeUpTheChecksumOfADatagramItDoesNotHave() {
        final Pair pair = Pair.SIX_TO_FOUR;
        try (PathHarness path = PathHarness.of(pair.udp())) {
            path.send(Packets.udp(pair.client, pair.virtual)).out();
            final List<TestFrame> fragments = Packets.udp(pair.server, pair.local).payload(DATA).noChecksum().fromBack().fragments(1400);
            assertThat(path.send(fragments.get(0)).reason()).isEqualTo(DropReason.NOT_TRANSLATABLE);
            assertThat(path.send(fragments.get(1)).reason()).as("the rest is of no use").isEqualTo(DropReason.FRAGMENT_ORPHAN);
        }
    }

    @Test
    void shouldCarryADatagramWithoutChecksumWithinIpv4() {
        final Pair pair = Pair.FOUR_TO_FOUR;
        try (PathHarness path = PathHarness.of(pair.udp())) {
            final Decoded whole = Reassembly.of(sendAll(path, fromClient(pair).noChecksum().fragments(1400)));
            assertThat(whole.checksum).isZero();
            assertThat(whole.payload).isEqualTo(DATA);
        }
    }

    @Test
    void shouldCountAndLimitEveryFragment() {
        final Pair pair = Pair.FOUR_TO_FOUR;
        // 24,000 bit/s are 3,000 bytes in a second: two fragments, and the third overdraws.
        try (PathHarness path = PathHarness.of(pair.udp().limits(new LimitsSpec(0, 0, 24_000, 0)))) {
            final List<TestFrame> fragments = fromClient(pair).fragments(1400);
            final int bytes = sendAll(path, fragments).stream().mapToInt(frame -> Decoded.of(frame).ipLength).sum();
            assertThat(path.count("listener.packets_in")).isEqualTo(3);
            assertThat(path.count("backend.packets_in")).isEqualTo(3);
            assertThat(path.count("listener.bytes_in")).isEqualTo(bytes);
            assertThat(path.send(fragments.get(1)).reason()).isEqualTo(DropReason.BANDWIDTH_LIMIT);
        }
    }

    @Test
    void shouldDropTheRestOfARefusedDatagram() {
        final Pair pair = Pair.FOUR_TO_FOUR;
        try (PathHarness path = PathHarness.of(pair.udp().deny("198.51.100.0/24"))) {
            final List<TestFrame> fragments = fromClient(pair).fragments(1400);
            assertThat(path.send(fragments.get(0)).reason()).isEqualTo(DropReason.ACL_DENIED);
            assertThat(path.send(fragments.get(1)).reason()).isEqualTo(DropReason.FRAGMENT_ORPHAN);
        }
    }
}
