package io.sluice.dataplane.pipeline;

import static io.sluice.dataplane.pipeline.Options.NOP;
import static io.sluice.dataplane.pipeline.Options.any;
import static io.sluice.dataplane.pipeline.Options.padded;
import static io.sluice.dataplane.pipeline.Options.sack;
import static io.sluice.dataplane.pipeline.Options.timestamps;
import static io.sluice.dataplane.pipeline.Options.ttm;
import static io.sluice.dataplane.pipeline.TestNet.CLIENT4;
import static io.sluice.dataplane.pipeline.TestNet.CLIENT6;
import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.dataplane.counter.SystemCounter;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Room for the TTM option: 40 bytes of options, and the MTU. Where there is too little, NOP padding goes first, then SACK
 * blocks; then the segment goes on without the option, and that is counted.
 */
class TtmRoomTest {
    private static final byte[] TWELVE = padded(NOP, NOP, timestamps(1, 2));

    private record RoomCase(String description, Pair pair, byte[] options, byte[] expected, boolean pruned) {
        RoomCase(final String description, final Pair pair, final byte[] options, final byte[] expected) {
            this(description, pair, options, expected, false);
        }
    }

    private static RoomCase pruned(final String description, final Pair pair, final byte[] options, final byte[] expected) {
        return new RoomCase(description, pair, options, expected, true);
    }

    @TestFactory
    Stream<DynamicTest> shouldMakeRoomWithin40Bytes() {
        final Pair four = Pair.FOUR_TO_FOUR;
        final Pair six = Pair.SIX_TO_FOUR;
        final byte[] sack1 = sack(1, 2);
        final byte[] sack2 = sack(1, 2, 3, 4);
        final byte[] sack3 = sack(1, 2, 3, 4, 5, 6);
        final byte[] unknown30 = any(77, new int[28]);
        return Stream.of(
            new RoomCase("8 and 32 bytes: just fits", four, padded(TWELVE, NOP, NOP, sack2),
                padded(ttm(CLIENT4), TWELVE, NOP, NOP, sack2)),
            pruned("8 and 40 bytes: padding goes, three SACK blocks and timestamps do not fit either", four,
                padded(TWELVE, NOP, NOP, sack3), padded(ttm(CLIENT4), timestamps(1, 2))),
            pruned("8 and 36 bytes of four SACK blocks", four, padded(NOP, NOP, sack(1, 2, 3, 4, 5, 6, 7, 8)), ttm(CLIENT4)),
            pruned("8 and 40 bytes, eight of them padding", four,
                padded(NOP, NOP, NOP, NOP, NOP, NOP, NOP, NOP, unknown30, NOP, NOP), padded(ttm(CLIENT4), unknown30)),
            new RoomCase("20 and 20 bytes: just fits", six, padded(NOP, NOP, sack2), padded(ttm(CLIENT6), NOP, NOP, sack2)),
            pruned("20 and 24 bytes: padding goes, one SACK block stays", six, padded(TWELVE, NOP, NOP, sack1),
                padded(ttm(CLIENT6), timestamps(1, 2), sack1)),
            pruned("20 and 32 bytes: SACK goes, timestamps stay", six, padded(TWELVE, NOP, NOP, sack2),
                padded(ttm(CLIENT6), timestamps(1, 2))),
            new RoomCase("no room whatever goes: without the option", six, padded(unknown30, NOP, NOP), padded(unknown30, NOP, NOP)),
            new RoomCase("no room whatever goes: then SACK stays too", six, padded(any(77, new int[20]), NOP, NOP, sack1),
                padded(any(77, new int[20]), NOP, NOP, sack1)),
            new RoomCase("behind a malformed option there is only padding", six,
                padded(Options.bytes(99, 0, 1, 2), new byte[20]), padded(ttm(CLIENT6))))
            .map(row -> DynamicTest.dynamicTest(row.description, () -> check(row)));
    }

