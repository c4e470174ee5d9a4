package io.sluice.dataplane.pipeline;

import static io.sluice.dataplane.pipeline.TcpPacket.ACK;
import static io.sluice.dataplane.pipeline.TestNet.CLIENT4;
import static io.sluice.dataplane.pipeline.TestNet.SERVER4;
import static io.sluice.dataplane.pipeline.TestNet.VIP4;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Sequence numbers: the client's ISN is replaced, and everything that counts from it is shifted, modulo 2^32. */
class SequenceTest {
    @Test
    void shouldReplaceTheClientsInitialSequenceNumber() {
        try (PathHarness path = PathHarness.of(Pair.FOUR_TO_FOUR.tcp())) {
            final Decoded syn = path.send(Packets.tcp(CLIENT4, VIP4).syn().sequence(1)).out();
            final Decoded other = path.send(Packets.tcp(CLIENT4.port(40_001), VIP4).syn().sequence(1)).out();
            assertThat(syn.sequence).isNotEqualTo(1);
            assertThat(other.sequence - syn.sequence).as("another pair of ends has another number").isNotZero();
        }
    }

    @OneLane
    @Test
    void shouldGrowWithTimeForTheSamePairOfEnds() {
        // One local port: every connection reuses it, and the server in TIME_WAIT wants a larger number each time.
        try (PathHarness path = PathHarness.of(Configuration.of(20_000, 20_000, Pair.FOUR_TO_FOUR.tcp()))) {
            int last = path.send(Packets.tcp(CLIENT4, VIP4).syn().sequence(0x0fff_ffff)).out().sequence;
            for (int i = 1; i <= 20; i++) {
                path.advanceSeconds(7);
                assertThat(path.connections()).isZero();
                final Endpoint client = CLIENT4.port(40_000 + i);
                final Decoded syn = path.send(Packets.tcp(client, VIP4).syn().sequence(-i * 0x1234_5678)).out();
                assertThat(syn.sourcePort).isEqualTo(20_000);
                assertThat(syn.sequence - last).as("7 seconds of 64 ns ticks").isEqualTo(7 * 15_625_000);
                last = syn.sequence;
            }
        }
    }

    @Test
    void shouldKeepTheShiftWhenASynIsRepeated() {
        try (PathHarness path = PathHarness.of(Pair.FOUR_TO_FOUR.tcp())) {
            final TcpPacket syn = Packets.tcp(CLIENT4, VIP4).syn().sequence(77);
            final TestFrame first = path.send(syn).frame();
            path.advanceSeconds(3);
            assertThat(path.send(syn).frame()).isEqualTo(first);
            assertThat(path.connections()).isEqualTo(1);
        }
    }

    @Test
    void shouldKeepTheShiftWhenASynIsRepeatedAfterTheServersAnswer() {
        try (PathHarness path = PathHarness.of(Pair.FOUR_TO_FOUR.tcp())) {
            final TcpConversation tcp = TcpConversation.synAck(path, CLIENT4, VIP4);
            final Decoded again = path.send(Packets.tcp(CLIENT4, VIP4).syn().sequence(TcpConversation.CLIENT_ISN)).out();
            assertThat(again.sequence).isEqualTo(TcpConversation.CLIENT_ISN + tcp.delta());
            final Decoded answer = path.send(tcp.fromServer().sequence(TcpConversation.SERVER_ISN).flags(TcpPacket.SYN | ACK)).out();
            assertThat(answer.acknowledgment).isEqualTo(TcpConversation.CLIENT_ISN + 1);
        }
    }

    @ParameterizedTest
    @EnumSource
    void shouldShiftNumbersOfBothDirectionsAcrossTheWrap(final Pair pair) {
        try (PathHarness path = PathHarness.of(pair.tcp())) {
            final TcpConversation tcp = TcpConversation.open(path, pair.client, pair.virtual);
            // The client's numbers start 256 before 2^32.
            for (int i = 0; i < 10; i++) {
                final int sequence = tcp.clientNext();
                assertThat(tcp.clientSends("0123456789".repeat(10)).out().sequence).isEqualTo(sequence + tcp.delta());
                final Decoded ack = tcp.serverSends("abc").out();
                assertThat(ack.acknowledgment).isEqualTo(tcp.clientNext());
                assertThat(ack.sequence).as("the server's numbers stay").isEqualTo(tcp.serverNext() - 3);
            }
            assertThat(tcp.clientNext()).as("wrapped").isPositive();
        }
    }

    @ParameterizedTest
    @EnumSource
    void shouldShiftEveryEdgeOfTheServersSackBlocks(final Pair pair) {
        try (PathHarness path = PathHarness.of(pair.tcp())) {
            final TcpConversation tcp = TcpConversation.open(path, pair.client, pair.virtual);
            for (int blocks = 1; blocks <= 4; blocks++) {
                final int[] edges = new int[2 * blocks];
                final int[] shifted = new int[2 * blocks];
                for (int i = 0; i < edges.length; i++) {
                    // In the client's numbers, and some beyond 2^32.
                    edges[i] = TcpConversation.CLIENT_ISN + 100 * (i + 1);
                    shifted[i] = edges[i] + tcp.delta();
                }
                final Decoded out = path.send(tcp.fromServer().options(Options.NOP, Options.NOP, Options.sack(shifted))).out();
                assertThat(ints(out.option(5))).containsExactly(edges);
            }
        }
    }

    @Test
    void shouldShiftSackBlocksBehindTimestamps() {
        try (PathHarness path = PathHarness.of(Pair.FOUR_TO_FOUR.tcp().keepTimestamps())) {
            final TcpConversation tcp = TcpConversation.open(path, CLIENT4, VIP4);
            final Decoded out = path.send(tcp.fromServer().options(Options.timestamps(0x11223344, 0x55667788),
                Options.sack(tcp.delta() + 5, tcp.delta() + 9))).out();
            assertThat(ints(out.option(5))).containsExactly(5, 9);
            assertThat(ints(out.option(8))).containsExactly(0x11223344, 0x55667788);
        }
    }

    @Test
    void shouldLeaveTheClientsSackBlocksAlone() {
        try (PathHarness path = PathHarness.of(Pair.FOUR_TO_FOUR.tcp().withoutTtm())) {
            final TcpConversation tcp = TcpConversation.open(path, CLIENT4, VIP4);
            final int edge = tcp.serverNext() + 1000;
            final Decoded out = path.send(tcp.fromClient().options(Options.sack(edge, edge + 500))).out();
            assertThat(ints(out.option(5))).as("they are in the server's numbers").containsExactly(edge, edge + 500);
        }
    }

    @OneLane
    @Test
    void shouldNotTouchAnAcknowledgmentNumberThatIsNotValid() {
        try (PathHarness path = PathHarness.of(Pair.FOUR_TO_FOUR.tcp())) {
            TcpConversation.syn(path, CLIENT4, VIP4);
            final Decoded rst = path.send(Packets.tcp(SERVER4, TestNet.LOCAL4).flags(TcpPacket.RST).acknowledgment(0).fromBack()).out();
            assertThat(rst.acknowledgment).isZero();
        }
    }

    private static int[] ints(final byte[] bytes) {
        final int[] ints = new int[bytes.length / 4];
        ByteBuffer.wrap(bytes).asIntBuffer().get(ints);
        return ints;
    }
}
