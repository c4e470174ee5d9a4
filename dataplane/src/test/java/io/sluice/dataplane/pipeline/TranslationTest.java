package io.sluice.dataplane.pipeline;

import static io.sluice.dataplane.pipeline.PacketCase.packet;
import static io.sluice.dataplane.pipeline.PacketCase.packetOf;
import static io.sluice.dataplane.pipeline.TestNet.CLIENT4;
import static io.sluice.dataplane.pipeline.TestNet.CLIENT6;
import static io.sluice.dataplane.pipeline.TestNet.LOCAL4;
import static io.sluice.dataplane.pipeline.TestNet.LOCAL6;
import static io.sluice.dataplane.pipeline.TestNet.SERVER4;
import static io.sluice.dataplane.pipeline.TestNet.SERVER6;
import static io.sluice.dataplane.pipeline.TestNet.VIP4;
import static io.sluice.dataplane.pipeline.TestNet.VIP6;
import static io.sluice.dataplane.pipeline.TestNet.VIP64;
import static io.sluice.dataplane.pipeline.TcpPacket.ACK;
import static io.sluice.dataplane.pipeline.TcpPacket.PSH;
import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.dataplane.verdict.DropReason;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * What a packet looks like on the other side, byte by byte.
 *
 * <pre>
 *   client cip:cport -> vip:vport      becomes   lip:lport -> rip:rport    (inbound)
 *   RS     rip:rport -> lip:lport      becomes   vip:vport -> cip:cport    (outbound)
 * </pre>
 */
class TranslationTest {
    private static final Consumer<PathHarness> CLIENT4_SENT = path -> path.send(Packets.udp(CLIENT4, VIP4)).out();
    private static final Consumer<PathHarness> CLIENT6_SENT = path -> path.send(Packets.udp(CLIENT6, VIP6)).out();
    private static final Consumer<PathHarness> CLIENT6_SENT_TO_IPV4 = path -> path.send(Packets.udp(CLIENT6, VIP64)).out();

    @OneLane
    @TestFactory
    Stream<DynamicTest> shouldTranslateDatagramsOfClients() {
        return Stream.of(
            packet("4to4", Packets.udp(CLIENT4, VIP4).payload("ask").trafficClass(0xb9))
                .leavesAs(Packets.udp(LOCAL4, SERVER4).payload("ask").trafficClass(0xb9).toBack().ttl(63)),
            packet("4to4, fragments allowed: an identification of ours", Packets.udp(CLIENT4, VIP4).payload("ask").mayFragment())
                .leavesAs(Packets.udp(LOCAL4, SERVER4).payload("ask").mayFragment().anyIdentification().toBack().ttl(63)),
            packet("4to4 behind IPv4 options", Packets.udp(CLIENT4, VIP4).payload("ask").ipOptions(7, 7, 4, 0, 0, 0, 0, 0))
                .leavesAs(Packets.udp(LOCAL4, SERVER4).payload("ask").ipOptions(7, 7, 4, 0, 0, 0, 0, 0).toBack().ttl(63)),
            packet("6to6", Packets.udp(CLIENT6, VIP6).payload("ask").trafficClass(0xb9))
                .leavesAs(Packets.udp(LOCAL6, SERVER6).payload("ask").trafficClass(0xb9).toBack().ttl(63)),
            packet("6to6 behind extension headers", Packets.udp(CLIENT6, VIP6).payload("ask").hopByHop().destinationOptions())
                .leavesAs(Packets.udp(LOCAL6, SERVER6).payload("ask").hopByHop().destinationOptions().toBack().ttl(63)),
            packet("6to6 with a fragment header, whole", Packets.udp(CLIENT6, VIP6).payload("ask").atomicFragment())
                .leavesAs(Packets.udp(LOCAL6, SERVER6).payload("ask").atomicFragment().anyIdentification().toBack().ttl(63)),
            packet("6to4", Packets.udp(CLIENT6, VIP64).payload("ask").trafficClass(0xb9))
                .leavesAs(Packets.udp(LOCAL4, SERVER4).payload("ask").trafficClass(0xb9).mayFragment().anyIdentification().toBack()
                    .ttl(63)),
            packet("6to4 loses extension headers", Packets.udp(CLIENT6, VIP64).payload("ask").hopByHop().destinationOptions())
                .leavesAs(Packets.udp(LOCAL4, SERVER4).payload("ask").mayFragment().anyIdentification().toBack().ttl(63)),
            packet("6to4, larger than 1260 bytes: may not be fragmented (RFC 7915, 5.1)",
                Packets.udp(CLIENT6, VIP64).payload(Packets.pattern(1300)))
                .leavesAs(Packets.udp(LOCAL4, SERVER4).payload(Packets.pattern(1300)).anyIdentification().toBack().ttl(63)),
            packet("6to4 with stations left to visit: IPv4 has no such thing", Packets.udp(CLIENT6, VIP64).routing(1))
                .drops(DropReason.NOT_TRANSLATABLE),
            packet("6to4 with no station left", Packets.udp(CLIENT6, VIP64).routing(0))
                .leavesAs(Packets.udp(LOCAL4, SERVER4).mayFragment().anyIdentification().toBack().ttl(63)),
            packet("6to6 with stations left", Packets.udp(CLIENT6, VIP6).routing(1))
                .leavesAs(Packets.udp(LOCAL6, SERVER6).routing(1).toBack().ttl(63)));
    }