    private static void check(final RoomCase row) {
        try (PathHarness path = PathHarness.of(row.pair.tcp())) {
            final TcpConversation tcp = TcpConversation.synAck(path, row.pair.client, row.pair.virtual);
            final Decoded out = path.send(tcp.fromClient().options(row.options).payload("data")).out();
            assertThat(out.rawOptions).startsWith(row.expected);
            assertThat(out.rawOptions.length % 4).isZero();
            assertThat(out.text()).isEqualTo("data");
            final boolean inserted = out.ttm() != null;
            assertThat(path.count(SystemCounter.TTM_INSERTED)).isEqualTo(inserted ? 1 : 0);
            assertThat(path.count(SystemCounter.TTM_NO_ROOM)).isEqualTo(inserted ? 0 : 1);
            if (row.pruned) {
                assertThat(path.count(SystemCounter.TTM_OPTIONS_PRUNED)).isEqualTo(1);
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void shouldFillTheMtuToTheLastByte(final Pair pair) {
        final int fits = 1500 - pair.serverHeader() - 20 - pair.optionLength();
        assertThat(send(pair, 1500, fits).ttm()).isEqualTo(pair.client);
        if (!pair.isBetweenFamilies()) {
            // 6to4 never gets here: its IPv4 header is 20 bytes shorter than what the client's link took.
            assertThat(send(pair, 1500, fits + 1).ttm()).isNull();
        }
    }

    @ParameterizedTest
    @EnumSource
    void shouldGoOnWithoutTheOptionWhenTheMtuHasNoRoom(final Pair pair) {
        try (PathHarness path = PathHarness.of(pair.tcp())) {
            path.fib().mtu(pair.server.host() + (pair.server.isIpv4() ? "/32" : "/128"), 1300);
            final TcpConversation tcp = TcpConversation.synAck(path, pair.client, pair.virtual);
            final int full = 1300 - pair.serverHeader() - 20;
            final Decoded out = path.send(tcp.fromClient().payload(Packets.pattern(full))).out();
            assertThat(out.ttm()).isNull();
            assertThat(out.ipLength).isEqualTo(1300);
            assertThat(path.count(SystemCounter.TTM_NO_ROOM)).isEqualTo(1);
        }
    }

    @Test
    void shouldDropPaddingAndSackForTheMtuToo() {
        final Pair pair = Pair.FOUR_TO_FOUR;
        try (PathHarness path = PathHarness.of(pair.tcp())) {
            final TcpConversation tcp = TcpConversation.synAck(path, pair.client, pair.virtual);
            final byte[] payload = Packets.pattern(1500 - 20 - 20 - 12);
            final Decoded out = path.send(tcp.fromClient().options(NOP, NOP, sack(1, 2)).payload(payload)).out();
            assertThat(out.rawOptions).isEqualTo(ttm(CLIENT4));
            assertThat(out.ipLength).isEqualTo(1496);
            assertThat(out.payload).isEqualTo(payload);
            assertThat(path.count(SystemCounter.TTM_OPTIONS_PRUNED)).isEqualTo(1);
        }
    }

    @ParameterizedTest
    @EnumSource
    void shouldMeasureASuperFrameByItsSegments(final Pair pair) {
        final int fits = 1500 - pair.serverHeader() - 20 - pair.optionLength();
        try (PathHarness path = PathHarness.of(pair.tcp())) {
            final TcpConversation tcp = TcpConversation.synAck(path, pair.client, pair.virtual);
            assertThat(path.send(tcp.fromClient().payload(Packets.pattern(5 * fits)).gso(fits)).out().ttm()).isEqualTo(pair.client);
            assertThat(path.send(tcp.fromClient().payload(Packets.pattern(5 * fits)).gso(fits + 1)).out().ttm()).isNull();
            assertThat(path.count(SystemCounter.TTM_NO_ROOM)).isEqualTo(1);
        }
    }

    @Test
    void shouldNotMakeASuperFrameLargerThan64KiB() {
        final Pair pair = Pair.FOUR_TO_FOUR;
        try (PathHarness path = PathHarness.of(pair.tcp())) {
            final TcpConversation tcp = TcpConversation.synAck(path, pair.client, pair.virtual);
            final int most = 65_535 - 40;
            assertThat(path.send(tcp.fromClient().payload(Packets.pattern(most - 8)).gso(1400)).out().ttm()).isEqualTo(CLIENT4);
            assertThat(path.send(tcp.fromClient().payload(Packets.pattern(most - 7)).gso(1400)).out().ttm()).isNull();
            assertThat(path.send(tcp.fromClient().payload(Packets.pattern(most)).gso(1400)).out().payload).hasSize(most);
        }
    }

    private static Decoded send(final Pair pair, final int mtu, final int payload) {
        try (PathHarness path = PathHarness.of(pair.tcp())) {
            path.fib().mtu(pair.server.host() + (pair.server.isIpv4() ? "/32" : "/128"), mtu);
            final TcpConversation tcp = TcpConversation.synAck(path, pair.client, pair.virtual);
            return path.send(tcp.fromClient().payload(Packets.pattern(payload))).out();
        }
    }
}
