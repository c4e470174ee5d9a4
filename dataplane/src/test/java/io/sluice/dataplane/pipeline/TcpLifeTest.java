package io.sluice.dataplane.pipeline;

import static io.sluice.dataplane.pipeline.TcpPacket.ACK;
import static io.sluice.dataplane.pipeline.TcpPacket.FIN;
import static io.sluice.dataplane.pipeline.TcpPacket.RST;
import static io.sluice.dataplane.pipeline.TestNet.CLIENT4;
import static io.sluice.dataplane.pipeline.TestNet.VIP4;
import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.dataplane.connection.ConnectionEvent.Kind;
import io.sluice.dataplane.counter.SystemCounter;
import io.sluice.dataplane.verdict.DropReason;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** The life of a TCP connection: its states, how it ends, and how a new one takes its place. */
class TcpLifeTest {
    private static final Consumer<TcpConversation> NOTHING = tcp -> { };

    private static PathHarness path() {
        return PathHarness.of(Pair.FOUR_TO_FOUR.tcp());
    }

    private record Step(String description, Consumer<TcpConversation> action, String state) {
    }

    private static DynamicTest story(final String description, final Step... steps) {
        return DynamicTest.dynamicTest(description, () -> {
            try (PathHarness path = path()) {
                final TcpConversation tcp = TcpConversation.syn(path, CLIENT4, VIP4);
                for (final Step step : steps) {
                    step.action.accept(tcp);
                    assertThat(tcp.state()).as(step.description).isEqualTo(step.state);
                }
                path.checkConsistency();
            }
        });
    }

    private static Step[] established(final Step... further) {
        return Stream.concat(Stream.of(
            new Step("SYN", NOTHING, "SYN_SENT"),
            new Step("SYN-ACK", TcpConversation::serverSynAck, "SYN_RECEIVED"),
            new Step("ACK", TcpConversation::clientAcks, "ESTABLISHED")), Stream.of(further)).toArray(Step[]::new);
    }

    @TestFactory
    Stream<DynamicTest> shouldFollowTheStates() {
        return Stream.of(
            story("the client closes first", established(
                new Step("FIN of the client", TcpConversation::clientFin, "CLOSE_WAIT"),
                new Step("the server has more to say", tcp -> tcp.serverSends("more"), "CLOSE_WAIT"),
                new Step("its ACK", TcpConversation::clientAcks, "CLOSE_WAIT"),
                new Step("FIN of the server", TcpConversation::serverFin, "LAST_ACK"),
                new Step("an old ACK", tcp -> tcp.clientSends(tcp.fromClient().acknowledgment(tcp.serverNext() - 1)), "LAST_ACK"),
                new Step("its ACK", TcpConversation::clientAcks, "CLOSED"))),
            story("the server closes first", established(
                new Step("FIN of the server", TcpConversation::serverFin, "FIN_WAIT"),
                new Step("the client has more to say", tcp -> tcp.clientSends("more"), "FIN_WAIT"),
                new Step("FIN of the client", TcpConversation::clientFin, "CLOSING"),
                new Step("an old ACK", tcp -> tcp.serverSends(tcp.fromServer()
                    .acknowledgment(tcp.clientNext() + tcp.delta() - 1)), "CLOSING"),
                new Step("its ACK", TcpConversation::serverAcks, "TIME_WAIT"))),
            story("repeated segments change nothing", established(
                new Step("SYN-ACK again", tcp -> tcp.serverSends(tcp.fromServer().flags(TcpPacket.SYN | ACK)
                    .sequence(TcpConversation.SERVER_ISN)), "ESTABLISHED"),
                new Step("FIN", TcpConversation::clientFin, "CLOSE_WAIT"),
                new Step("FIN again", tcp -> tcp.clientSends(tcp.fromClient().flags(FIN | ACK).sequence(tcp.clientNext() - 1)),
                    "CLOSE_WAIT"))),
            story("data and FIN with the third packet", new Step("SYN", NOTHING, "SYN_SENT"),
                new Step("SYN-ACK", TcpConversation::serverSynAck, "SYN_RECEIVED"),
                new Step("all at once", tcp -> tcp.clientSends(tcp.fromClient().flags(FIN | ACK).payload("all")), "CLOSE_WAIT")),
            story("an ACK of something older than the SYN-ACK", new Step("SYN", NOTHING, "SYN_SENT"),
                new Step("an ACK before the SYN-ACK", TcpConversation::clientAcks, "SYN_SENT"),
                new Step("SYN-ACK", TcpConversation::serverSynAck, "SYN_RECEIVED"),
                new Step("an ACK of an older connection", tcp -> tcp.clientSends(tcp.fromClient()
                    .acknowledgment(TcpConversation.SERVER_ISN)), "SYN_RECEIVED")));
    }

    private record ResetCase(String description, Function<TcpConversation, TcpPacket> segment, String state) {
    }

