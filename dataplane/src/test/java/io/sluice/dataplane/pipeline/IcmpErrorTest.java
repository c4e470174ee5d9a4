package io.sluice.dataplane.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.dataplane.counter.SystemCounter;
import io.sluice.dataplane.neighbour.Fib;
import io.sluice.dataplane.verdict.DropReason;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * ICMP errors about a packet that we translated go to whoever sent the original, and quote it as its sender knows it.
 *
 * <pre>
 *   router behind us --> lip: "lip -> rip ..."    becomes    vip --> cip: "cip -> vip ..."
 *   router before us --> vip: "vip -> cip ..."    becomes    lip --> rip: "rip -> lip ..."
 * </pre>
 */
class IcmpErrorTest {
    private static final Endpoint ROUTER4 = Endpoint.of("192.0.2.254:0");
    private static final Endpoint ROUTER6 = Endpoint.of("[2001:db8:ffff::1]:0");

    /** What a router sends that got this frame from us. */
    private static IcmpPacket error(final TestFrame about, final int type, final int code) {
        final Decoded packet = Decoded.of(about);
        return Packets.icmp(packet.ipv4 ? ROUTER4 : ROUTER6, packet.source(), type, code)
            .data(Arrays.copyOfRange(about.bytes(), 14, about.bytes().length));
    }

    private static int unreachable(final Endpoint family) {
        return family.isIpv4() ? 3 : 1;
    }

    private static int portCode(final Endpoint family) {
        return family.isIpv4() ? 3 : 4;
    }

    @ParameterizedTest
    @EnumSource
    void shouldTellTheClientAboutItsSegment(final Pair pair) {
        try (PathHarness path = PathHarness.of(pair.tcp().withoutTtm())) {
            final TcpConversation tcp = TcpConversation.open(path, pair.client, pair.virtual);
            final TcpPacket original = tcp.fromClient().payload("request");
            final TestFrame sent = path.send(original).frame();
            final PathResult result = path.send(error(sent, unreachable(pair.server), portCode(pair.server)).fromBack());
            assertTold(result, pair.virtual, pair.client, Decoded.of(original.build()));
            assertThat(result.frame().port()).isEqualTo(TestNet.FRONT);
            assertThat(path.count(SystemCounter.ICMP_TRANSLATED)).isEqualTo(1);
        }
    }

    @ParameterizedTest
    @EnumSource
    void shouldTellTheServerAboutItsSegment(final Pair pair) {
        try (PathHarness path = PathHarness.of(pair.tcp())) {
            final TcpConversation tcp = TcpConversation.open(path, pair.client, pair.virtual);
            final TcpPacket original = tcp.fromServer().payload("answer");
            final TestFrame sent = path.send(original).frame();
            final PathResult result = path.send(error(sent, unreachable(pair.client), portCode(pair.client)));
            assertTold(result, pair.local, pair.server, Decoded.of(original.build()));
            assertThat(result.frame().port()).isEqualTo(TestNet.BACK);
        }
    }

    @OneLane
    @ParameterizedTest
    @EnumSource
    void shouldTellBothSidesAboutDatagrams(final Pair pair) {
        try (PathHarness path = PathHarness.of(pair.udp())) {
            final UdpPacket request = Packets.udp(pair.client, pair.virtual).payload("request");
            final TestFrame sent = path.send(request).frame();
            assertTold(path.send(error(sent, unreachable(pair.server), portCode(pair.server)).fromBack()), pair.virtual,
                pair.client, Decoded.of(request.build()));
            final UdpPacket answer = Packets.udp(pair.server, pair.local).fromBack().payload("answer");
            final TestFrame answered = path.send(answer).frame();
            assertTold(path.send(error(answered, unreachable(pair.client), portCode(pair.client))), pair.local, pair.server,
                Decoded.of(answer.build()));
        }
    }

    private static void assertTold(final PathResult result, final Endpoint from, final Endpoint to, final Decoded original) {
        final Decoded told = result.out();
        assertThat(told.sourceAddress).isEqualTo(from.address());
        assertThat(told.destinationAddress).isEqualTo(to.address());
        assertThat(told.icmpType).isEqualTo(unreachable(to));
        assertThat(told.icmpCode).isEqualTo(portCode(to));
        final Decoded quoted = told.quoted();
        assertThat(quoted.source()).isEqualTo(original.source());
        assertThat(quoted.destination()).isEqualTo(original.destination());
        assertThat(quoted.sequence).isEqualTo(original.sequence);
        assertThat(quoted.acknowledgment).isEqualTo(original.acknowledgment);
        assertThat(quoted.flags).isEqualTo(original.flags);
        assertThat(quoted.payload).isEqualTo(original.payload);
        assertThat(quoted.checksum).as("the original's checksum comes out again").isEqualTo(original.checksum);
        assertThat(quoted.ipLength).isEqualTo(original.ipLength);
        assertThat(quoted.ttl).isEqualTo(63);
        assertThat(quoted.isSound()).isTrue();
    }

