package io.sluice.dataplane.pipeline;

import static io.sluice.dataplane.pipeline.TcpPacket.ACK;
import static io.sluice.dataplane.pipeline.TcpPacket.FIN;
import static io.sluice.dataplane.pipeline.TcpPacket.RST;
import static io.sluice.dataplane.pipeline.TestNet.CLIENT4;
import static io.sluice.dataplane.pipeline.TestNet.OTHER_SERVER4;
import static io.sluice.dataplane.pipeline.TestNet.SERVER4;
import static io.sluice.dataplane.pipeline.TestNet.VIP4;
import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.dataplane.api.ForwardingSpec;
import io.sluice.dataplane.connection.ConnectionEvent.Kind;
import io.sluice.dataplane.counter.SystemCounter;
import io.sluice.dataplane.verdict.DropReason;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The process is killed at any time; the next one takes its connections over from the table of record and goes on. */
class RestoreTest {
    @ParameterizedTest
    @EnumSource
    void shouldGoOnWithTheSameTranslation(final Pair pair) {
        final PathHarness first = PathHarness.of(pair.tcp());
        final TcpConversation before = TcpConversation.open(first, pair.client, pair.virtual);
        before.clientSends("request");
        before.serverSends("answer");
        try (PathHarness second = first.restarted()) {
            final TcpConversation tcp = before.on(second);
            final Decoded toServer = tcp.clientSends("next request").out();
            assertThat(toServer.source()).isEqualTo(before.local());
            assertThat(toServer.destination()).isEqualTo(before.server());
            assertThat(toServer.sequence).isEqualTo(before.clientNext() + before.delta());
            final Decoded toClient = tcp.serverSends("next answer").out();
            assertThat(toClient.source()).isEqualTo(pair.virtual);
            assertThat(toClient.destination()).isEqualTo(pair.client);
            assertThat(toClient.acknowledgment).isEqualTo(tcp.clientNext());
            assertThat(second.count(SystemCounter.CONNECTIONS_RESTORED)).isEqualTo(1);
            second.checkConsistency();
        }
    }

    @OneLane
    @ParameterizedTest
    @EnumSource
    void shouldGoOnWithUdp(final Pair pair) {
        final PathHarness first = PathHarness.of(pair.udp().proxyProtocol());
        first.send(Packets.udp(pair.client, pair.virtual).payload("a")).out();
        first.send(Packets.udp(pair.server, pair.local).fromBack()).out();
        try (PathHarness second = first.restarted()) {
            assertThat(second.send(Packets.udp(pair.server, pair.local).fromBack()).out().destination()).isEqualTo(pair.client);
            final Decoded out = second.send(Packets.udp(pair.client, pair.virtual).payload("b")).out();
            assertThat(out.source()).isEqualTo(pair.local);
            assertThat(out.text()).as("not the first datagram any more").isEqualTo("b");
        }
    }

    @Test
    void shouldSurviveBetweenTheServersSynAckAndTheClientsAck() {
        final PathHarness first = PathHarness.of(Pair.FOUR_TO_FOUR.tcp());
        final TcpConversation before = TcpConversation.synAck(first, CLIENT4, VIP4);
        try (PathHarness second = first.restarted()) {
            final TcpConversation tcp = before.on(second);
            assertThat(tcp.clientAcks().out().ttm()).isEqualTo(CLIENT4);
            assertThat(tcp.state()).isEqualTo("ESTABLISHED");
        }
    }

    @Test
    void shouldLeaveHalfOpenConnectionsToTheClient() {
        final PathHarness first = PathHarness.of(Pair.FOUR_TO_FOUR.tcp());
        final TcpConversation before = TcpConversation.syn(first, CLIENT4, VIP4);
        try (PathHarness second = first.restarted()) {
            assertThat(second.connections()).isZero();
            assertThat(second.send(before.fromServer().flags(TcpPacket.SYN | ACK)).reason())
                .isEqualTo(DropReason.NO_CONNECTION);
            TcpConversation.open(second, CLIENT4, VIP4);
        }
    }

