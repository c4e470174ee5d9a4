package io.sluice.dataplane.pipeline;

import static io.sluice.dataplane.pipeline.Options.NOP;
import static io.sluice.dataplane.pipeline.Options.SACK_PERMITTED;
import static io.sluice.dataplane.pipeline.Options.fastOpen;
import static io.sluice.dataplane.pipeline.Options.mptcp;
import static io.sluice.dataplane.pipeline.Options.mss;
import static io.sluice.dataplane.pipeline.Options.timestamps;
import static io.sluice.dataplane.pipeline.Options.windowScale;
import static io.sluice.dataplane.pipeline.TcpPacket.ACK;
import static io.sluice.dataplane.pipeline.TcpPacket.SYN;
import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.dataplane.counter.SystemCounter;
import java.nio.ByteBuffer;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Options of SYN and SYN-ACK: timestamps, Fast Open and MPTCP are replaced by NOPs, the MSS is lowered, the rest passes. */
class SynOptionsTest {
    private static final byte[] CUSTOMARY = Options.padded(mss(1460), SACK_PERMITTED, timestamps(123_456, 0), NOP, windowScale(7));

    private record SynCase(String description, ListenerDraft listener, byte[] options, byte[] expected) {
    }

    @TestFactory
    Stream<DynamicTest> shouldCleanTheClientsSyn() {
        final ListenerDraft by = Pair.FOUR_TO_FOUR.tcp();
        final byte[] ten = {1, 1, 1, 1, 1, 1, 1, 1, 1, 1};
        return Stream.of(
            new SynCase("no options", by, new byte[0], new byte[0]),
            new SynCase("timestamps become NOPs, everything keeps its place", by, CUSTOMARY,
                Options.padded(mss(1460), SACK_PERMITTED, ten, NOP, windowScale(7))),
            new SynCase("timestamps stay where the listener says so", Pair.FOUR_TO_FOUR.tcp().keepTimestamps(), CUSTOMARY, CUSTOMARY),
            new SynCase("Fast Open cookie", by, Options.padded(mss(1460), fastOpen(1, 2, 3, 4, 5, 6, 7, 8)),
                Options.padded(mss(1460), ten)),
            new SynCase("Fast Open cookie request, also where timestamps stay", Pair.FOUR_TO_FOUR.tcp().keepTimestamps(),
                Options.padded(fastOpen(), timestamps(1, 0)), Options.padded(NOP, NOP, timestamps(1, 0))),
            new SynCase("MPTCP", by, Options.padded(mptcp(), mss(1400)), Options.padded(NOP, NOP, NOP, NOP, mss(1400))),
            new SynCase("an option nobody knows passes", by, Options.padded(Options.any(99, 1, 2)), Options.padded(Options.any(99, 1, 2))),
            new SynCase("behind the end of the list nothing is read", by, Options.bytes(0, 8, 10, 0), Options.bytes(0, 8, 10, 0)),
            new SynCase("an option of length 0: NOPs from there on", by, Options.bytes(2, 4, 5, 180, 8, 0, 1, 2),
                Options.bytes(2, 4, 5, 180, 1, 1, 1, 1)),
            new SynCase("an option of length 1", by, Options.bytes(99, 1, 2, 2), Options.bytes(1, 1, 1, 1)),
            new SynCase("an option longer than the header", by, Options.bytes(1, 8, 10, 0), Options.bytes(1, 1, 1, 1)),
            new SynCase("a kind without a length", by, Options.bytes(1, 1, 1, 8), Options.bytes(1, 1, 1, 1)))
            .map(row -> DynamicTest.dynamicTest(row.description, () -> {
                try (PathHarness path = PathHarness.of(row.listener)) {
                    final Decoded syn = path.send(Packets.tcp(Pair.FOUR_TO_FOUR.client, Pair.FOUR_TO_FOUR.virtual).syn()
                        .options(row.options)).out();
                    assertThat(syn.rawOptions).isEqualTo(row.expected);
                }
            }));
    }