    @OneLane
    @TestFactory
    Stream<DynamicTest> shouldTranslateDatagramsOfServers() {
        return Stream.of(
            packet("4to4", Packets.udp(SERVER4, LOCAL4).payload("answer").trafficClass(0x28).fromBack()).given(CLIENT4_SENT)
                .leavesAs(Packets.udp(VIP4, CLIENT4).payload("answer").trafficClass(0x28).toFront().ttl(63)),
            packet("6to6", Packets.udp(SERVER6, LOCAL6).payload("answer").trafficClass(0x28).fromBack()).given(CLIENT6_SENT)
                .leavesAs(Packets.udp(VIP6, CLIENT6).payload("answer").trafficClass(0x28).toFront().ttl(63)),
            packet("6to4", Packets.udp(SERVER4, LOCAL4).payload("answer").trafficClass(0x28).fromBack()).given(CLIENT6_SENT_TO_IPV4)
                .leavesAs(Packets.udp(VIP64, CLIENT6).payload("answer").trafficClass(0x28).flowLabel(0).toFront().ttl(63)),
            packet("6to4 loses IPv4 options", Packets.udp(SERVER4, LOCAL4).payload("answer").ipOptions(7, 7, 4, 0, 0, 0, 0, 0)
                .fromBack()).given(CLIENT6_SENT_TO_IPV4)
                .leavesAs(Packets.udp(VIP64, CLIENT6).payload("answer").flowLabel(0).toFront().ttl(63)));
    }

    @OneLane
    @ParameterizedTest
    @EnumSource
    void shouldTranslateSegmentsOfClients(final Pair pair) {
        try (PathHarness path = PathHarness.of(pair.tcp().withoutTtm())) {
            final TcpConversation tcp = TcpConversation.open(path, pair.client, pair.virtual);
            final PathResult result = path.send(tcp.fromClient().payload("hello").urgent(3).window(1234).trafficClass(2));
            result.out();
            final TcpPacket expected = Packets.tcp(pair.local, pair.server).payload("hello").urgent(3).window(1234)
                .sequence(tcp.clientNext() + tcp.delta()).acknowledgment(tcp.serverNext()).trafficClass(2).ttl(63).toBack();
            if (pair.isBetweenFamilies()) {
                expected.anyIdentification().mayFragment();
            }
            assertThat(result.frame()).isEqualTo(expected.matching(result.frame()));
        }
    }

    @ParameterizedTest
    @EnumSource
    void shouldTranslateSegmentsOfServers(final Pair pair) {
        try (PathHarness path = PathHarness.of(pair.tcp())) {
            final TcpConversation tcp = TcpConversation.open(path, pair.client, pair.virtual);
            final PathResult result = path.send(tcp.fromServer().payload("hello").window(4321).trafficClass(3));
            result.out();
            final TcpPacket expected = Packets.tcp(pair.virtual, pair.client).payload("hello").window(4321)
                .sequence(tcp.serverNext()).acknowledgment(tcp.clientNext()).trafficClass(3).ttl(63).toFront();
            if (pair.isBetweenFamilies()) {
                expected.flowLabel(0);
            }
            assertThat(result.frame()).isEqualTo(expected.matching(result.frame()));
        }
    }

