package io.sluice.dataplane.pipeline;

import static io.sluice.dataplane.pipeline.Options.windowScale;
import static io.sluice.dataplane.pipeline.TcpPacket.ACK;
import static io.sluice.dataplane.pipeline.TcpPacket.FIN;
import static io.sluice.dataplane.pipeline.TcpPacket.RST;
import static io.sluice.dataplane.pipeline.TcpPacket.SYN;
import static io.sluice.dataplane.pipeline.TestNet.CLIENT4;
import static io.sluice.dataplane.pipeline.TestNet.VIP4;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * Segments of somebody who knows addresses and ports but cannot see the connection (RFC 5961). They are passed on, since whoever
 * receives them decides for itself; but here they change nothing.
 *
 * <pre>
 *   both sides    "request" -->  <-- "answer"     acknowledged
 *   the client    "first" "second" "third"        in flight, of which "first" has been acknowledged
 * </pre>
 */
class BlindPeerTest {
    private static final int WINDOW = 0xffff;
    private static final int FAR = 0x3333_3333;

    private static PathHarness path() {
        return PathHarness.of(Pair.FOUR_TO_FOUR.tcp());
    }

    private static TcpConversation talking(final PathHarness path) {
        final TcpConversation tcp = TcpConversation.open(path, CLIENT4, VIP4);
        tcp.clientSends("request");
        tcp.serverSends("answer");
        tcp.clientAcks();
        tcp.clientSends("first");
        tcp.serverAcks();
        tcp.clientSends("second");
        tcp.clientSends("third");
        return tcp;
    }

    private record Segment(String description, Function<TcpConversation, TcpPacket> segment, String state) {
        DynamicTest after(final Function<PathHarness, TcpConversation> story) {
            return DynamicTest.dynamicTest(description, () -> {
                try (PathHarness path = path()) {
                    final TcpConversation tcp = story.apply(path);
                    final TcpPacket packet = segment.apply(tcp);
                    final Decoded sent = Decoded.of(packet.build());
                    final Decoded out = path.send(packet).out();
                    assertThat(out.flags).as("it is passed on").isEqualTo(sent.flags);
                    assertThat(tcp.state()).isEqualTo(state);
                    path.checkConsistency();
                }
            });
        }
    }

    private static TcpPacket clientReset(final TcpConversation tcp, final int offset) {
        return tcp.fromClient().flags(RST).sequence(tcp.clientNext() + offset);
    }

    @TestFactory
    Stream<DynamicTest> shouldEndByAResetOnlyAtEitherEndOfWhatIsInFlight() {
        final int flight = "secondthird".length();
        return Stream.of(
            new Segment("what the server has acknowledged", tcp -> clientReset(tcp, -flight), "CLOSED"),
            new Segment("the same with an ACK", tcp -> clientReset(tcp, -flight).flags(RST | ACK), "CLOSED"),
            new Segment("all that the client has sent, whose ACK is still to come", tcp -> clientReset(tcp, 0), "CLOSED"),
            new Segment("one more than acknowledged", tcp -> clientReset(tcp, 1 - flight), "ESTABLISHED"),
            new Segment("between two segments in flight", tcp -> clientReset(tcp, -"third".length()), "ESTABLISHED"),
            new Segment("one less than sent", tcp -> clientReset(tcp, -1), "ESTABLISHED"),
            new Segment("in the window, not sent yet", tcp -> clientReset(tcp, 1), "ESTABLISHED"),
            new Segment("acknowledged before", tcp -> clientReset(tcp, -flight - 1), "ESTABLISHED"),
            new Segment("far away", tcp -> clientReset(tcp, FAR), "ESTABLISHED"),
            new Segment("the server's, exact", tcp -> tcp.fromServer().flags(RST | ACK), "CLOSED"),
            new Segment("the server's, in the window", tcp -> tcp.fromServer().flags(RST).sequence(tcp.serverNext() + 1), "ESTABLISHED"),
            new Segment("the server's, far away", tcp -> tcp.fromServer().flags(RST).sequence(tcp.serverNext() - FAR), "ESTABLISHED"))
            .map(row -> row.after(BlindPeerTest::talking));
    }

    @Test
    void shouldEndByTheResetThatAnswersAChallenge() {
        // The client has gone, and what its RST followed was lost on the way to us: the server is still waiting for that.
        try (PathHarness path = path()) {
            final TcpConversation tcp = talking(path);
            path.send(clientReset(tcp, 100)).out();
            assertThat(tcp.state()).isEqualTo("ESTABLISHED");
            final Decoded challenge = tcp.serverAcks().out();
            path.send(tcp.fromClient().flags(RST).sequence(challenge.acknowledgment)).out();
            assertThat(tcp.state()).isEqualTo("CLOSED");
        }
    }