    @ParameterizedTest
    @EnumSource
    void shouldTranslateQuotesThatAreCutOffBehindThePorts(final Pair pair) {
        try (PathHarness path = PathHarness.of(pair.tcp())) {
            final TcpConversation tcp = TcpConversation.open(path, pair.client, pair.virtual);
            final TestFrame sent = tcp.clientSends("a request of some length").frame();
            for (int transport = 8; transport <= 20; transport++) {
                final byte[] quote = Arrays.copyOfRange(sent.bytes(), 14, 14 + pair.serverHeader() + transport);
                final Decoded told = path.send(error(sent, unreachable(pair.server), 0).data(quote).fromBack()).out();
                final Decoded quoted = told.quoted();
                assertThat(quoted.source()).isEqualTo(pair.client);
                assertThat(quoted.destination()).isEqualTo(pair.virtual);
                assertThat(quoted.sequence).isEqualTo(TcpConversation.CLIENT_ISN + 1);
                assertThat(told.ipLength).isEqualTo(2 * pair.clientHeader() + 8 + transport);
            }
        }
    }

    @Test
    void shouldLeaveQuotesWithoutSequenceNumberToTheKernel() {
        try (PathHarness path = PathHarness.of(Pair.FOUR_TO_FOUR.tcp())) {
            final TcpConversation tcp = TcpConversation.open(path, Pair.FOUR_TO_FOUR.client, Pair.FOUR_TO_FOUR.virtual);
            final TestFrame sent = tcp.clientSends("x").frame();
            for (int length = 0; length < 28; length++) {
                final byte[] quote = Arrays.copyOfRange(sent.bytes(), 14, 14 + length);
                assertThat(path.send(error(sent, 3, 3).data(quote).fromBack()).isPassed()).isTrue();
            }
        }
    }

    @TestFactory
    Stream<DynamicTest> shouldTranslateTypeAndCodeBetweenFamilies() {
        // {type, code} of what comes and of what leaves; no second pair where RFC 7915 has nothing to say it with.
        final int[][] toIpv6 = {{3, 0, 1, 0}, {3, 1, 1, 0}, {3, 3, 1, 4}, {3, 5, 1, 0}, {3, 6, 1, 0}, {3, 7, 1, 0}, {3, 8, 1, 0},
            {3, 9, 1, 1}, {3, 10, 1, 1}, {3, 11, 1, 0}, {3, 12, 1, 0}, {3, 13, 1, 1}, {3, 14}, {3, 15, 1, 1}, {3, 16},
            {11, 0, 3, 0}, {11, 1, 3, 1}};
        final int[][] toIpv4 = {{1, 0, 3, 1}, {1, 1, 3, 10}, {1, 2, 3, 1}, {1, 3, 3, 1}, {1, 4, 3, 3}, {1, 5}, {3, 0, 11, 0},
            {3, 1, 11, 1}, {4, 0}, {4, 2}, {100, 0}};
        return Stream.concat(
            Arrays.stream(toIpv6).map(row -> DynamicTest.dynamicTest("to IPv6 " + Arrays.toString(row), () -> between(row, true))),
            Arrays.stream(toIpv4).map(row -> DynamicTest.dynamicTest("to IPv4 " + Arrays.toString(row), () -> between(row, false))));
    }

    private static void between(final int[] row, final boolean toClient) {
        final Pair pair = Pair.SIX_TO_FOUR;
        try (PathHarness path = PathHarness.of(pair.tcp())) {
            final TcpConversation tcp = TcpConversation.open(path, pair.client, pair.virtual);
            final TestFrame sent = toClient ? tcp.clientSends("x").frame() : tcp.serverSends("x").frame();
            final PathResult result = path.send(error(sent, row[0], row[1]));
            if (row.length == 2) {
                assertThat(result.reason()).isEqualTo(DropReason.ICMP_NOT_TRANSLATABLE);
            } else {
                assertThat(result.out().icmpType).isEqualTo(row[2]);
                assertThat(result.out().icmpCode).isEqualTo(row[3]);
            }
        }
    }

