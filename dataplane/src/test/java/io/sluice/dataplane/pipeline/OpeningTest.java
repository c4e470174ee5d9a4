package io.sluice.dataplane.pipeline;

import static io.sluice.dataplane.pipeline.PacketCase.packet;
import static io.sluice.dataplane.pipeline.TestNet.CLIENT4;
import static io.sluice.dataplane.pipeline.TestNet.CLIENT6;
import static io.sluice.dataplane.pipeline.TestNet.OTHER_SERVER4;
import static io.sluice.dataplane.pipeline.TestNet.SERVER4;
import static io.sluice.dataplane.pipeline.TestNet.VIP4;
import static io.sluice.dataplane.pipeline.TestNet.VIP6;
import static io.sluice.dataplane.pipeline.TcpPacket.ACK;
import static io.sluice.dataplane.pipeline.TcpPacket.FIN;
import static io.sluice.dataplane.pipeline.TcpPacket.RST;
import static io.sluice.dataplane.pipeline.TcpPacket.SYN;
import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.dataplane.api.LimitsSpec;
import io.sluice.dataplane.neighbour.Fib;
import io.sluice.dataplane.verdict.DropReason;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** New connections: only a SYN or a datagram opens one, and what is refused leaves no trace but its counter. */
class OpeningTest {
    private static final TcpPacket SYN4 = Packets.tcp(CLIENT4, VIP4).syn();

    private static ListenerDraft tcp4() {
        return ListenerDraft.tcp(VIP4, SERVER4);
    }

    @TestFactory
    Stream<DynamicTest> shouldOpenForASynOnly() {
        return Stream.of(
            packet("SYN", SYN4).leaves(out -> assertThat(out.destination()).isEqualTo(SERVER4)),
            packet("SYN that asks for ECN", Packets.tcp(CLIENT4, VIP4).flags(SYN | 0xc0))
                .leaves(out -> assertThat(out.flags).isEqualTo(SYN | 0xc0)),
            packet("ACK", Packets.tcp(CLIENT4, VIP4)).drops(DropReason.NO_CONNECTION),
            packet("SYN-ACK", Packets.tcp(CLIENT4, VIP4).flags(SYN | ACK)).drops(DropReason.NO_CONNECTION),
            packet("FIN", Packets.tcp(CLIENT6, VIP6).flags(FIN | ACK)).drops(DropReason.NO_CONNECTION),
            packet("RST", Packets.tcp(CLIENT4, VIP4).flags(RST)).drops(DropReason.NO_CONNECTION));
    }

    @TestFactory
    Stream<DynamicTest> shouldAnswerUnknownConnectionsWhereTheListenerSaysSo() {
        // RFC 9293, 3.5.2: the RST's number is one that the sender accepts.
        final ListenerDraft listener = tcp4().resetUnknown();
        return Stream.of(
            packet("data with an ACK", Packets.tcp(CLIENT4, VIP4).sequence(1000).acknowledgment(777).payload("abc")).with(listener)
                .dropsAndAnswers(DropReason.RESET_UNKNOWN,
                    Packets.tcp(VIP4, CLIENT4).flags(RST).sequence(777).window(0).identification(0).toFront()),
            packet("FIN without an ACK", Packets.tcp(CLIENT4, VIP4).flags(FIN).sequence(1000).payload(new byte[9])).with(listener)
                .dropsAndAnswers(DropReason.RESET_UNKNOWN, Packets.tcp(VIP4, CLIENT4).flags(RST | ACK).acknowledgment(1010).window(0)
                    .identification(0).toFront()),
            packet("IPv6", Packets.tcp(CLIENT6, VIP6).acknowledgment(5)).with(ListenerDraft.tcp(VIP6, SERVER4).resetUnknown())
                .dropsAndAnswers(DropReason.RESET_UNKNOWN,
                    Packets.tcp(VIP6, CLIENT6).flags(RST).sequence(5).window(0).flowLabel(0).toFront()),
            packet("an RST is never answered", Packets.tcp(CLIENT4, VIP4).flags(RST | ACK)).with(listener)
                .drops(DropReason.RESET_UNKNOWN));
    }

    @TestFactory
    Stream<DynamicTest> shouldAskTheAccessList() {
        return Stream.of(
            packet("denied", SYN4).with(tcp4().deny("198.51.100.0/24")).drops(DropReason.ACL_DENIED),
            packet("denied, a datagram", Packets.udp(CLIENT6, VIP6)).with(ListenerDraft.udp(VIP6, SERVER4).deny("2001:db8:c::/48"))
                .drops(DropReason.ACL_DENIED),
            packet("not in the deny list", SYN4).with(tcp4().deny("198.51.101.0/24", "::/0"))
                .leaves(out -> assertThat(out.destination()).isEqualTo(SERVER4)),
            packet("in the allow list", SYN4).with(tcp4().allow("198.51.100.7/32"))
                .leaves(out -> assertThat(out.destination()).isEqualTo(SERVER4)),
            packet("not in the allow list", SYN4).with(tcp4().allow("198.51.100.8/32", "2001:db8::/32"))
                .drops(DropReason.ACL_DENIED),
            packet("an empty allow list", SYN4).with(tcp4().allow()).drops(DropReason.ACL_DENIED));
    }

