package io.sluice.dataplane.pipeline;

import static io.sluice.dataplane.pipeline.PacketCase.packet;
import static io.sluice.dataplane.pipeline.TestNet.CLIENT4;
import static io.sluice.dataplane.pipeline.TestNet.CLIENT6;
import static io.sluice.dataplane.pipeline.TestNet.SERVER4;
import static io.sluice.dataplane.pipeline.TestNet.VIP4;
import static io.sluice.dataplane.pipeline.TestNet.VIP6;
import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.dataplane.counter.SystemCounter;
import io.sluice.dataplane.neighbour.Fib;
import io.sluice.dataplane.verdict.DropReason;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A VIP answers ICMP echo when at least one listener on it has a backend. */
class EchoTest {
    private static final byte[] DATA = Packets.pattern(57);

    private static IcmpPacket pong4() {
        return Packets.icmp(VIP4, CLIENT4, 0, 0).rest(0x4242_0001).data(DATA).toFront();
    }

    private static IcmpPacket pong6() {
        return Packets.icmp(VIP6, CLIENT6, 129, 0).rest(0x4242_0001).data(DATA).toFront();
    }

    @TestFactory
    Stream<DynamicTest> shouldAnswerWhenAListenerHasABackend() {
        return Stream.of(
            packet("IPv4", Packets.ping(CLIENT4, VIP4).data(DATA)).leavesAs(pong4()),
            packet("IPv4 with options", Packets.ping(CLIENT4, VIP4).data(DATA).ipOptions(1, 1, 1, 1))
                .leavesAs(pong4().ipOptions(1, 1, 1, 1)),
            packet("IPv4 with a low TTL, which starts anew", Packets.ping(CLIENT4, VIP4).data(DATA).ttl(1)).leavesAs(pong4()),
            packet("IPv6", Packets.ping(CLIENT6, VIP6).data(DATA).ttl(3)).leavesAs(pong6()),
            packet("IPv6 behind extension headers", Packets.ping(CLIENT6, VIP6).data(DATA).hopByHop()).leavesAs(pong6().hopByHop()),
            packet("an address with a UDP listener only", Packets.ping(CLIENT4, VIP4).data(DATA))
                .with(ListenerDraft.udp(VIP4, SERVER4)).leavesAs(pong4()),
            packet("one listener without, one with a backend", Packets.ping(CLIENT4, VIP4).data(DATA))
                .with(ListenerDraft.tcp(VIP4), ListenerDraft.tcp(VIP4.port(443), SERVER4)).leavesAs(pong4()));
    }

    @TestFactory
    Stream<DynamicTest> shouldNotAnswerWithoutABackend() {
        return Stream.of(
            packet("no backend", Packets.ping(CLIENT4, VIP4)).with(ListenerDraft.tcp(VIP4)).drops(DropReason.ECHO_NO_BACKEND),
            packet("only one that is down", Packets.ping(CLIENT4, VIP4)).with(ListenerDraft.tcp(VIP4).failing(SERVER4))
                .drops(DropReason.ECHO_NO_BACKEND),
            packet("only one of weight 0", Packets.ping(CLIENT6, VIP6)).with(ListenerDraft.tcp(VIP6).server(SERVER4, 0))
                .drops(DropReason.ECHO_NO_BACKEND),
            packet("one on another address", Packets.ping(CLIENT4, VIP4))
                .with(ListenerDraft.tcp(VIP4), ListenerDraft.tcp(Endpoint.of("203.0.113.11:80"), SERVER4))
                .drops(DropReason.ECHO_NO_BACKEND));
    }

    @TestFactory
    Stream<DynamicTest> shouldLeaveOtherIcmpToTheKernel() {
        return Stream.of(
            packet("an echo reply", Packets.icmp(CLIENT4, VIP4, 0, 0)).passes(),
            packet("a timestamp request", Packets.icmp(CLIENT4, VIP4, 13, 0).data(new byte[12])).passes(),
            packet("a router advertisement", Packets.icmp(CLIENT6, VIP6, 134, 0).data(new byte[8])).passes(),
            packet("a ping of another address of this host", Packets.ping(CLIENT4, Endpoint.of("203.0.113.1:0"))).passes(),
            packet("an IPv6 ping that says it is ICMP for IPv4", Packets.raw(CLIENT6, VIP6, 1, Packets.pattern(16))).passes());
    }

    @Test
    void shouldCountAnswers() {
        try (PathHarness path = PathHarness.of(PacketCase.everything())) {
            path.send(Packets.ping(CLIENT4, VIP4)).out();
            assertThat(path.count(SystemCounter.ECHO_ANSWERED)).isEqualTo(1);
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"FOUR_TO_FOUR", "SIX_TO_SIX"})
    void shouldAnswerAFragmentedPingFragmentByFragment(final Pair pair) {
        try (PathHarness path = PathHarness.of(pair.tcp())) {
            final byte[] data = Packets.pattern(4000);
            final List<TestFrame> answers = new ArrayList<>();
            for (final TestFrame fragment : Packets.ping(pair.client, pair.virtual).data(data).fragments(1400)) {
                answers.add(path.send(fragment).frame());
            }
            final Decoded pong = Reassembly.of(answers);
            assertThat(pong.icmpType).isEqualTo(pair.client.isIpv4() ? 0 : 129);
            assertThat(pong.payload).isEqualTo(data);
            assertThat(pong.destinationAddress).isEqualTo(pair.client.address());
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"FOUR_TO_FOUR", "SIX_TO_SIX"})
    void shouldLeaveABrokenPingBroken(final Pair pair) {
        try (PathHarness path = PathHarness.of(pair.tcp())) {
            final PathResult result = path.send(Packets.ping(pair.client, pair.virtual).data(DATA).wrongChecksum());
            assertThat(Decoded.of(result.frame()).defects).containsExactly("transport checksum");
        }
    }

    @Test
    void shouldAskForTheWayBack() {
        try (PathHarness path = PathHarness.of(PacketCase.everything())) {
            path.fib().unreachable("198.51.100.0/24", Fib.NO_NEIGHBOUR);
            assertThat(path.send(Packets.ping(CLIENT4, VIP4)).reason()).isEqualTo(DropReason.NO_NEIGHBOUR);
            assertThat(path.fib().wanted()).containsExactly("198.51.100.7");
        }
    }
}