    private record MtuCase(Pair pair, boolean toClient, int told, int passedOn) {
    }

    @TestFactory
    Stream<DynamicTest> shouldAdjustThePathMtu() {
        return Stream.of(
            new MtuCase(Pair.FOUR_TO_FOUR, true, 1400, 1400 - 8),
            new MtuCase(Pair.SIX_TO_SIX, true, 1400, 1400 - 20),
            new MtuCase(Pair.SIX_TO_FOUR, true, 1400, 1400 - 20 + 20),
            new MtuCase(Pair.FOUR_TO_FOUR, false, 1400, 1400),
            new MtuCase(Pair.SIX_TO_SIX, false, 1400, 1400),
            new MtuCase(Pair.SIX_TO_FOUR, false, 1400, 1400 - 20),
            new MtuCase(Pair.SIX_TO_SIX, true, 1280, 1280),
            new MtuCase(Pair.SIX_TO_FOUR, true, 576, 1280),
            new MtuCase(Pair.FOUR_TO_FOUR, true, 68, 68),
            new MtuCase(Pair.FOUR_TO_FOUR, true, 0, 0),
            new MtuCase(Pair.SIX_TO_FOUR, true, 0, 1280),
            new MtuCase(Pair.SIX_TO_FOUR, false, 70_000, 65_515))
            .map(row -> DynamicTest.dynamicTest(row.toString(), () -> {
                try (PathHarness path = PathHarness.of(row.pair.tcp())) {
                    final TcpConversation tcp = TcpConversation.open(path, row.pair.client, row.pair.virtual);
                    final TestFrame sent = row.toClient ? tcp.clientSends("x").frame() : tcp.serverSends("x").frame();
                    final boolean ipv4 = Decoded.of(sent).ipv4;
                    final Decoded told = path.send(error(sent, ipv4 ? 3 : 2, ipv4 ? 4 : 0).rest(row.told)).out();
                    assertThat(told.icmpType).isEqualTo(told.ipv4 ? 3 : 2);
                    assertThat(told.icmpCode).isEqualTo(told.ipv4 ? 4 : 0);
                    assertThat(told.icmpRest).isEqualTo(row.passedOn);
                }
            }));
    }

    @Test
    void shouldInsertNoTtmOptionWhereAnIpv6ClientCannotMakeRoomForIt() {
        // An IPv6 sender never goes below 1280 bytes: told so, it would repeat the same segment for ever.
        final Pair pair = Pair.SIX_TO_SIX;
        try (PathHarness path = PathHarness.of(pair.tcp())) {
            final TcpConversation tcp = TcpConversation.open(path, pair.client, pair.virtual);
            final TestFrame sent = path.send(tcp.fromClient().payload(Packets.pattern(1280 - 60))).frame();
            assertThat(Decoded.of(sent).ttm()).isEqualTo(pair.client);
            assertThat(path.send(error(sent, 2, 0).rest(1299)).out().icmpRest).isEqualTo(1280);
            final Decoded again = path.send(tcp.fromClient().payload(Packets.pattern(1280 - 60))).out();
            assertThat(again.ttm()).isNull();
            assertThat(again.ipLength).isEqualTo(1280);
            assertThat(path.count(SystemCounter.TTM_NO_ROOM)).isEqualTo(1);
        }
    }

    private record RoomCase(String description, int offset, boolean believed) {
    }

    @OneLane
    @TestFactory
    Stream<DynamicTest> shouldLeaveTheTtmOptionOutOnlyForASegmentInFlight() {
        // RFC 5927, 4.1. Whoever gets the error looks as well, so that it goes on in any case.
        final Pair pair = Pair.SIX_TO_SIX;
        final int flight = 100;
        return Stream.of(
            new RoomCase("the first one in flight", 0, true),
            new RoomCase("one in the middle", flight / 2, true),
            new RoomCase("the next one", flight, true),
            new RoomCase("acknowledged", -1, false),
            new RoomCase("not sent yet", flight + 1, false),
            new RoomCase("guessed", 0x3333_3333, false),
            new RoomCase("guessed, behind", -0x3333_3333, false))
            .map(row -> DynamicTest.dynamicTest(row.description, () -> {
                try (PathHarness path = PathHarness.of(pair.tcp())) {
                    final TcpConversation tcp = TcpConversation.open(path, pair.client, pair.virtual);
                    tcp.clientSends("acknowledged");
                    tcp.serverAcks();
                    tcp.clientSends("x".repeat(flight));
                    final TestFrame about = Packets.tcp(pair.local, pair.server)
                        .sequence(tcp.clientNext() - flight + tcp.delta() + row.offset).payload(Packets.pattern(1300)).build();
                    final Decoded told = path.send(error(about, 2, 0).rest(1299).fromBack()).out();
                    assertThat(told.icmpRest).isEqualTo(1280);
                    assertThat(told.quoted().sequence).isEqualTo(tcp.clientNext() - flight + row.offset);
                    assertThat(tcp.clientSends("y").out().ttm()).isEqualTo(row.believed ? null : pair.client);
                }
            }));
    }