    @Test
    void shouldCountRemovedOptions() {
        try (PathHarness path = PathHarness.of(Pair.FOUR_TO_FOUR.tcp())) {
            path.send(Packets.tcp(Pair.FOUR_TO_FOUR.client, Pair.FOUR_TO_FOUR.virtual).syn()
                .options(mss(1460), timestamps(1, 0), fastOpen(), mptcp())).out();
            assertThat(path.count(SystemCounter.SYN_OPTIONS_REMOVED)).isEqualTo(3);
        }
    }

    @Test
    void shouldStripTimestampsOnlyFromSyns() {
        // A connection that was agreed on without timestamps has none; what comes later is passed on as it is.
        try (PathHarness path = PathHarness.of(Pair.FOUR_TO_FOUR.tcp().withoutTtm())) {
            final TcpConversation tcp = TcpConversation.open(path, Pair.FOUR_TO_FOUR.client, Pair.FOUR_TO_FOUR.virtual);
            assertThat(path.send(tcp.fromClient().options(timestamps(1, 2))).out().optionKinds()).containsExactly(8);
        }
    }

    @ParameterizedTest
    @EnumSource
    void shouldLowerTheServersMssByTheRoomOfTheTtmOption(final Pair pair) {
        try (PathHarness path = PathHarness.of(pair.tcp())) {
            final Decoded synAck = synAck(path, pair, mss(1460), SACK_PERMITTED, windowScale(7));
            assertThat(mssOf(synAck)).isEqualTo(1460 - pair.optionLength());
            assertThat(synAck.optionKinds()).containsExactly(2, 4, 3);
        }
    }

    @ParameterizedTest
    @EnumSource
    void shouldLeaveTheServersMssWithoutTtm(final Pair pair) {
        try (PathHarness path = PathHarness.of(pair.tcp().withoutTtm())) {
            assertThat(mssOf(synAck(path, pair, mss(1460)))).isEqualTo(1460);
        }
    }

    @ParameterizedTest
    @EnumSource
    void shouldNotMakeUpAnMss(final Pair pair) {
        try (PathHarness path = PathHarness.of(pair.tcp())) {
            assertThat(synAck(path, pair, windowScale(7)).optionKinds()).containsExactly(3);
        }
    }

    @ParameterizedTest
    @EnumSource
    void shouldNotTurnATinyMssIntoZeroOrLess(final Pair pair) {
        try (PathHarness path = PathHarness.of(pair.tcp())) {
            assertThat(mssOf(synAck(path, pair, mss(pair.optionLength())))).isEqualTo(pair.optionLength());
        }
    }

    @Test
    void shouldLowerTheClientsMssOnlyBetweenFamilies() {
        // The server's answers grow by 20 bytes on their way from IPv4 to IPv6: 1500 - 40 - 20 is what the client's link takes.
        assertThat(clientsMss(Pair.SIX_TO_FOUR, 1500, 1460)).isEqualTo(1440);
        assertThat(clientsMss(Pair.SIX_TO_FOUR, 1280, 1440)).isEqualTo(1220);
        assertThat(clientsMss(Pair.SIX_TO_FOUR, 9000, 1440)).as("never raised").isEqualTo(1440);
        assertThat(clientsMss(Pair.SIX_TO_FOUR, 1500, 536)).as("never raised").isEqualTo(536);
        assertThat(clientsMss(Pair.SIX_TO_SIX, 1280, 1440)).isEqualTo(1440);
        assertThat(clientsMss(Pair.FOUR_TO_FOUR, 1280, 1460)).isEqualTo(1460);
    }

    private static int clientsMss(final Pair pair, final int clientMtu, final int mss) {
        try (PathHarness path = PathHarness.of(pair.tcp())) {
            path.fib().mtu(pair.client.host() + (pair.client.isIpv4() ? "/32" : "/128"), clientMtu);
            return mssOf(path.send(Packets.tcp(pair.client, pair.virtual).syn().options(mss(mss))).out());
        }
    }

    private static Decoded synAck(final PathHarness path, final Pair pair, final byte[]... options) {
        final TcpConversation tcp = TcpConversation.syn(path, pair.client, pair.virtual);
        return path.send(tcp.fromServer().flags(SYN | ACK).options(options)).out();
    }

    private static int mssOf(final Decoded segment) {
        return ByteBuffer.wrap(segment.option(2)).getShort() & 0xffff;
    }
}
