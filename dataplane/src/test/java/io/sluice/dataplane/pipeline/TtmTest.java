package io.sluice.dataplane.pipeline;

import static io.sluice.dataplane.pipeline.TcpPacket.ACK;
import static io.sluice.dataplane.pipeline.TcpPacket.FIN;
import static io.sluice.dataplane.pipeline.TcpPacket.PSH;
import static io.sluice.dataplane.pipeline.TcpPacket.RST;
import static io.sluice.dataplane.pipeline.TcpPacket.SYN;
import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.dataplane.counter.SystemCounter;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * When the client's address goes along: on every segment of the client whose ACK number is still the server's ISN + 1 and
 * which is neither SYN nor RST.
 */
    @OneLane
class TtmTest {
    @ParameterizedTest
    @EnumSource
    void shouldInsertTheClientIntoTheThirdPacketOfTheHandshake(final Pair pair) {
        try (PathHarness path = PathHarness.of(pair.tcp())) {
            final TcpConversation tcp = TcpConversation.synAck(path, pair.client, pair.virtual);
            final PathResult result = tcp.clientAcks();
            final TcpPacket expected = Packets.tcp(pair.local, pair.server).options(Options.ttm(pair.client))
                .sequence(tcp.clientNext() + tcp.delta()).acknowledgment(tcp.serverNext()).ttl(63).toBack();
            if (pair.isBetweenFamilies()) {
                expected.mayFragment().anyIdentification();
            }
            result.out();
            assertThat(result.frame()).isEqualTo(expected.matching(result.frame()));
            assertThat(path.count(SystemCounter.TTM_INSERTED)).isEqualTo(1);
        }
    }

    @ParameterizedTest
    @EnumSource
    void shouldPutTheOptionBeforeAllOthers(final Pair pair) {
        try (PathHarness path = PathHarness.of(pair.tcp().keepTimestamps())) {
            final TcpConversation tcp = TcpConversation.synAck(path, pair.client, pair.virtual);
            final byte[] timestamps = Options.padded(Options.NOP, Options.NOP, Options.timestamps(1, 2));
            final Decoded out = path.send(tcp.fromClient().options(timestamps).payload("x")).out();
            assertThat(out.rawOptions).isEqualTo(Options.padded(Options.ttm(pair.client), timestamps));
            assertThat(out.text()).isEqualTo("x");
        }
    }

    @ParameterizedTest
    @EnumSource
    void shouldInsertUntilTheClientAcknowledgesServerData(final Pair pair) {
        try (PathHarness path = PathHarness.of(pair.tcp())) {
            final TcpConversation tcp = TcpConversation.open(path, pair.client, pair.virtual);
            assertThat(tcp.clientSends("GET /").out().ttm()).isEqualTo(pair.client);
            assertThat(tcp.clientSends(" HTTP/1.1").out().ttm()).as("more data").isEqualTo(pair.client);
            assertThat(tcp.clientAcks().out().ttm()).as("an ACK without data").isEqualTo(pair.client);
            final TcpPacket early = tcp.fromClient();
            tcp.serverSends("HTTP/1.1 200").out();
            assertThat(tcp.clientAcks().out().ttm()).as("server data acknowledged").isNull();
            assertThat(tcp.clientSends("GET /2").out().options).isEmpty();
            assertThat(path.send(early).out().ttm()).as("an old segment that arrives late").isEqualTo(pair.client);
        }
    }

    @ParameterizedTest
    @EnumSource
    void shouldInsertIntoRetransmissions(final Pair pair) {
        try (PathHarness path = PathHarness.of(pair.tcp())) {
            final TcpConversation tcp = TcpConversation.open(path, pair.client, pair.virtual);
            final TcpPacket data = tcp.fromClient().flags(ACK | PSH).payload("lost");
            assertThat(path.send(data).out().ttm()).isEqualTo(pair.client);
            path.advanceSeconds(1);
            assertThat(path.send(data).out().ttm()).isEqualTo(pair.client);
        }
    }

    @ParameterizedTest
    @EnumSource
    void shouldInsertWithTheClientsFin(final Pair pair) {
        try (PathHarness path = PathHarness.of(pair.tcp())) {
            final TcpConversation tcp = TcpConversation.synAck(path, pair.client, pair.virtual);
            assertThat(path.send(tcp.fromClient().flags(FIN | ACK | PSH).payload("all of it")).out().ttm()).isEqualTo(pair.client);
        }
    }

    @ParameterizedTest
    @EnumSource
    void shouldNotInsertIntoSynRstOrTheServersSegments(final Pair pair) {
        try (PathHarness path = PathHarness.of(pair.tcp())) {
            final Decoded syn = path.send(Packets.tcp(pair.client, pair.virtual).syn().sequence(TcpConversation.CLIENT_ISN)).out();
            assertThat(syn.options).isEmpty();
            final TcpConversation tcp = TcpConversation.synAck(path, pair.client, pair.virtual);
            assertThat(path.send(tcp.fromServer()).out().options).isEmpty();
            assertThat(path.send(tcp.fromClient().flags(SYN | ACK)).out().options).as("simultaneous open").isEmpty();
            assertThat(path.send(tcp.fromClient().flags(RST | ACK)).out().options).isEmpty();
            assertThat(path.count(SystemCounter.TTM_INSERTED)).isZero();
        }
    }

    @Test
    void shouldInsertTheKindThatTheListenerSays() {
        try (PathHarness path = PathHarness.of(Pair.SIX_TO_SIX.tcp().ttmKind(253))) {
            final TcpConversation tcp = TcpConversation.synAck(path, Pair.SIX_TO_SIX.client, Pair.SIX_TO_SIX.virtual);
            assertThat(tcp.clientAcks().out().ttm(253)).isEqualTo(Pair.SIX_TO_SIX.client);
        }
    }