    @TestFactory
    Stream<DynamicTest> shouldBelieveOnlyResetsThatTheirReceiverBelieves() {
        // RFC 5961, 3.2. Every one is passed on: whoever receives it decides for itself.
        return Stream.of(
            new ResetCase("the client's, exact", tcp -> tcp.fromClient().flags(RST | ACK), "CLOSED"),
            new ResetCase("the client's, exact, without ACK", tcp -> tcp.fromClient().flags(RST).acknowledgment(0), "CLOSED"),
            new ResetCase("the client's, one too high", tcp -> tcp.fromClient().flags(RST).sequence(tcp.clientNext() + 1), "ESTABLISHED"),
            new ResetCase("the client's, before all that is acknowledged",
                tcp -> tcp.fromClient().flags(RST).sequence(tcp.clientNext() - 5), "ESTABLISHED"),
            new ResetCase("the client's, far away", tcp -> tcp.fromClient().flags(RST).sequence(0x3333_3333), "ESTABLISHED"),
            new ResetCase("the server's, exact", tcp -> tcp.fromServer().flags(RST), "CLOSED"),
            new ResetCase("the server's, one too high", tcp -> tcp.fromServer().flags(RST).sequence(tcp.serverNext() + 1), "ESTABLISHED"),
            new ResetCase("the server's, far away", tcp -> tcp.fromServer().flags(RST).sequence(1), "ESTABLISHED"))
            .map(row -> DynamicTest.dynamicTest(row.description, () -> {
                try (PathHarness path = path()) {
                    final TcpConversation tcp = TcpConversation.open(path, CLIENT4, VIP4);
                    tcp.clientSends("request");
                    tcp.serverSends("answer");
                    tcp.clientAcks();
                    final PathResult result = path.send(row.segment.apply(tcp));
                    assertThat(result.out().flags & RST).isEqualTo(RST);
                    assertThat(tcp.state()).isEqualTo(row.state);
                }
            }));
    }

    @TestFactory
    Stream<DynamicTest> shouldEndAtOnceWhenTheServerRefuses() {
        return Stream.of(
            new ResetCase("acknowledges the SYN", tcp -> tcp.fromServer().flags(RST | ACK).sequence(0), "CLOSED"),
            new ResetCase("acknowledges something else", tcp -> tcp.fromServer().flags(RST | ACK).sequence(0).acknowledgment(1),
                "SYN_SENT"),
            new ResetCase("acknowledges nothing", tcp -> tcp.fromServer().flags(RST).sequence(0), "SYN_SENT"))
            .map(row -> DynamicTest.dynamicTest(row.description, () -> {
                try (PathHarness path = path()) {
                    final TcpConversation tcp = TcpConversation.syn(path, CLIENT4, VIP4);
                    path.send(row.segment.apply(tcp)).out();
                    assertThat(tcp.state()).isEqualTo(row.state);
                }
            }));
    }

    @TestFactory
    Stream<DynamicTest> shouldStartANewConnectionInThePlaceOfAnOldOne() {
        final Consumer<TcpConversation> timeWait = tcp -> {
            tcp.serverFin();
            tcp.clientFin();
            tcp.serverAcks();
        };
        final Consumer<TcpConversation> closing = tcp -> {
            tcp.serverFin();
            tcp.clientFin();
        };
        final Consumer<TcpConversation> lastAck = tcp -> {
            tcp.clientFin();
            tcp.serverFin();
        };
        final Consumer<TcpConversation> closed = tcp -> tcp.clientSends(tcp.fromClient().flags(RST));
        return Stream.of(new Step("TIME_WAIT", timeWait, "TIME_WAIT"), new Step("LAST_ACK", lastAck, "LAST_ACK"),
            new Step("CLOSING", closing, "CLOSING"), new Step("CLOSED", closed, "CLOSED"))
            .map(step -> DynamicTest.dynamicTest(step.description, () -> {
                try (PathHarness path = path()) {
                    final TcpConversation old = TcpConversation.open(path, CLIENT4, VIP4);
                    step.action.accept(old);
                    assertThat(old.state()).isEqualTo(step.state);
                    final TcpConversation next = TcpConversation.open(path, CLIENT4, VIP4);
                    assertThat(next.local()).as("another local port").isNotEqualTo(old.local());
                    assertThat(path.send(old.fromServer()).reason()).isEqualTo(DropReason.NO_CONNECTION);
                    assertThat(path.connections()).isEqualTo(1);
                    assertThat(path.count(SystemCounter.CONNECTIONS_REPLACED)).isEqualTo(1);
                    assertThat(path.events().kinds()).contains(Kind.CLOSED);
                    path.checkConsistency();
                }
            }));
    }

    @TestFactory
    Stream<DynamicTest> shouldNotStartANewConnectionInThePlaceOfALiveOne() {
        return Stream.of(new Step("SYN_RECEIVED", TcpConversation::serverSynAck, "SYN_RECEIVED"),
            new Step("ESTABLISHED", tcp -> {
                tcp.serverSynAck();
                tcp.clientAcks();
            }, "ESTABLISHED"),
            new Step("CLOSE_WAIT", tcp -> {
                tcp.serverSynAck();
                tcp.clientFin();
            }, "CLOSE_WAIT"),
            new Step("FIN_WAIT", tcp -> {
                tcp.serverSynAck();
                tcp.clientAcks();
                tcp.serverFin();
            }, "FIN_WAIT")).map(step -> DynamicTest.dynamicTest(step.description, () -> {
                try (PathHarness path = path()) {
                    final TcpConversation tcp = TcpConversation.syn(path, CLIENT4, VIP4);
                    step.action.accept(tcp);
                    final Decoded syn = path.send(Packets.tcp(CLIENT4, VIP4).syn().sequence(12_345)).out();
                    assertThat(syn.source()).as("the server decides about it").isEqualTo(tcp.local());
                    assertThat(syn.sequence).isEqualTo(12_345 + tcp.delta());
                    assertThat(tcp.state()).isEqualTo(step.state);
                    assertThat(path.count(SystemCounter.CONNECTIONS_REPLACED)).isZero();
                }
            }));
    }
}
