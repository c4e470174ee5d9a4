package io.sluice.dataplane.pipeline;

import static io.sluice.dataplane.pipeline.TcpPacket.ACK;
import static io.sluice.dataplane.pipeline.TcpPacket.RST;
import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.dataplane.api.Timeouts;
import io.sluice.dataplane.counter.SystemCounter;
import io.sluice.dataplane.verdict.DropReason;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Idle timeouts: they count from the last packet, whichever side sent it; an established connection is reset on both sides. */
class IdleTest {
    private static final Pair PAIR = Pair.FOUR_TO_FOUR;

    private record IdleCase(String state, int seconds, Consumer<TcpConversation> preparation) {
    }

    private static Stream<IdleCase> states(final Timeouts timeouts) {
        return Stream.of(
            new IdleCase("SYN_SENT", timeouts.synSent(), tcp -> { }),
            new IdleCase("SYN_RECEIVED", timeouts.synReceived(), TcpConversation::serverSynAck),
            new IdleCase("ESTABLISHED", timeouts.established(), IdleTest::establish),
            new IdleCase("FIN_WAIT", timeouts.finWait(), tcp -> {
                establish(tcp);
                tcp.serverFin();
            }),
            new IdleCase("CLOSE_WAIT", timeouts.closeWait(), tcp -> {
                establish(tcp);
                tcp.clientFin();
            }),
            new IdleCase("LAST_ACK", timeouts.lastAck(), tcp -> {
                establish(tcp);
                tcp.clientFin();
                tcp.serverFin();
            }),
            new IdleCase("CLOSING", timeouts.lastAck(), tcp -> {
                establish(tcp);
                tcp.serverFin();
                tcp.clientFin();
            }),
            new IdleCase("TIME_WAIT", timeouts.timeWait(), tcp -> {
                establish(tcp);
                tcp.serverFin();
                tcp.clientFin();
                tcp.serverAcks();
            }),
            new IdleCase("CLOSED", timeouts.closed(), tcp -> {
                establish(tcp);
                tcp.clientSends(tcp.fromClient().flags(RST));
            }));
    }

    private static void establish(final TcpConversation tcp) {
        tcp.serverSynAck();
        tcp.clientAcks();
    }

    @TestFactory
    Stream<DynamicTest> shouldEndAConnectionAfterTheIdleTimeOfItsState() {
        final Timeouts others = new Timeouts(11, 22, 33, 44, 55, 66, 77, 88, 99);
        return Stream.concat(idle("by default", Timeouts.DEFAULT), idle("as the listener says", others));
    }

    private static Stream<DynamicTest> idle(final String description, final Timeouts timeouts) {
        return states(timeouts).map(row -> DynamicTest.dynamicTest(row.state + " " + row.seconds + " s " + description, () -> {
            try (PathHarness path = PathHarness.of(PAIR.tcp().timeouts(timeouts))) {
                final TcpConversation tcp = TcpConversation.syn(path, PAIR.client, PAIR.virtual);
                row.preparation.accept(tcp);
                assertThat(tcp.state()).isEqualTo(row.state);
                assertThat(path.advanceSeconds(row.seconds - 1)).isEmpty();
                assertThat(tcp.state()).isEqualTo(row.state);
                final List<TestFrame> made = path.advanceSeconds(1);
                assertThat(path.connections()).isZero();
                assertThat(made).hasSize("ESTABLISHED".equals(row.state) ? 2 : 0);
                final boolean ended = List.of("LAST_ACK", "CLOSING", "TIME_WAIT", "CLOSED").contains(row.state);
                assertThat(path.count(SystemCounter.CONNECTIONS_CLOSED)).isEqualTo(ended ? 1 : 0);
                assertThat(path.count(SystemCounter.CONNECTIONS_EXPIRED)).isEqualTo(ended ? 0 : 1);
                path.checkConsistency();
            }
        }));
    }

    @OneLane
    @ParameterizedTest
    @EnumSource
    void shouldEndAnIdleUdpConnection(final Pair pair) {
        try (PathHarness path = PathHarness.of(pair.udp())) {
            path.send(Packets.udp(pair.client, pair.virtual)).out();
            path.advanceSeconds(100);
            path.send(Packets.udp(pair.server, pair.local).fromBack()).out();
            path.advanceSeconds(119);
            assertThat(path.connections()).isEqualTo(1);
            assertThat(path.advanceSeconds(1)).isEmpty();
            assertThat(path.connections()).isZero();
            assertThat(path.send(Packets.udp(pair.server, pair.local).fromBack()).reason()).isEqualTo(DropReason.NO_CONNECTION);
        }
    }

    @OneLane
    @Test
    void shouldSayThatItIsBehindUntilAllThatIsDueIsDone() {
        try (PathHarness path = PathHarness.of(PAIR.udp())) {
            final PacketPath lane = path.lanes().getFirst().parts().path();
            for (int i = 0; i < 700; i++) {
                path.send(Packets.udp(PAIR.client.port(10_000 + i), PAIR.virtual)).out();
            }
            assertThat(lane.isBehind()).isFalse();
            path.advanceNanos(200 * 1_000_000_000L);
            int turns = 1;
            for (path.turn(); lane.isBehind(); path.turn()) {
                turns++;
            }
            assertThat(turns).isBetween(2, 10);
            assertThat(path.connections()).isZero();
        }
    }