    @ParameterizedTest
    @EnumSource
    void shouldNotInsertWhereTheListenerSaysSo(final Pair pair) {
        try (PathHarness path = PathHarness.of(pair.tcp().withoutTtm())) {
            final TcpConversation tcp = TcpConversation.synAck(path, pair.client, pair.virtual);
            assertThat(tcp.clientAcks().out().options).isEmpty();
            assertThat(path.count(SystemCounter.TTM_INSERTED)).isZero();
            assertThat(path.count(SystemCounter.TTM_NO_ROOM)).isZero();
        }
    }

    @Test
    void shouldGoOnInsertingAfterTheListenerChangedItsMind() {
        // The server may have seen the option already, and its MSS was agreed on with it: a connection keeps what it began with.
        try (PathHarness path = PathHarness.of(Pair.FOUR_TO_FOUR.tcp())) {
            final TcpConversation tcp = TcpConversation.open(path, Pair.FOUR_TO_FOUR.client, Pair.FOUR_TO_FOUR.virtual);
            path.apply(Configuration.of(Pair.FOUR_TO_FOUR.tcp().withoutTtm()));
            assertThat(tcp.clientSends("x").out().ttm()).isEqualTo(Pair.FOUR_TO_FOUR.client);
        }
    }

    @ParameterizedTest
    @EnumSource
    void shouldNotBeMisledByASynAckOfAnOlderConnection(final Pair pair) {
        // The server still repeats its answer to whoever had the local port before.
        try (PathHarness path = PathHarness.of(pair.tcp())) {
            final TcpConversation tcp = TcpConversation.syn(path, pair.client, pair.virtual);
            path.send(tcp.fromServer().flags(SYN | ACK).sequence(0x1111_1111).acknowledgment(0x2222_2222)).out();
            assertThat(tcp.state()).isEqualTo("SYN_SENT");
            tcp.serverSynAck().out();
            assertThat(tcp.clientAcks().out().ttm()).isEqualTo(pair.client);
            assertThat(tcp.state()).isEqualTo("ESTABLISHED");
        }
    }

    @ParameterizedTest
    @EnumSource
    void shouldInsertAfterASynWhoseDataTheServerDoesNotAccept(final Pair pair) {
        try (PathHarness path = PathHarness.of(pair.tcp())) {
            final TcpPacket syn = Packets.tcp(pair.client, pair.virtual).syn().sequence(TcpConversation.CLIENT_ISN)
                .options(Options.fastOpen(1, 2, 3, 4)).payload("sent too early".getBytes(StandardCharsets.US_ASCII));
            final TcpConversation tcp = TcpConversation.syn(path, pair.client, pair.virtual, syn);
            tcp.serverSynAck().out();
            assertThat(tcp.state()).isEqualTo("SYN_RECEIVED");
            assertThat(tcp.clientAcks().out().ttm()).isEqualTo(pair.client);
            assertThat(tcp.state()).isEqualTo("ESTABLISHED");
        }
    }

    @ParameterizedTest
    @EnumSource
    void shouldFollowAServerThatAnswersARepeatedSynWithAnotherNumber(final Pair pair) {
        // As a server does that uses SYN cookies; the client has seen only the second answer.
        try (PathHarness path = PathHarness.of(pair.tcp())) {
            final TcpConversation tcp = TcpConversation.syn(path, pair.client, pair.virtual);
            path.send(tcp.fromServer().flags(SYN | ACK).sequence(0x1111_1111)).out();
            path.advanceSeconds(1);
            path.send(Packets.tcp(pair.client, pair.virtual).syn().sequence(TcpConversation.CLIENT_ISN)).out();
            tcp.serverSynAck().out();
            assertThat(tcp.clientAcks().out().ttm()).isEqualTo(pair.client);
            assertThat(tcp.state()).isEqualTo("ESTABLISHED");
        }
    }

    @Test
    void shouldInsertBehindIpv4OptionsAndExtensionHeaders() {
        try (PathHarness path = PathHarness.of(PacketCase.everything())) {
            for (final Pair pair : Pair.values()) {
                final TcpConversation tcp = TcpConversation.synAck(path, pair.client, pair.virtual);
                final TcpPacket ack = tcp.fromClient().payload("x");
                final PathResult result = path.send(pair.client.isIpv4() ? ack.ipOptions(1, 1, 1, 1) : ack.hopByHop().destinationOptions());
                assertThat(result.out().ttm()).isEqualTo(pair.client);
                assertThat(result.out().text()).isEqualTo("x");
                assertThat(result.out().ipHeaderLength).isEqualTo(pair.isBetweenFamilies() ? 20 : pair.client.isIpv4() ? 24 : 64);
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void shouldInsertOnceIntoASuperFrame(final Pair pair) {
        try (PathHarness path = PathHarness.of(pair.tcp())) {
            final TcpConversation tcp = TcpConversation.open(path, pair.client, pair.virtual);
            final int segment = 1460 - pair.optionLength() - 20;
            final byte[] data = Packets.pattern(10 * segment + 17);
            final PathResult result = path.send(tcp.fromClient().flags(ACK | PSH).payload(data).gso(segment));
            final Decoded out = result.out();
            assertThat(out.ttm()).isEqualTo(pair.client);
            assertThat(out.payload).isEqualTo(data);
            assertThat(result.frame().gsoSize()).as("segments keep their payload").isEqualTo(segment);
            assertThat(result.frame().gsoType()).isEqualTo(Packets.tcp(pair.local, pair.server).superFrame());
            assertThat(result.frame().checksumStart()).isEqualTo(14 + pair.serverHeader());
            assertThat(result.frame().checksumOffset()).isEqualTo(16);
        }
    }
}
