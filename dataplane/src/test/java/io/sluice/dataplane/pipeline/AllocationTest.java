package io.sluice.dataplane.pipeline;

import static io.sluice.dataplane.pipeline.TestNet.CLIENT4;
import static io.sluice.dataplane.pipeline.TestNet.SERVER4;
import static io.sluice.dataplane.pipeline.TestNet.VIP4;
import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.dataplane.api.SchedulerKind;
import io.sluice.dataplane.counter.SystemCounter;
import io.sluice.dataplane.port.AllocationFree;
import io.sluice.dataplane.port.Burst;
import io.sluice.dataplane.verdict.DropReason;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Once it is warm, the path makes no garbage whatever comes along. */
@OneLane
class AllocationTest {
    private static final long SECOND = 1_000_000_000L;
    /** A time beyond every idle timeout after which initial sequence numbers, of 64 ns a number, are the same again. */
    private static final long SAME_ISN_NS = 4L << 38;
    private static final TestFrame[] NOTHING = {};
    private static final byte[] BLOCKS = Options.sack(1, 2, 3, 4, 5, 6);

    /** Feeds prepared frames to the path as ports do: in frames of the pool, which go back to it. */
    private static final class Feeder {
        private final PathHarness path;
        private final LaneEvent event = new LaneEvent();
        private long nowNs;

        Feeder(final PathHarness path) {
            this.path = path;
            this.nowNs = path.nowNs();
            path.events().forget();
        }

        void passNanos(final long nanos) {
            nowNs += nanos;
        }

        /** One turn with these frames. */
        void turn(final TestFrame[] frames) {
            event.received().clear();
            event.made().clear();
            for (final TestFrame frame : frames) {
                final long offset = path.onlyLane().frames().receive().take();
                MemorySegment.copy(frame.bytes(), 0, path.onlyLane().frames().arena().memory(), ValueLayout.JAVA_BYTE, offset,
                    frame.bytes().length);
                frame.describe(event.received(), event.received().add(offset, frame.bytes().length, frame.port()));
            }
            event.nowNs(nowNs);
            path.onlyLane().parts().path().process(event);
            release(event.received());
            release(event.made());
        }