    @Test
    void shouldGoOnThroughSeveralRestarts() {
        PathHarness path = PathHarness.of(Pair.FOUR_TO_FOUR.tcp());
        TcpConversation tcp = TcpConversation.open(path, CLIENT4, VIP4);
        for (int i = 0; i < 5; i++) {
            path = path.restarted();
            tcp = tcp.on(path);
            tcp.clientSends("request").out();
            tcp.serverSends("answer").out();
            path.advanceSeconds(100);
        }
        assertThat(path.connections()).isEqualTo(1);
        path.close();
    }

    @OneLane
    @Test
    void shouldNotLeaseALocalPortThatARestoredConnectionHas() {
        final ForwardingSpec spec = Configuration.of(20_000, 20_001, Pair.FOUR_TO_FOUR.tcp());
        final PathHarness first = PathHarness.of(spec);
        final TcpConversation before = TcpConversation.open(first, CLIENT4, VIP4);
        try (PathHarness second = first.restarted()) {
            assertThat(TcpConversation.open(second, CLIENT4.port(2), VIP4).local()).isNotEqualTo(before.local());
            assertThat(second.send(Packets.tcp(CLIENT4.port(3), VIP4).syn()).reason()).isEqualTo(DropReason.NO_LOCAL_PORT);
            before.on(second).clientSends("x").out();
        }
    }

    @Test
    void shouldGiveBackEverythingWhenARestoredConnectionEnds() {
        final PathHarness first = PathHarness.of(Pair.FOUR_TO_FOUR.tcp());
        final TcpConversation before = TcpConversation.open(first, CLIENT4, VIP4);
        before.clientSends("request");
        before.serverSends("answer");
        before.clientAcks();
        try (PathHarness second = first.restarted()) {
            final TcpConversation tcp = before.on(second);
            tcp.clientAcks();
            tcp.serverAcks();
            final List<TestFrame> made = second.advanceSeconds(900);
            assertThat(made).hasSize(2);
            assertThat(Decoded.of(made.get(0)).sequence).isEqualTo(tcp.serverNext());
            assertThat(Decoded.of(made.get(1)).sequence).isEqualTo(tcp.clientNext() + tcp.delta());
            assertThat(second.events().stored()).isEmpty();
            second.checkConsistency();
        }
    }

    private record Restored(String description, Function<TcpConversation, TcpPacket> segment, String state) {
    }

    private static TcpPacket reset(final TcpConversation tcp) {
        return tcp.fromClient().flags(RST);
    }

    @TestFactory
    Stream<DynamicTest> shouldBelieveWhatIsPlausibleUntilItKnowsWhereTheSidesAre() {
        // What both sides sent since the last refresh is not known: rather a connection too many ended than one that never ends.
        final int far = 0x3333_3333;
        return Stream.of(
            new Restored("an RST behind all that was sent", RestoreTest::reset, "CLOSED"),
            new Restored("an RST far ahead", tcp -> reset(tcp).sequence(tcp.clientNext() + far), "CLOSED"),
            new Restored("an RST before what was acknowledged when the record was written",
                tcp -> reset(tcp).sequence(TcpConversation.CLIENT_ISN), "ESTABLISHED"),
            new Restored("the server's RST", tcp -> tcp.fromServer().flags(RST), "CLOSED"),
            new Restored("a FIN", tcp -> tcp.fromClient().flags(FIN | ACK), "CLOSE_WAIT"),
            new Restored("the server's FIN", tcp -> tcp.fromServer().flags(FIN | ACK), "FIN_WAIT"))
            .map(row -> DynamicTest.dynamicTest(row.description, () -> {
                final PathHarness first = PathHarness.of(Pair.FOUR_TO_FOUR.tcp());
                final TcpConversation before = TcpConversation.open(first, CLIENT4, VIP4);
                for (int i = 0; i < 50; i++) {
                    before.clientSends("much data since the record was written");
                    before.serverSends("many answers as well");
                }
                try (PathHarness second = first.restarted()) {
                    final TcpConversation tcp = before.on(second);
                    second.send(row.segment.apply(tcp)).out();
                    assertThat(tcp.state()).isEqualTo(row.state);
                }
            }));
    }