    @ParameterizedTest
    @EnumSource
    void shouldCarryEveryPayloadLengthUnchanged(final Pair pair) {
        try (PathHarness path = PathHarness.of(pair.tcp())) {
            final TcpConversation tcp = TcpConversation.open(path, pair.client, pair.virtual);
            for (int length = 0; length < 70; length++) {
                final byte[] payload = Packets.pattern(length);
                assertThat(path.send(tcp.fromClient().payload(payload)).out().payload).isEqualTo(payload);
                assertThat(path.send(tcp.fromServer().payload(payload)).out().payload).isEqualTo(payload);
            }
        }
    }

    @TestFactory
    Stream<DynamicTest> shouldDecrementTheTtl() {
        return Stream.of(
            packet("2 becomes 1", Packets.udp(CLIENT4, VIP4).ttl(2)).leaves(out -> assertThat(out.ttl).isEqualTo(1)),
            packet("255 becomes 254", Packets.udp(CLIENT6, VIP6).ttl(255)).leaves(out -> assertThat(out.ttl).isEqualTo(254)),
            packet("6to4", Packets.udp(CLIENT6, VIP64).ttl(9)).leaves(out -> assertThat(out.ttl).isEqualTo(8)),
            packet("1 has come too far", Packets.udp(CLIENT4, VIP4).ttl(1).payload("x"))
                .dropsAndAnswers(DropReason.TTL_EXPIRED, Packets.icmp(VIP4, CLIENT4, 11, 0)
                    .data(Packets.udp(CLIENT4, VIP4).ttl(1).payload("x").ipPacket()).identification(0).toFront()),
            packet("0 too", Packets.udp(CLIENT6, VIP6).ttl(0).payload("x"))
                .dropsAndAnswers(DropReason.TTL_EXPIRED, Packets.icmp(VIP6, CLIENT6, 3, 0)
                    .data(Packets.udp(CLIENT6, VIP6).ttl(0).payload("x").ipPacket()).flowLabel(0).toFront()),
            packet("6to4", Packets.tcp(CLIENT6, VIP64).syn().ttl(1))
                .dropsAndAnswers(DropReason.TTL_EXPIRED, Packets.icmp(VIP64, CLIENT6, 3, 0)
                    .data(Packets.tcp(CLIENT6, VIP64).syn().ttl(1).ipPacket()).flowLabel(0).toFront()),
            packetOf("a server's segment", path -> TcpConversation.open(path, CLIENT4, VIP4).fromServer().ttl(1))
                .dropsAndAnswers(DropReason.TTL_EXPIRED, serverTold()));
    }

    private static PacketBuilder<?> serverTold() {
        // The same conversation on another path: the clock stands still, so its numbers are the same.
        try (PathHarness path = PathHarness.of(PacketCase.everything())) {
            return Packets.icmp(LOCAL4, SERVER4, 11, 0).identification(0).toBack()
                .data(TcpConversation.open(path, CLIENT4, VIP4).fromServer().ttl(1).ipPacket());
        }
    }

    @TestFactory
    Stream<DynamicTest> shouldLeaveBrokenChecksumsBroken() {
        // Whoever receives it must be able to tell: no checksum is made anew over data that arrived damaged.
        return Stream.of(
            brokenAfter("TCP 4to4", TestNet.CLIENT4, VIP4), brokenAfter("TCP 6to6", CLIENT6, VIP6),
            brokenAfter("TCP 6to4", CLIENT6, VIP64));
    }

    private static DynamicTest brokenAfter(final String description, final Endpoint client, final Endpoint virtual) {
        return DynamicTest.dynamicTest(description, () -> {
            try (PathHarness path = PathHarness.of(PacketCase.everything())) {
                final TcpConversation tcp = TcpConversation.open(path, client, virtual);
                assertBroken(path.send(tcp.fromClient().flags(ACK | PSH).payload("damaged").wrongChecksum()));
                assertBroken(path.send(tcp.fromServer().flags(ACK | PSH).payload("damaged").wrongChecksum()));
                assertBroken(path.send(Packets.udp(client, virtual).payload("damaged").wrongChecksum()));
            }
        });
    }

    private static void assertBroken(final PathResult result) {
        assertThat(result.isForwarded()).isTrue();
        assertThat(Decoded.of(result.frame()).defects).containsExactly("transport checksum");
    }
}
