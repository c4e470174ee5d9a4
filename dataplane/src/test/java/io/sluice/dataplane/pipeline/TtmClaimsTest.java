package io.sluice.dataplane.pipeline;

import static io.sluice.dataplane.pipeline.Options.NOP;
import static io.sluice.dataplane.pipeline.Options.mss;
import static io.sluice.dataplane.pipeline.Options.padded;
import static io.sluice.dataplane.pipeline.Options.ttm;
import static io.sluice.dataplane.pipeline.TestNet.CLIENT4;
import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.dataplane.counter.SystemCounter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A client that sends a TTM option itself claims to be somebody else: the option is removed, unless its source is trusted. */
class TtmClaimsTest {
    private static final Endpoint VICTIM = Endpoint.of("192.0.2.66:6666");
    private static final Endpoint VICTIM6 = Endpoint.of("[2001:db8:bad::66]:6666");
    private static final byte[] EIGHT_NOPS = {1, 1, 1, 1, 1, 1, 1, 1};
    private static final Pair PAIR = Pair.FOUR_TO_FOUR;

    @ParameterizedTest
    @ValueSource(ints = {253, 254})
    void shouldRemoveAClaimFromTheSyn(final int kind) {
        try (PathHarness path = PathHarness.of(PAIR.tcp())) {
            final Decoded syn = path.send(Packets.tcp(CLIENT4, PAIR.virtual).syn().options(mss(1460), ttm(kind, VICTIM))).out();
            assertThat(syn.rawOptions).isEqualTo(padded(mss(1460), EIGHT_NOPS));
            assertThat(path.count(SystemCounter.TTM_CLAIMS_REMOVED)).isEqualTo(1);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {253, 254})
    void shouldReplaceAClaimByTheTruthInTheThirdPacket(final int kind) {
        try (PathHarness path = PathHarness.of(PAIR.tcp())) {
            final TcpConversation tcp = TcpConversation.synAck(path, CLIENT4, PAIR.virtual);
            final Decoded ack = path.send(tcp.fromClient().options(ttm(kind, VICTIM))).out();
            assertThat(ack.rawOptions).isEqualTo(padded(ttm(CLIENT4), EIGHT_NOPS));
        }
    }

    @ParameterizedTest
    @EnumSource
    void shouldRemoveClaimsThatLeaveNoRoomForTheTruth(final Pair pair) {
        try (PathHarness path = PathHarness.of(pair.tcp())) {
            final TcpConversation tcp = TcpConversation.synAck(path, pair.client, pair.virtual);
            final Decoded ack = path.send(tcp.fromClient().options(ttm(254, VICTIM6), ttm(253, VICTIM6)).payload("x")).out();
            assertThat(ack.ttm()).isEqualTo(pair.client);
            assertThat(ack.optionKinds()).containsExactly(254);
            assertThat(ack.text()).isEqualTo("x");
        }
    }

    @ParameterizedTest
    @EnumSource
    void shouldRemoveClaimsFromEverySegmentLongAfterTheHandshake(final Pair pair) {
        try (PathHarness path = PathHarness.of(pair.tcp())) {
            final TcpConversation tcp = TcpConversation.open(path, pair.client, pair.virtual);
            tcp.serverSends("greeting").out();
            assertThat(path.send(tcp.fromClient().options(ttm(VICTIM)).payload("x")).out().options).isEmpty();
            assertThat(path.send(tcp.fromClient().options(NOP, NOP, NOP, NOP, ttm(253, VICTIM6)).payload("x")).out().options).isEmpty();
            assertThat(path.count(SystemCounter.TTM_CLAIMS_REMOVED)).isEqualTo(2);
        }
    }

    @Test
    void shouldRemoveAClaimBehindOtherOptionsAndAMalformedOne() {
        try (PathHarness path = PathHarness.of(PAIR.tcp())) {
            final TcpConversation tcp = TcpConversation.open(path, CLIENT4, PAIR.virtual);
            tcp.serverSends("greeting").out();
            // A receiver that skips the malformed option would find the claim behind it.
            final Decoded out = path.send(tcp.fromClient().options(Options.timestamps(1, 2), Options.bytes(99, 0), ttm(VICTIM))).out();
            assertThat(out.optionKinds()).containsExactly(8);
            assertThat(out.rawOptions).isEqualTo(padded(Options.timestamps(1, 2), Options.bytes(1, 1), EIGHT_NOPS));
        }
    }

    @Test
    void shouldRemoveAClaimBehindTheEndOfTheList() {
        try (PathHarness path = PathHarness.of(PAIR.tcp())) {
            final TcpConversation tcp = TcpConversation.open(path, CLIENT4, PAIR.virtual);
            tcp.serverSends("greeting").out();
            final Decoded out = path.send(tcp.fromClient().options(Options.bytes(0, 0, 0, 0), ttm(VICTIM))).out();
            assertThat(out.ttm()).as("RFC 9293, 3.2: nothing counts behind the end").isNull();
        }
    }

    @Test
    void shouldRemoveClaimsAlsoWhereNothingIsInserted() {
        try (PathHarness path = PathHarness.of(PAIR.tcp().withoutTtm())) {
            final TcpConversation tcp = TcpConversation.synAck(path, CLIENT4, PAIR.virtual);
            assertThat(path.send(tcp.fromClient().options(ttm(VICTIM))).out().rawOptions).isEqualTo(EIGHT_NOPS);
        }
    }

    @Test
    void shouldRemoveTheListenersOwnKind() {
        try (PathHarness path = PathHarness.of(PAIR.tcp().ttmKind(200))) {
            final TcpConversation tcp = TcpConversation.synAck(path, CLIENT4, PAIR.virtual);
            final Decoded out = path.send(tcp.fromClient().options(ttm(200, VICTIM), ttm(254, VICTIM))).out();
            assertThat(out.optionKinds()).containsExactly(200);
            assertThat(out.ttm(200)).isEqualTo(CLIENT4);
        }
    }

    @Test
    void shouldPassOnWhatATrustedSourceSays() {
        // A load balancer in front of this one knows the client; that one is passed on instead of its own address.
        try (PathHarness path = PathHarness.of(PAIR.tcp().trust("198.51.100.0/24"))) {
            final TcpConversation tcp = TcpConversation.synAck(path, CLIENT4, PAIR.virtual);
            final Decoded ack = path.send(tcp.fromClient().options(ttm(VICTIM))).out();
            assertThat(ack.rawOptions).isEqualTo(ttm(VICTIM));
            assertThat(path.count(SystemCounter.TTM_TRUSTED)).isEqualTo(1);
            assertThat(path.count(SystemCounter.TTM_INSERTED)).isZero();
        }
    }

    @Test
    void shouldInsertTheTrustedSourceItselfWhenItSaysNothing() {
        try (PathHarness path = PathHarness.of(PAIR.tcp().trust("198.51.100.0/24"))) {
            final TcpConversation tcp = TcpConversation.synAck(path, CLIENT4, PAIR.virtual);
            assertThat(tcp.clientAcks().out().ttm()).isEqualTo(CLIENT4);
        }
    }

    @Test
    void shouldNotTrustOthers() {
        try (PathHarness path = PathHarness.of(PAIR.tcp().trust("192.0.2.0/24", "2001:db8::/32"))) {
            final TcpConversation tcp = TcpConversation.synAck(path, CLIENT4, PAIR.virtual);
            assertThat(path.send(tcp.fromClient().options(ttm(VICTIM))).out().ttm()).isEqualTo(CLIENT4);
        }
    }

    @Test
    void shouldLeaveTheServersOptionsAlone() {
        try (PathHarness path = PathHarness.of(PAIR.tcp())) {
            final TcpConversation tcp = TcpConversation.open(path, CLIENT4, PAIR.virtual);
            assertThat(path.send(tcp.fromServer().options(ttm(VICTIM))).out().ttm()).isEqualTo(VICTIM);
        }
    }
}