    @OneLane
    @ParameterizedTest
    @EnumSource
    void shouldResetBothSidesWithTheNumbersTheyExpect(final Pair pair) {
        try (PathHarness path = PathHarness.of(pair.tcp())) {
            final TcpConversation tcp = TcpConversation.open(path, pair.client, pair.virtual);
            tcp.clientSends("a request");
            tcp.serverSends("an answer");
            tcp.clientAcks();
            assertReset(path.advanceSeconds(900), pair, tcp, tcp.serverNext(), tcp.clientNext());
        }
    }

    @OneLane
    @ParameterizedTest
    @EnumSource
    void shouldResetWithWhatTheReceiverHasAcknowledgedWhenDataWasLost(final Pair pair) {
        try (PathHarness path = PathHarness.of(pair.tcp())) {
            final TcpConversation tcp = TcpConversation.open(path, pair.client, pair.virtual);
            final int clientSent = tcp.clientNext();
            final int serverSent = tcp.serverNext();
            // Both segments pass here and are lost behind us: each side still expects what it did before.
            tcp.clientSends("lost");
            path.send(tcp.fromServer().acknowledgment(clientSent + tcp.delta()).payload("lost too"));
            assertReset(path.advanceSeconds(900), pair, tcp, serverSent, clientSent);
        }
    }

    private static void assertReset(final List<TestFrame> made, final Pair pair, final TcpConversation tcp, final int clientExpects,
                                    final int serverExpects) {
        assertThat(made).hasSize(2);
        final Decoded toClient = PathResult.sound(made.get(0));
        assertThat(toClient.source()).isEqualTo(pair.virtual);
        assertThat(toClient.destination()).isEqualTo(pair.client);
        assertThat(toClient.flags).isEqualTo(RST | ACK);
        assertThat(toClient.sequence).isEqualTo(clientExpects);
        assertThat(made.get(0).port()).isEqualTo(TestNet.FRONT);
        final Decoded toServer = PathResult.sound(made.get(1));
        assertThat(toServer.source()).isEqualTo(pair.local);
        assertThat(toServer.destination()).isEqualTo(pair.server);
        assertThat(toServer.flags).isEqualTo(RST | ACK);
        assertThat(toServer.sequence).isEqualTo(serverExpects + tcp.delta());
        assertThat(made.get(1).port()).isEqualTo(TestNet.BACK);
        assertThat(toClient.options).isEmpty();
        assertThat(toServer.options).isEmpty();
    }

    @Test
    void shouldLetAHalfClosedConnectionLiveAsLongAsDataFlows() {
        try (PathHarness path = PathHarness.of(PAIR.tcp())) {
            final TcpConversation tcp = TcpConversation.open(path, PAIR.client, PAIR.virtual);
            tcp.clientFin();
            for (int i = 0; i < 20; i++) {
                path.advanceSeconds(119);
                tcp.serverSends("still downloading").out();
            }
            assertThat(tcp.state()).isEqualTo("CLOSE_WAIT");
        }
    }

    @Test
    void shouldCountFromTheLastPacketOfEitherSide() {
        try (PathHarness path = PathHarness.of(PAIR.tcp())) {
            final TcpConversation tcp = TcpConversation.open(path, PAIR.client, PAIR.virtual);
            path.advanceSeconds(899);
            tcp.serverAcks().out();
            path.advanceSeconds(899);
            tcp.clientAcks().out();
            assertThat(path.advanceSeconds(899)).isEmpty();
            assertThat(path.advanceSeconds(1)).hasSize(2);
        }
    }

    @OneLane
    @Test
    void shouldGoOnResettingInTheNextTurnsWhenThereAreNotEnoughFrames() {
        try (PathHarness path = PathHarness.of(Configuration.of(PAIR.tcp()), PathSizes.DEFAULT.spareFrames(64))) {
            final int connections = 100;
            for (int i = 0; i < connections; i++) {
                TcpConversation.open(path, PAIR.client.port(1000 + i), PAIR.virtual);
            }
            assertThat(path.advanceSeconds(900)).as("a burst holds 64 frames").hasSize(64);
            assertThat(path.advanceSeconds(10)).hasSize(2 * connections - 64);
            assertThat(path.connections()).isZero();
            path.checkConsistency();
        }
    }

    @Test
    void shouldSurviveAClockThatStoodStillForAnHour() {
        try (PathHarness path = PathHarness.of(PAIR.tcp())) {
            TcpConversation.open(path, PAIR.client, PAIR.virtual);
            path.advanceNanos(3_600_000_000_000L);
            assertThat(path.turn()).hasSize(2);
            assertThat(path.connections()).isZero();
        }
    }
}