    @TestFactory
    Stream<DynamicTest> shouldEndWhenTheHandshakeIsReset() {
        return Stream.of(
            new Segment("the client does not know of it", tcp -> clientReset(tcp, 0), "CLOSED"),
            new Segment("by somebody else", tcp -> clientReset(tcp, 1), "SYN_RECEIVED"),
            new Segment("the server gives up", tcp -> tcp.fromServer().flags(RST), "CLOSED"),
            new Segment("somebody else in its place", tcp -> tcp.fromServer().flags(RST).sequence(tcp.serverNext() - 1), "SYN_RECEIVED"))
            .map(row -> row.after(path -> TcpConversation.synAck(path, CLIENT4, VIP4)));
    }

    @Test
    void shouldStayClosedWhenAResetIsRepeated() {
        try (PathHarness path = path()) {
            final TcpConversation tcp = talking(path);
            for (int i = 0; i < 3; i++) {
                path.send(clientReset(tcp, 0)).out();
                assertThat(tcp.state()).isEqualTo("CLOSED");
            }
            path.advanceSeconds(3);
            assertThat(path.connections()).isZero();
        }
    }

    private static TcpPacket clientFin(final TcpConversation tcp, final int offset) {
        return tcp.fromClient().flags(FIN | ACK).sequence(tcp.clientNext() + offset);
    }

    private static TcpPacket serverFin(final TcpConversation tcp, final int offset) {
        return tcp.fromServer().flags(FIN | ACK).sequence(tcp.serverNext() + offset);
    }

    @TestFactory
    Stream<DynamicTest> shouldBelieveOnlyAFinInTheWindow() {
        final int flight = "secondthird".length();
        return Stream.of(
            new Segment("the client's", tcp -> clientFin(tcp, 0), "CLOSE_WAIT"),
            new Segment("with data", tcp -> clientFin(tcp, 0).payload("the end"), "CLOSE_WAIT"),
            new Segment("after a gap", tcp -> clientFin(tcp, 20_000), "CLOSE_WAIT"),
            new Segment("at the end of the window", tcp -> clientFin(tcp, WINDOW - flight), "CLOSE_WAIT"),
            new Segment("beyond the window", tcp -> clientFin(tcp, WINDOW - flight + 1), "ESTABLISHED"),
            new Segment("far ahead", tcp -> clientFin(tcp, FAR), "ESTABLISHED"),
            new Segment("far behind", tcp -> clientFin(tcp, -FAR), "ESTABLISHED"),
            new Segment("before what the server has acknowledged", tcp -> clientFin(tcp, -flight - 2), "ESTABLISHED"),
            new Segment("acknowledges what has not been sent",
                tcp -> clientFin(tcp, 0).acknowledgment(tcp.serverNext() + FAR), "ESTABLISHED"),
            new Segment("acknowledges what is long gone",
                tcp -> clientFin(tcp, 0).acknowledgment(tcp.serverNext() - FAR), "ESTABLISHED"),
            new Segment("acknowledges nothing", tcp -> clientFin(tcp, 0).flags(FIN), "ESTABLISHED"),
            new Segment("the server's", tcp -> serverFin(tcp, 0), "FIN_WAIT"),
            new Segment("the server's, after a gap", tcp -> serverFin(tcp, 20_000), "FIN_WAIT"),
            new Segment("the server's, beyond the window", tcp -> serverFin(tcp, WINDOW + 1), "ESTABLISHED"),
            new Segment("the server's, far behind", tcp -> serverFin(tcp, -FAR), "ESTABLISHED"))
            .map(row -> row.after(BlindPeerTest::talking));
    }

    @TestFactory
    Stream<DynamicTest> shouldNotLetTheSecondFinBeForgedEither() {
        return Stream.of(
            new Segment("the server's, far ahead", tcp -> serverFin(tcp, FAR), "CLOSE_WAIT"),
            new Segment("the server's", tcp -> serverFin(tcp, 0), "LAST_ACK"))
            .map(row -> row.after(path -> {
                final TcpConversation tcp = talking(path);
                tcp.clientFin();
                assertThat(tcp.state()).isEqualTo("CLOSE_WAIT");
                return tcp;
            }));
    }

    @TestFactory
    Stream<DynamicTest> shouldNotLetTheHandshakeBeCompletedByGuessing() {
        return Stream.of(
            new Segment("the right ACK", TcpConversation::fromClient, "ESTABLISHED"),
            new Segment("one more", tcp -> tcp.fromClient().acknowledgment(tcp.serverNext() + 1), "SYN_RECEIVED"),
            new Segment("far ahead", tcp -> tcp.fromClient().acknowledgment(tcp.serverNext() + FAR), "SYN_RECEIVED"),
            new Segment("far behind", tcp -> tcp.fromClient().acknowledgment(tcp.serverNext() - FAR), "SYN_RECEIVED"))
            .map(row -> row.after(path -> TcpConversation.synAck(path, CLIENT4, VIP4)));
    }

