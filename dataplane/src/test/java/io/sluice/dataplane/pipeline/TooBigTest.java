package io.sluice.dataplane.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.dataplane.counter.SystemCounter;
import io.sluice.dataplane.nat.IcmpErrors;
import io.sluice.dataplane.verdict.DropReason;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A packet that is larger than the next link and may not be cut: its sender is told the size that would have fitted. */
class TooBigTest {
    private static String prefix(final Endpoint end) {
        return end.host() + (end.isIpv4() ? "/32" : "/128");
    }

    @ParameterizedTest
    @CsvSource({
        // to the server, MTU 1300 there: what the client may send
        "FOUR_TO_FOUR, 1300, 1300", "SIX_TO_SIX, 1300, 1300", "SIX_TO_FOUR, 1300, 1320",
        "FOUR_TO_FOUR, 576, 576", "SIX_TO_FOUR, 1200, 1280"})
    void shouldTellTheClientOfADatagram(final Pair pair, final int mtu, final int told) {
        try (PathHarness path = PathHarness.of(pair.udp())) {
            path.fib().mtu(prefix(pair.server), mtu);
            final UdpPacket datagram = Packets.udp(pair.client, pair.virtual).payload(Packets.pattern(1430));
            final PathResult result = path.send(datagram);
            assertThat(result.reason()).isEqualTo(DropReason.TOO_BIG);
            assertTold(result, pair.virtual, pair.client, told, datagram);
            assertThat(path.count(SystemCounter.ICMP_SENT)).isEqualTo(1);
        }
    }

    @ParameterizedTest
    @CsvSource({"FOUR_TO_FOUR, 1400, 1392", "SIX_TO_SIX, 1400, 1380", "SIX_TO_FOUR, 1400, 1400", "SIX_TO_SIX, 1280, 1280"})
    void shouldLeaveRoomForTheTtmOptionInWhatAClientOfTcpIsTold(final Pair pair, final int mtu, final int told) {
        try (PathHarness path = PathHarness.of(pair.tcp())) {
            path.fib().mtu(prefix(pair.server), mtu);
            final TcpConversation tcp = TcpConversation.open(path, pair.client, pair.virtual);
            final TcpPacket segment = tcp.fromClient().payload(Packets.pattern(1420));
            final PathResult result = path.send(segment);
            assertThat(result.reason()).isEqualTo(DropReason.TOO_BIG);
            assertTold(result, pair.virtual, pair.client, told, segment);
        }
    }

    @ParameterizedTest
    @CsvSource({"FOUR_TO_FOUR, 1300, 1300", "SIX_TO_SIX, 1300, 1300", "SIX_TO_FOUR, 1300, 1280", "SIX_TO_FOUR, 1500, 1480"})
    void shouldTellTheServer(final Pair pair, final int mtu, final int told) {
        try (PathHarness path = PathHarness.of(pair.tcp())) {
            path.fib().mtu(prefix(pair.client), mtu);
            final TcpConversation tcp = TcpConversation.open(path, pair.client, pair.virtual);
            final TcpPacket segment = tcp.fromServer().payload(Packets.pattern(1500 - pair.serverHeader() - 20));
            final PathResult result = path.send(segment);
            assertThat(result.reason()).isEqualTo(DropReason.TOO_BIG);
            assertTold(result, pair.local, pair.server, told, segment);
        }
    }

    private static void assertTold(final PathResult result, final Endpoint from, final Endpoint to, final int mtu,
                                   final PacketBuilder<?> about) {
        final Decoded told = result.answer();
        assertThat(told.sourceAddress).isEqualTo(from.address());
        assertThat(told.destinationAddress).isEqualTo(to.address());
        assertThat(told.icmpType).isEqualTo(told.ipv4 ? 3 : 2);
        assertThat(told.icmpCode).isEqualTo(told.ipv4 ? 4 : 0);
        assertThat(told.icmpRest).isEqualTo(mtu);
        assertThat(told.ipLength).isEqualTo(told.ipv4 ? 576 : 1280);
        assertThat(told.payload).as("as it was sent").isEqualTo(Arrays.copyOf(about.ipPacket(), told.payload.length));
        assertThat(told.ttl).isEqualTo(64);
    }