    @TestFactory
    Stream<DynamicTest> shouldBelieveOnlyWhatIsExactOnceBothSidesWereHeard() {
        final int far = 0x3333_3333;
        return Stream.of(
            new Restored("an RST one too high", tcp -> reset(tcp).sequence(tcp.clientNext() + 1), "ESTABLISHED"),
            new Restored("an RST far ahead", tcp -> reset(tcp).sequence(tcp.clientNext() + far), "ESTABLISHED"),
            new Restored("the exact RST", RestoreTest::reset, "CLOSED"),
            new Restored("the server's RST one too high", tcp -> tcp.fromServer().flags(RST).sequence(tcp.serverNext() + 1), "ESTABLISHED"),
            new Restored("the server's exact RST", tcp -> tcp.fromServer().flags(RST), "CLOSED"),
            new Restored("a FIN beyond any window", tcp -> tcp.fromClient().flags(FIN | ACK).sequence(tcp.clientNext() + (far << 1)),
                "ESTABLISHED"),
            new Restored("a FIN in a window that may be scaled, after a gap",
                tcp -> tcp.fromClient().flags(FIN | ACK).sequence(tcp.clientNext() + 5_000_000), "CLOSE_WAIT"))
            .map(row -> DynamicTest.dynamicTest(row.description, () -> {
                final PathHarness first = PathHarness.of(Pair.FOUR_TO_FOUR.tcp());
                final TcpConversation before = TcpConversation.open(first, CLIENT4, VIP4);
                before.clientSends("since the record was written");
                try (PathHarness second = first.restarted()) {
                    final TcpConversation tcp = before.on(second);
                    tcp.clientSends("more").out();
                    tcp.serverSends("and an answer").out();
                    tcp.clientAcks().out();
                    second.send(row.segment.apply(tcp)).out();
                    assertThat(tcp.state()).isEqualTo(row.state);
                }
            }));
    }

    @Test
    void shouldNotTakeASynForAWordOfWhereTheClientIs() {
        final PathHarness first = PathHarness.of(Pair.FOUR_TO_FOUR.tcp());
        final TcpConversation before = TcpConversation.open(first, CLIENT4, VIP4);
        before.clientSends("since the record was written");
        try (PathHarness second = first.restarted()) {
            final TcpConversation tcp = before.on(second);
            second.send(Packets.tcp(CLIENT4, VIP4).syn().sequence(5)).out();
            tcp.serverAcks().out();
            tcp.clientSends("goes on").out();
            second.send(reset(tcp)).out();
            assertThat(tcp.state()).isEqualTo("CLOSED");
        }
    }

    private record Gone(String description, ForwardingSpec next) {
    }

    @TestFactory
    Stream<DynamicTest> shouldLeaveOutAndCountWhatHasNoPlaceAnyMore() {
        return Stream.of(
            new Gone("the listener is gone", Configuration.of(ListenerDraft.tcp(VIP4.port(443), SERVER4))),
            new Gone("its local port is outside the pool now", Configuration.of(30_000, 30_999, ListenerDraft.tcp(VIP4, SERVER4))))
            .map(gone -> DynamicTest.dynamicTest(gone.description, () -> {
                final PathHarness first = PathHarness.of(ListenerDraft.tcp(VIP4, SERVER4));
                TcpConversation.open(first, CLIENT4, VIP4);
                try (PathHarness second = first.restarted(gone.next)) {
                    assertThat(second.connections()).isZero();
                    assertThat(second.count(SystemCounter.CONNECTIONS_NOT_RESTORED)).isEqualTo(1);
                    second.checkConsistency();
                }
            }));
    }

