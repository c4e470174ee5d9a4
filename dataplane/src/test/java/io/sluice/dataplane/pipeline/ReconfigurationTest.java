package io.sluice.dataplane.pipeline;

import static io.sluice.dataplane.pipeline.TcpPacket.RST;
import static io.sluice.dataplane.pipeline.TestNet.CLIENT4;
import static io.sluice.dataplane.pipeline.TestNet.OTHER_SERVER4;
import static io.sluice.dataplane.pipeline.TestNet.SERVER4;
import static io.sluice.dataplane.pipeline.TestNet.VIP4;
import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.dataplane.api.ForwardingSpec;
import io.sluice.dataplane.api.LimitsSpec;
import io.sluice.dataplane.api.SchedulerKind;
import io.sluice.dataplane.api.Timeouts;
import io.sluice.dataplane.connection.ConnectionEvent.Kind;
import io.sluice.dataplane.counter.SystemCounter;
import io.sluice.dataplane.verdict.DropReason;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** A new configuration in the middle of traffic: connections to what stays are never touched. */
class ReconfigurationTest {
    private static final ListenerDraft HTTPS = ListenerDraft.tcp(VIP4.port(443), SERVER4.port(8443));

    private static ListenerDraft http() {
        return ListenerDraft.tcp(VIP4, SERVER4);
    }

    private record Change(String description, Supplier<ForwardingSpec> to) {
    }

    @TestFactory
    Stream<DynamicTest> shouldKeepConnectionsThrough() {
        return Stream.of(
            new Change("the same again", () -> Configuration.of(http())),
            new Change("another backend", () -> Configuration.of(ListenerDraft.tcp(VIP4, SERVER4, OTHER_SERVER4))),
            new Change("the removal of their backend", () -> Configuration.of(ListenerDraft.tcp(VIP4, OTHER_SERVER4))),
            new Change("weight 0", () -> Configuration.of(ListenerDraft.tcp(VIP4).server(SERVER4, 0).server(OTHER_SERVER4, 1))),
            new Change("a failed health check", () -> Configuration.of(ListenerDraft.tcp(VIP4).failing(SERVER4))),
            new Change("another scheduler", () -> Configuration.of(http().scheduler(SchedulerKind.SOURCE_HASH))),
            new Change("an access list that denies their client", () -> Configuration.of(http().deny("198.51.100.0/24"))),
            new Change("a limit below what there is", () -> Configuration.of(http().limits(new LimitsSpec(1, 1, 0, 0)))),
            new Change("another listener", () -> Configuration.of(http(), HTTPS)),
            new Change("another range of local ports", () -> Configuration.of(30_000, 30_999, http())))
            .map(change -> DynamicTest.dynamicTest(change.description, () -> keep(change)));
    }

    private static void keep(final Change change) {
        try (PathHarness path = PathHarness.of(http())) {
            final TcpConversation tcp = TcpConversation.open(path, CLIENT4, VIP4);
            TcpConversation.open(path, CLIENT4.port(2), VIP4);
            assertThat(path.apply(change.to.get())).isEmpty();
            assertThat(tcp.clientSends("still").out().destination()).isEqualTo(SERVER4);
            assertThat(tcp.serverSends("here").out().destination()).isEqualTo(CLIENT4);
            path.checkConsistency();
            path.advanceSeconds(901);
            assertThat(path.connections()).isZero();
            path.apply(change.to.get());
            path.checkConsistency();
        }
    }

    @Test
    void shouldSendNewConnectionsOnlyToWhatIsConfiguredNow() {
        try (PathHarness path = PathHarness.of(http())) {
            TcpConversation.open(path, CLIENT4, VIP4);
            path.apply(Configuration.of(ListenerDraft.tcp(VIP4).server(SERVER4, 0).server(OTHER_SERVER4, 1)));
            for (int port = 1; port < 5; port++) {
                assertThat(TcpConversation.open(path, CLIENT4.port(port), VIP4).server()).isEqualTo(OTHER_SERVER4);
            }
        }
    }

    @Test
    void shouldResetTheConnectionsOfARemovedListener() {
        try (PathHarness path = PathHarness.of(Configuration.of(http(), HTTPS))) {
            final TcpConversation gone = TcpConversation.open(path, CLIENT4, VIP4);
            gone.clientSends("half a");
            final TcpConversation stays = TcpConversation.open(path, CLIENT4, VIP4.port(443));
            final List<TestFrame> made = new ArrayList<>(path.apply(Configuration.of(HTTPS)));
            assertThat(made).hasSize(2).allSatisfy(frame -> assertThat(PathResult.sound(frame).flags & RST).isEqualTo(RST));
            assertThat(Decoded.of(made.get(0)).destination()).isEqualTo(CLIENT4);
            assertThat(Decoded.of(made.get(0)).sequence).isEqualTo(gone.serverNext());
            assertThat(Decoded.of(made.get(1)).destination()).isEqualTo(SERVER4);
            assertThat(path.connections()).isEqualTo(1);
            assertThat(path.events().kinds()).contains(Kind.CLOSED);
            assertThat(path.count(SystemCounter.CONNECTIONS_CLOSED)).isEqualTo(1);
            stays.clientSends("undisturbed").out();
            assertThat(path.send(gone.fromClient()).isPassed()).as("no longer ours").isTrue();
            assertThat(path.send(gone.fromServer()).reason()).isEqualTo(DropReason.NO_CONNECTION);
            path.apply(Configuration.of(HTTPS));
            path.checkConsistency();
        }
    }