    @ParameterizedTest
    @CsvSource({"FOUR_TO_FOUR, 1292", "SIX_TO_SIX, 1280", "SIX_TO_FOUR, 1300"})
    void shouldMeasureASuperFrameByItsSegments(final Pair pair, final int told) {
        try (PathHarness path = PathHarness.of(pair.tcp())) {
            path.fib().mtu(prefix(pair.server), 1300);
            final TcpConversation tcp = TcpConversation.open(path, pair.client, pair.virtual);
            tcp.serverSends("greeting").out();
            final int fits = 1300 - pair.serverHeader() - 20;
            path.send(tcp.fromClient().payload(Packets.pattern(20_000)).gso(fits)).out();
            final PathResult result = path.send(tcp.fromClient().payload(Packets.pattern(20_000)).gso(fits + 1));
            assertThat(result.reason()).isEqualTo(DropReason.TOO_BIG);
            assertThat(result.answer().icmpRest).isEqualTo(told);
            path.send(tcp.fromClient().payload(Packets.pattern(fits)).gso(1460)).out();
        }
    }

    @Test
    void shouldNotAnswerLaterFragments() {
        final Pair pair = Pair.SIX_TO_SIX;
        try (PathHarness path = PathHarness.of(pair.udp())) {
            final List<TestFrame> fragments = Packets.udp(pair.client, pair.virtual).payload(Packets.pattern(2600)).fragments(1400);
            path.send(fragments.getFirst()).out();
            path.fib().mtu(prefix(pair.server), 1280);
            final PathResult later = path.send(fragments.get(1));
            assertThat(later.isForwarded()).as("the last one is small enough").isTrue();
            final List<TestFrame> three = Packets.udp(pair.client, pair.virtual).payload(Packets.pattern(4000)).fragments(1400);
            assertThat(path.send(three.getFirst()).reason()).isEqualTo(DropReason.TOO_BIG);
            final PathResult second = path.send(three.get(1));
            assertThat(second.reason()).isEqualTo(DropReason.TOO_BIG);
            assertThat(second.made()).isEmpty();
        }
    }

    @Test
    void shouldNotSendMoreErrorsThanAThousandPerSecond() {
        final Pair pair = Pair.FOUR_TO_FOUR;
        try (PathHarness path = PathHarness.of(pair.udp())) {
            path.fib().mtu(prefix(pair.server), 1300);
            final TestFrame datagram = Packets.udp(pair.client, pair.virtual).payload(Packets.pattern(1430)).build();
            int answers = 0;
            for (int i = 0; i < IcmpErrors.PER_SECOND + 10; i++) {
                answers += path.send(datagram).made().size();
            }
            assertThat(answers).isEqualTo(IcmpErrors.PER_SECOND);
            assertThat(path.count(SystemCounter.ICMP_RATE_LIMITED)).isEqualTo(10);
            path.advanceSeconds(1);
            assertThat(path.send(datagram).made()).hasSize(1);
        }
    }

    @OneLane
    @Test
    void shouldCountErrorsThatFoundNoFrame() {
        final Pair pair = Pair.FOUR_TO_FOUR;
        try (PathHarness path = PathHarness.of(Configuration.of(pair.udp()), PathSizes.DEFAULT.spareFrames(2))) {
            path.fib().mtu(prefix(pair.server), 1300);
            final TestFrame datagram = Packets.udp(pair.client, pair.virtual).payload(Packets.pattern(1430)).build();
            assertThat(path.send(List.of(datagram, datagram, datagram)).getFirst().made()).hasSize(2);
            assertThat(path.drops(DropReason.TOO_BIG)).isEqualTo(3);
            assertThat(path.drops(DropReason.NO_FRAME)).isEqualTo(1);
        }
    }
}