    @Test
    void shouldKeepTheConnectionsOfABackendThatIsNoLongerConfigured() {
        final PathHarness first = PathHarness.of(ListenerDraft.tcp(VIP4, SERVER4));
        final TcpConversation before = TcpConversation.open(first, CLIENT4, VIP4);
        try (PathHarness second = first.restarted(Configuration.of(ListenerDraft.tcp(VIP4, OTHER_SERVER4)))) {
            before.on(second).clientSends("x").out();
            before.on(second).serverSends("y").out();
            assertThat(TcpConversation.open(second, CLIENT4.port(2), VIP4).server()).isEqualTo(OTHER_SERVER4);
            second.checkConsistency();
        }
    }

    @Test
    void shouldTellTheTableOfRecordOfEveryStep() {
        try (PathHarness path = PathHarness.of(Pair.FOUR_TO_FOUR.tcp())) {
            final TcpConversation tcp = TcpConversation.syn(path, CLIENT4, VIP4);
            assertThat(path.events().events()).as("nothing to keep yet").isEmpty();
            tcp.serverSynAck();
            assertThat(path.events().kinds()).as("before the client can send data").containsExactly(Kind.OPENED);
            tcp.clientAcks();
            path.advanceSeconds(30);
            assertThat(path.events().kinds()).as("refreshed").containsExactly(Kind.OPENED, Kind.CHANGED);
            path.advanceSeconds(60);
            assertThat(path.events().kinds()).as("nothing happened").hasSize(2);
            tcp.serverAcks();
            path.advanceSeconds(30);
            assertThat(path.events().kinds()).as("a packet, a newer time").hasSize(3);
            tcp.clientFin();
            tcp.serverFin();
            tcp.clientAcks();
            assertThat(path.events().kinds()).as("ended on both sides").endsWith(Kind.CLOSED);
            assertThat(path.events().stored()).isEmpty();
            path.advanceSeconds(3);
            assertThat(path.connections()).isZero();
            assertThat(path.events().kinds().stream().filter(kind -> kind == Kind.CLOSED)).hasSize(1);
        }
    }

    @Test
    void shouldTellAgainWhatTheTableOfRecordHadNoRoomFor() {
        try (PathHarness path = PathHarness.of(Pair.FOUR_TO_FOUR.tcp())) {
            path.events().full(true);
            final TcpConversation tcp = TcpConversation.open(path, CLIENT4, VIP4);
            assertThat(path.count(SystemCounter.CONNECTION_EVENTS_LOST)).isPositive();
            path.events().full(false);
            path.advanceSeconds(2);
            assertThat(path.events().kinds()).containsExactly(Kind.OPENED);
            tcp.clientSends("goes on").out();
        }
    }

    @Test
    void shouldTellAtTheEndWhatTheTableOfRecordHadNoRoomFor() {
        try (PathHarness path = PathHarness.of(Pair.FOUR_TO_FOUR.tcp())) {
            path.events().full(true);
            TcpConversation.open(path, CLIENT4, VIP4);
            path.events().full(false);
            path.lanes().forEach(lane -> lane.parts().storeAll());
            assertThat(path.events().kinds()).containsExactly(Kind.OPENED);
        }
    }

    @OneLane
    @Test
    void shouldNotStoreAUdpConnectionBeforeTheServerAnswers() {
        // A flood of datagrams from forged addresses must not become a flood of writes.
        try (PathHarness path = PathHarness.of(Pair.FOUR_TO_FOUR.udp())) {
            path.send(Packets.udp(CLIENT4, VIP4)).out();
            path.advanceSeconds(60);
            assertThat(path.events().events()).isEmpty();
            path.send(Packets.udp(SERVER4, TestNet.LOCAL4).fromBack()).out();
            assertThat(path.events().kinds()).containsExactly(Kind.OPENED);
        }
    }
}