    @Test
    void shouldEndTheUdpConnectionsOfARemovedListenerQuietly() {
        try (PathHarness path = PathHarness.of(Configuration.of(ListenerDraft.udp(VIP4, SERVER4), HTTPS))) {
            path.send(Packets.udp(CLIENT4, VIP4)).out();
            assertThat(path.apply(Configuration.of(HTTPS))).isEmpty();
            assertThat(path.connections()).isZero();
        }
    }

    @OneLane
    @Test
    void shouldCloseManyConnectionsOfARemovedListenerPieceByPiece() {
        try (PathHarness path = PathHarness.of(Configuration.of(http(), HTTPS), PathSizes.DEFAULT.spareFrames(64))) {
            for (int port = 1; port <= 100; port++) {
                TcpConversation.open(path, CLIENT4.port(port), VIP4);
            }
            final List<TestFrame> made = new ArrayList<>(path.apply(Configuration.of(HTTPS)));
            assertThat(made).hasSize(64);
            for (int turn = 0; turn < 5; turn++) {
                made.addAll(path.turn());
            }
            assertThat(made).hasSize(200);
            assertThat(path.connections()).isZero();
            path.checkConsistency();
        }
    }

    @Test
    void shouldNotLetANewListenerInheritTheConnectionsOfARemovedOne() {
        try (PathHarness path = PathHarness.of(Configuration.of(http()), PathSizes.DEFAULT.spareFrames(2))) {
            for (int port = 1; port <= 4; port++) {
                TcpConversation.open(path, CLIENT4.port(port), VIP4);
            }
            // Only one connection can be reset per turn, so three are still there when the next configuration comes.
            path.apply(Configuration.of(HTTPS));
            path.apply(Configuration.of(ListenerDraft.tcp(VIP4.port(81), OTHER_SERVER4), HTTPS));
            for (int turn = 0; turn < 10; turn++) {
                path.turn();
            }
            assertThat(path.connections()).isZero();
            path.checkConsistency();
        }
    }

    @Test
    void shouldCloseAllConnectionsWhenASecondListenerIsRemovedBeforeTheFirstIsDoneWith() {
        try (PathHarness path = PathHarness.of(Configuration.of(http(), HTTPS), PathSizes.DEFAULT.spareFrames(2))) {
            TcpConversation.open(path, CLIENT4, VIP4.port(443));
            for (int port = 1; port <= 4; port++) {
                TcpConversation.open(path, CLIENT4.port(port), VIP4);
            }
            path.apply(Configuration.of(HTTPS));
            path.apply(Configuration.of(ListenerDraft.tcp(VIP4.port(81), OTHER_SERVER4)));
            for (int turn = 0; turn < 10; turn++) {
                path.turn();
            }
            assertThat(path.connections()).isZero();
        }
    }

    @OneLane
    @Test
    void shouldKeepConnectionsOfAListenerThatCameBackBeforeTheyWereClosed() {
        try (PathHarness path = PathHarness.of(Configuration.of(http()), PathSizes.DEFAULT.spareFrames(2))) {
            final List<TcpConversation> all = new ArrayList<>();
            for (int port = 1; port <= 4; port++) {
                all.add(TcpConversation.open(path, CLIENT4.port(port), VIP4));
            }
            path.apply(Configuration.of(HTTPS));
            path.apply(Configuration.of(http(), HTTPS));
            final int left = path.connections();
            assertThat(left).isPositive();
            all.get(3).clientSends("back again").out();
            assertThat(path.advanceSeconds(10)).isEmpty();
            assertThat(path.connections()).isEqualTo(left);
            path.checkConsistency();
        }
    }

    @Test
    void shouldApplyChangedTimeoutsToNewStates() {
        try (PathHarness path = PathHarness.of(http())) {
            final TcpConversation tcp = TcpConversation.open(path, CLIENT4, VIP4);
            path.apply(Configuration.of(http().timeouts(new Timeouts(1, 1, 1, 7, 1, 1, 1, 1, 1))));
            assertThat(path.advanceSeconds(100)).as("the state it is in keeps its time").isEmpty();
            tcp.serverFin();
            path.advanceSeconds(6);
            assertThat(tcp.state()).isEqualTo("FIN_WAIT");
            path.advanceSeconds(1);
            assertThat(path.connections()).isZero();
        }
    }
}