    private static DynamicTest spoils(final String description, final Consumer<TcpConversation> forger,
                                      final Function<TcpConversation, TcpPacket> reset) {
        return DynamicTest.dynamicTest(description, () -> {
            try (PathHarness path = path()) {
                final TcpConversation tcp = talking(path);
                forger.accept(tcp);
                path.send(reset.apply(tcp)).out();
                assertThat(tcp.state()).as("a number that was put there before").isEqualTo("ESTABLISHED");
                tcp.clientSends("fourth").out();
                tcp.serverSends("another answer").out();
                path.send(tcp.fromServer().flags(RST)).out();
                assertThat(tcp.state()).as("the true end").isEqualTo("CLOSED");
            }
        });
    }

    @TestFactory
    Stream<DynamicTest> shouldNotLetDataOrAcknowledgmentsPrepareAReset() {
        return Stream.of(
            spoils("data far ahead, and an RST behind it",
                tcp -> tcp.clientSends(tcp.fromClient().sequence(tcp.clientNext() + FAR).payload("x")), tcp -> clientReset(tcp, FAR + 1)),
            spoils("data with a good number and a bad ACK",
                tcp -> tcp.clientSends(tcp.fromClient().acknowledgment(tcp.serverNext() + FAR).sequence(tcp.clientNext() + 500)),
                tcp -> clientReset(tcp, 500)),
            spoils("an ACK far ahead, and the other side's RST there",
                tcp -> tcp.clientSends(tcp.fromClient().acknowledgment(tcp.serverNext() + FAR)),
                tcp -> tcp.fromServer().flags(RST).sequence(tcp.serverNext() + FAR)),
            spoils("a SYN", tcp -> tcp.clientSends(tcp.fromClient().flags(SYN).sequence(5)),
                tcp -> tcp.fromClient().flags(RST).sequence(6)));
    }

    private record Scaling(String description, byte[][] syn, byte[][] synAck, int gap, String state) {
    }

    @TestFactory
    Stream<DynamicTest> shouldKnowHowLargeTheWindowsAre() {
        final byte[][] none = {};
        final byte[][] seven = {windowScale(7)};
        final byte[][] tooMuch = {windowScale(200)};
        // The server's window is 64,000 in its ACK, shifted by what it said in its SYN-ACK.
        return Stream.of(
            new Scaling("neither scales", none, none, 70_000, "ESTABLISHED"),
            new Scaling("only the client would", seven, none, 70_000, "ESTABLISHED"),
            new Scaling("both", seven, seven, 64_000 << 7, "CLOSE_WAIT"),
            new Scaling("both, beyond", seven, seven, (64_000 << 7) + 1, "ESTABLISHED"),
            new Scaling("by no more than 14", seven, tooMuch, 64_000 << 14, "CLOSE_WAIT"),
            new Scaling("by no more than 14, beyond", seven, tooMuch, (64_000 << 14) + 1, "ESTABLISHED"))
            .map(row -> DynamicTest.dynamicTest(row.description, () -> {
                try (PathHarness path = path()) {
                    final TcpConversation tcp = TcpConversation.syn(path, CLIENT4, VIP4,
                        Packets.tcp(CLIENT4, VIP4).syn().sequence(TcpConversation.CLIENT_ISN).options(row.syn));
                    tcp.serverSynAck(row.synAck);
                    tcp.clientAcks();
                    tcp.serverAcks();
                    path.send(clientFin(tcp, row.gap)).out();
                    assertThat(tcp.state()).isEqualTo(row.state);
                }
            }));
    }

    @Test
    void shouldRememberTheScaleWhenASynIsRepeatedWithoutOptions() {
        try (PathHarness path = path()) {
            final TcpConversation tcp = TcpConversation.syn(path, CLIENT4, VIP4,
                Packets.tcp(CLIENT4, VIP4).syn().sequence(TcpConversation.CLIENT_ISN).options(windowScale(7)));
            path.send(Packets.tcp(CLIENT4, VIP4).syn().sequence(TcpConversation.CLIENT_ISN)).out();
            tcp.serverSynAck(windowScale(3));
            tcp.clientAcks();
            path.send(serverFin(tcp, 64_000 << 7)).out();
            assertThat(tcp.state()).isEqualTo("FIN_WAIT");
        }
    }
}