    @ParameterizedTest
    @EnumSource
    void shouldNotGiveABrokenErrorARightChecksum(final Pair pair) {
        try (PathHarness path = PathHarness.of(pair.tcp())) {
            final TcpConversation tcp = TcpConversation.open(path, pair.client, pair.virtual);
            final TestFrame sent = tcp.clientSends("x").frame();
            assertThat(path.send(error(sent, unreachable(pair.server), 0).wrongChecksum()).reason())
                .isEqualTo(DropReason.MALFORMED_ICMP);
        }
    }

    @Test
    void shouldCutLongQuotesToWhatAnErrorMayHold() {
        try (PathHarness path = PathHarness.of(Configuration.of(Pair.FOUR_TO_FOUR.udp(), Pair.SIX_TO_FOUR.udp()))) {
            final UdpPacket request = Packets.udp(Pair.FOUR_TO_FOUR.client, Pair.FOUR_TO_FOUR.virtual).payload(new byte[1400]);
            assertThat(path.send(error(path.send(request).frame(), 3, 1)).out().ipLength).isEqualTo(576);
            final UdpPacket request6 = Packets.udp(Pair.SIX_TO_FOUR.client, Pair.SIX_TO_FOUR.virtual).payload(new byte[1400]);
            assertThat(path.send(error(path.send(request6).frame(), 3, 1)).out().ipLength).isEqualTo(1280);
        }
    }

    @Test
    void shouldDropErrorsAboutConnectionsThatAreGone() {
        try (PathHarness path = PathHarness.of(Pair.FOUR_TO_FOUR.tcp())) {
            final Pair pair = Pair.FOUR_TO_FOUR;
            final TestFrame toServer = Packets.tcp(pair.local, pair.server).build();
            final TestFrame toClient = Packets.tcp(pair.virtual, pair.client).build();
            assertThat(path.send(error(toServer, 3, 1)).reason()).isEqualTo(DropReason.ICMP_UNRELATED);
            assertThat(path.send(error(toClient, 3, 1)).reason()).isEqualTo(DropReason.ICMP_UNRELATED);
        }
    }

    @Test
    void shouldLeaveErrorsAboutTheKernelsOwnPacketsToTheKernel() {
        try (PathHarness path = PathHarness.of(Pair.FOUR_TO_FOUR.tcp())) {
            final Pair pair = Pair.FOUR_TO_FOUR;
            final TestFrame check = Packets.tcp(pair.local.port(40_000), pair.server).build();
            final TestFrame ssh = Packets.tcp(pair.virtual.port(22), pair.client).build();
            final TestFrame ping = Packets.ping(pair.local, pair.server).build();
            for (final TestFrame kernels : new TestFrame[] {check, ssh, ping}) {
                assertThat(path.send(error(kernels, 3, 1)).isPassed()).isTrue();
            }
        }
    }

    @Test
    void shouldSayWhyAnErrorCannotGoOn() {
        final Pair pair = Pair.FOUR_TO_FOUR;
        try (PathHarness path = PathHarness.of(pair.tcp())) {
            final TcpConversation tcp = TcpConversation.open(path, pair.client, pair.virtual);
            final TestFrame sent = tcp.clientSends("x").frame();
            path.fib().unreachable("198.51.100.7/32", Fib.NO_NEIGHBOUR);
            assertThat(path.send(error(sent, 3, 1)).reason()).isEqualTo(DropReason.NO_NEIGHBOUR);
            assertThat(path.fib().wanted()).containsExactly("198.51.100.7");
            path.fib().unreachable("198.51.100.7/32", Fib.NO_ROUTE);
            assertThat(path.send(error(sent, 3, 1)).reason()).isEqualTo(DropReason.NO_ROUTE);
        }
    }
}