    @TestFactory
    Stream<DynamicTest> shouldRefuseWithoutABackend() {
        return Stream.of(
            packet("an empty group", SYN4).with(ListenerDraft.tcp(VIP4)).drops(DropReason.NO_BACKEND),
            packet("weight 0", SYN4).with(ListenerDraft.tcp(VIP4).server(SERVER4, 0)).drops(DropReason.NO_BACKEND),
            packet("failed health check", SYN4).with(ListenerDraft.tcp(VIP4).failing(SERVER4)).drops(DropReason.NO_BACKEND),
            packet("a datagram", Packets.udp(CLIENT4, VIP4)).with(ListenerDraft.udp(VIP4)).drops(DropReason.NO_BACKEND),
            packet("another one takes over", SYN4).with(ListenerDraft.tcp(VIP4).failing(SERVER4).server(OTHER_SERVER4, 1))
                .leaves(out -> assertThat(out.destination()).isEqualTo(OTHER_SERVER4)));
    }

    @OneLane
    @TestFactory
    Stream<DynamicTest> shouldRefuseWhatHasNoPlace() {
        final TcpPacket next = Packets.tcp(CLIENT4.port(2), VIP4).syn();
        return Stream.of(
            packet("the listener's limit of connections", next).with(tcp4().limits(new LimitsSpec(1, 0, 0, 0)))
                .given(path -> path.send(SYN4).out()).drops(DropReason.CONNECTION_LIMIT),
            packet("the listener's limit of new connections", next).with(tcp4().limits(new LimitsSpec(0, 1, 0, 0)))
                .given(path -> path.send(SYN4).out()).drops(DropReason.RATE_LIMIT),
            packet("the connection table", next).with(PathSizes.DEFAULT.connections(1))
                .given(path -> path.send(SYN4).out()).drops(DropReason.TABLE_FULL),
            packet("the local ports", next).with(Configuration.of(20_000, 20_000, tcp4()))
                .given(path -> path.send(SYN4).out()).drops(DropReason.NO_LOCAL_PORT));
    }

    @OneLane
    @Test
    void shouldTakeNewConnectionsAgainWhenThereIsRoomAgain() {
        try (PathHarness path = PathHarness.of(tcp4().limits(new LimitsSpec(2, 2, 0, 0)))) {
            path.send(SYN4).out();
            path.send(Packets.tcp(CLIENT4.port(2), VIP4).syn()).out();
            assertThat(path.send(Packets.tcp(CLIENT4.port(3), VIP4).syn()).reason()).isEqualTo(DropReason.CONNECTION_LIMIT);
            path.advanceSeconds(6);
            assertThat(path.connections()).as("SYN_SENT is over").isZero();
            path.send(Packets.tcp(CLIENT4.port(3), VIP4).syn()).out();
        }
    }

    @OneLane
    @Test
    void shouldNotLetARefusalTouchExistingConnections() {
        try (PathHarness path = PathHarness.of(Configuration.of(20_000, 20_000, tcp4()))) {
            final TcpConversation tcp = TcpConversation.open(path, CLIENT4, VIP4);
            for (int port = 1; port < 50; port++) {
                assertThat(path.send(Packets.tcp(CLIENT4.port(port), VIP4).syn()).reason()).isEqualTo(DropReason.NO_LOCAL_PORT);
            }
            tcp.clientSends("still here").out();
            tcp.serverSends("so am I").out();
            path.checkConsistency();
        }
    }

    @OneLane
    @Test
    void shouldLimitBandwidthInEachDirection() {
        // 8,000 bit/s are 1,000 bytes in a second; a packet may overdraw, then the next ones wait.
        try (PathHarness path = PathHarness.of(ListenerDraft.udp(VIP4, SERVER4).limits(new LimitsSpec(0, 0, 8_000, 16_000)))) {
            final UdpPacket request = Packets.udp(CLIENT4, VIP4).payload(Packets.pattern(972));
            final UdpPacket answer = Packets.udp(SERVER4, TestNet.LOCAL4).payload(Packets.pattern(972)).fromBack();
            path.send(request).out();
            assertThat(path.send(request).reason()).isEqualTo(DropReason.BANDWIDTH_LIMIT);
            path.send(answer).out();
            path.send(answer).out();
            assertThat(path.send(answer).reason()).isEqualTo(DropReason.BANDWIDTH_LIMIT);
            path.advanceSeconds(1);
            path.send(request).out();
            path.send(answer).out();
        }
    }