        private void release(final Burst burst) {
            for (int i = 0; i < burst.size(); i++) {
                path.onlyLane().frames().release(burst.offset(i));
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void shouldForwardTcpBothWays(final Pair pair) {
        try (PathHarness path = PathHarness.of(pair.tcp())) {
            final TcpConversation tcp = TcpConversation.open(path, pair.client, pair.virtual);
            tcp.serverSends("hello");
            final TestFrame up = tcp.fromClient().payload(Packets.pattern(1000)).build();
            final TestFrame down = tcp.fromServer().payload(Packets.pattern(1400)).build();
            final TestFrame large = tcp.fromServer().payload(Packets.pattern(14_000)).gso(1400).build();
            final TestFrame[] burst = {up, down, large};
            final Feeder feeder = new Feeder(path);
            assertThatAllIsForwarded(path, () -> feeder.turn(burst));
        }
    }

    @ParameterizedTest
    @EnumSource
    void shouldInsertTheClientsAddress(final Pair pair) {
        try (PathHarness path = PathHarness.of(pair.tcp())) {
            final TcpConversation tcp = TcpConversation.open(path, pair.client, pair.virtual);
            final TestFrame data = tcp.fromClient().payload("GET /").build();
            final TestFrame pruned = tcp.fromClient().options(Options.timestamps(1, 2), BLOCKS).build();
            final TestFrame large = tcp.fromClient().payload(Packets.pattern(14_000)).gso(1300).build();
            final TestFrame claim = tcp.fromClient().options(Options.ttm(pair.client)).payload("me").build();
            final TestFrame[] burst = {data, pruned, large, claim};
            final Feeder feeder = new Feeder(path);
            assertThatAllIsForwarded(path, () -> feeder.turn(burst));
            assertThat(path.count(SystemCounter.TTM_OPTIONS_PRUNED)).isPositive();
            assertThat(path.count(SystemCounter.TTM_CLAIMS_REMOVED)).isPositive();
            assertThat(path.count(SystemCounter.TTM_NO_ROOM)).isZero();
        }
    }

    @ParameterizedTest
    @EnumSource
    void shouldForwardUdpBothWaysInFragmentsToo(final Pair pair) {
        try (PathHarness path = PathHarness.of(pair.udp())) {
            final TestFrame up = Packets.udp(pair.client, pair.virtual).payload(Packets.pattern(500)).build();
            final TestFrame down = Packets.udp(pair.server, pair.local).fromBack().payload(Packets.pattern(500)).build();
            final List<TestFrame> fragments = Packets.udp(pair.client, pair.virtual).identification(7).payload(Packets.pattern(2000))
                .fragments(1200);
            final TestFrame first = fragments.getFirst();
            final TestFrame second = fragments.getLast();
            final TestFrame[] burst = {up, down, first, second};
            final Feeder feeder = new Feeder(path);
            assertThatAllIsForwarded(path, () -> feeder.turn(burst));
        }
    }

    @ParameterizedTest
    @EnumSource
    void shouldOpenAndResetConnections(final Pair pair) {
        try (PathHarness path = PathHarness.of(pair.tcp())) {
            final TestFrame syn = Packets.tcp(pair.client, pair.virtual).syn().sequence(1000)
                .options(Options.mss(1460), Options.timestamps(1, 0), Options.fastOpen()).build();
            final TestFrame reset = Packets.tcp(pair.client, pair.virtual).flags(TcpPacket.RST).sequence(1001).build();
            final TestFrame[] burst = {syn, reset};
            final Feeder feeder = new Feeder(path);
            assertThatAllIsForwarded(path, () -> feeder.turn(burst));
            assertThat(path.count(SystemCounter.CONNECTIONS_REPLACED)).isPositive();
        }
    }

    @ParameterizedTest
    @EnumSource(SchedulerKind.class)
    void shouldOpenAndExpireConnectionsWithEveryScheduler(final SchedulerKind kind) {
        final ListenerDraft listener = ListenerDraft.tcp(VIP4, SERVER4, TestNet.OTHER_SERVER4).scheduler(kind);
        try (PathHarness path = PathHarness.of(listener)) {
            final TestFrame syn = Packets.tcp(CLIENT4, VIP4).syn().build();
            final TestFrame[] burst = {syn};
            final Feeder feeder = new Feeder(path);
            assertThatAllIsForwarded(path, () -> {
                feeder.turn(burst);
                feeder.passNanos(10 * SECOND);
                feeder.turn(NOTHING);
            });
            assertThat(path.count(SystemCounter.CONNECTIONS_EXPIRED)).isPositive();
        }
    }

    @ParameterizedTest
    @EnumSource
    void shouldEstablishConnectionsAndResetBothSidesWhenTheyAreIdle(final Pair pair) {
        try (PathHarness path = PathHarness.of(Configuration.of(pair.local.port(), pair.local.port(), pair.tcp()))) {
            final TcpConversation tcp = TcpConversation.syn(path, pair.client, pair.virtual);
            final TestFrame syn = Packets.tcp(pair.client, pair.virtual).syn().sequence(TcpConversation.CLIENT_ISN).build();
            final TestFrame synAck = tcp.fromServer().flags(TcpPacket.SYN | TcpPacket.ACK).build();
            tcp.serverSynAck();
            final TestFrame ack = tcp.fromClient().build();
            final TestFrame[] burst = {syn, synAck, ack};
            final Feeder feeder = new Feeder(path);
            AllocationFree.assertThatNothingIsAllocatedBy(() -> {
                feeder.turn(burst);
                feeder.passNanos(SAME_ISN_NS);
                feeder.turn(NOTHING);
            });
            assertThat(path.count(SystemCounter.RESETS_SENT)).isEqualTo(2 * path.count(SystemCounter.CONNECTIONS_EXPIRED)).isPositive();
            assertThat(path.count(SystemCounter.PACKETS_DROPPED)).isZero();
        }
    }

    @ParameterizedTest
    @EnumSource
    void shouldAnswerAndTranslateIcmp(final Pair pair) {
        try (PathHarness path = PathHarness.of(pair.tcp())) {
            final TcpConversation tcp = TcpConversation.open(path, pair.client, pair.virtual);
            final byte[] toServer = tcp.clientSends(tcp.fromClient().payload("x")).frame().bytes();
            final boolean ipv4 = pair.server.isIpv4();
            final TestFrame error = Packets.icmp(pair.server, tcp.local(), ipv4 ? 3 : 1, ipv4 ? 3 : 4).fromBack()
                .data(Arrays.copyOfRange(toServer, 14, toServer.length)).build();
            final TestFrame ping = Packets.ping(pair.client, pair.virtual).build();
            final TestFrame expired = tcp.fromClient().ttl(1).payload("late").build();
            final TestFrame[] burst = {error, ping, expired};
            final Feeder feeder = new Feeder(path);
            AllocationFree.assertThatNothingIsAllocatedBy(() -> feeder.turn(burst));
            assertThat(path.count(SystemCounter.ICMP_TRANSLATED)).isPositive();
            assertThat(path.count(SystemCounter.ECHO_ANSWERED)).isPositive();
            assertThat(path.count(SystemCounter.ICMP_SENT)).isPositive();
        }
    }

    @ParameterizedTest
    @EnumSource
    void shouldDropAndPass(final Pair pair) {
        try (PathHarness path = PathHarness.of(pair.tcp().resetUnknown())) {
            final TestFrame unknown = Packets.tcp(pair.client, pair.virtual).payload("?").build();
            final TestFrame late = Packets.tcp(pair.server, pair.local).fromBack().payload("?").build();
            final TestFrame malformed = Packets.tcp(pair.client, pair.virtual).claimedHeaderLength(16).build();
            final TestFrame orphan = Packets.udp(pair.client, pair.virtual).payload(Packets.pattern(100)).fragments(64).getLast();
            final TestFrame ssh = Packets.tcp(pair.client, pair.virtual.port(22)).syn().build();
            final TestFrame[] burst = {unknown, late, malformed, orphan, ssh};
            final Feeder feeder = new Feeder(path);
            AllocationFree.assertThatNothingIsAllocatedBy(() -> feeder.turn(burst));
            assertThat(path.drops(DropReason.RESET_UNKNOWN)).isPositive();
            assertThat(path.drops(DropReason.NO_CONNECTION)).isPositive();
            assertThat(path.drops(DropReason.MALFORMED_TCP)).isPositive();
            assertThat(path.drops(DropReason.FRAGMENT_ORPHAN)).isPositive();
            assertThat(path.count(SystemCounter.PACKETS_PASSED)).isPositive();
            assertThat(path.count(SystemCounter.RESETS_SENT)).isPositive();
        }
    }

    private static void assertThatAllIsForwarded(final PathHarness path, final Runnable turn) {
        AllocationFree.assertThatNothingIsAllocatedBy(turn);
        assertThat(path.count(SystemCounter.PACKETS_DROPPED) + path.count(SystemCounter.PACKETS_PASSED)).isZero();
        assertThat(path.count(SystemCounter.PACKETS_FORWARDED)).isPositive();
    }
}