    @TestFactory
    Stream<DynamicTest> shouldSayWhyThereIsNoWayOut() {
        return Stream.of(
            packet("no route to the server", SYN4).given(path -> path.fib().unreachable("10.2.0.11/32", Fib.NO_ROUTE))
                .drops(DropReason.NO_ROUTE),
            packet("no neighbour", SYN4).given(path -> path.fib().unreachable("10.2.0.11/32", Fib.NO_NEIGHBOUR))
                .drops(DropReason.NO_NEIGHBOUR),
            packet("port down", SYN4).given(path -> path.fib().unreachable("10.2.0.11/32", Fib.PORT_DOWN))
                .drops(DropReason.PORT_DOWN));
    }

    @Test
    void shouldAskForTheNeighbourAndGoOnOnceItIsKnown() {
        try (PathHarness path = PathHarness.of(tcp4())) {
            path.fib().unreachable("10.2.0.11/32", Fib.NO_NEIGHBOUR);
            path.send(SYN4);
            path.send(SYN4);
            assertThat(path.fib().wanted()).containsExactly("10.2.0.11", "10.2.0.11");
            path.fib().route("10.2.0.11/32", TestNet.BACK, 0x0200_0000_7777L, TestNet.BACK_MAC, 1500);
            assertThat(path.send(SYN4).out().destinationMac).isEqualTo(0x0200_0000_7777L);
        }
    }

    @Test
    void shouldFollowAChangeOfTheWayInTheMiddleOfAConnection() {
        try (PathHarness path = PathHarness.of(tcp4())) {
            final TcpConversation tcp = TcpConversation.open(path, CLIENT4, VIP4);
            path.fib().route("10.2.0.11/32", TestNet.FRONT, 0x0200_0000_7777L, TestNet.FRONT_MAC, 1500);
            final PathResult result = tcp.clientSends("x");
            assertThat(result.out().destinationMac).isEqualTo(0x0200_0000_7777L);
            assertThat(result.frame().port()).isEqualTo(TestNet.FRONT);
        }
    }

    @Test
    void shouldLetARealServerConnectToItself() {
        // LVS and cloud load balancers refuse this: the server would see its own address as the client's.
        try (PathHarness path = PathHarness.of(tcp4())) {
            final Endpoint self = SERVER4.port(33_000);
            final TcpConversation tcp = TcpConversation.open(path, self, VIP4);
            assertThat(tcp.server().address()).isEqualTo(self.address());
            assertThat(tcp.local().address()).isEqualTo(TestNet.LOCAL4.address());
            assertThat(tcp.clientSends("hello, me").out().ttm()).isEqualTo(self);
            final PathResult answer = tcp.serverSends("hello");
            assertThat(answer.out().source()).isEqualTo(VIP4);
            assertThat(answer.out().destination()).isEqualTo(self);
            assertThat(answer.frame().port()).isEqualTo(TestNet.BACK);
        }
    }

    @OneLane
    @Test
    void shouldServeOneServerUnderSeveralPorts() {
        try (PathHarness path = PathHarness.of(ListenerDraft.tcp(VIP4, SERVER4, SERVER4.port(8081), SERVER4.port(8082)))) {
            final Set<Endpoint> servers = new HashSet<>();
            for (int i = 0; i < 6; i++) {
                final TcpConversation tcp = TcpConversation.open(path, CLIENT4.port(1000 + i), VIP4);
                tcp.clientSends("request").out();
                assertThat(tcp.serverSends("answer").out().destination()).isEqualTo(CLIENT4.port(1000 + i));
                servers.add(tcp.server());
            }
            assertThat(servers).containsExactlyInAnyOrder(SERVER4, SERVER4.port(8081), SERVER4.port(8082));
        }
    }

    @OneLane
    @Test
    void shouldUseOneLocalPortForSeveralServers() {
        try (PathHarness path = PathHarness.of(Configuration.of(20_000, 20_000, ListenerDraft.tcp(VIP4, SERVER4, OTHER_SERVER4)))) {
            final TcpConversation first = TcpConversation.open(path, CLIENT4, VIP4);
            final TcpConversation second = TcpConversation.open(path, CLIENT4.port(1), VIP4);
            assertThat(first.local()).isEqualTo(second.local());
            assertThat(first.serverSends("a").out().destination()).isEqualTo(CLIENT4);
            assertThat(second.serverSends("b").out().destination()).isEqualTo(CLIENT4.port(1));
        }
    }
}
