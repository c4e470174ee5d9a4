package io.sluice.dataplane.pipeline;

import static io.sluice.dataplane.pipeline.TcpPacket.ACK;
import static io.sluice.dataplane.pipeline.TcpPacket.PSH;
import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.dataplane.port.Burst;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Checksums as hardware leaves them to us: complete, partial (only the pseudo-header), of super-frames, and none. Whether the
 * result is right is checked by {@link Decoded} for every frame that leaves; here are the descriptions and the odd cases.
 */
    @OneLane
class OffloadTest {
    @ParameterizedTest
    @EnumSource
    void shouldKeepPartialChecksumsPartial(final Pair pair) {
        try (PathHarness path = PathHarness.of(Configuration.of(pair.tcp().withoutTtm(), pair.udp()))) {
            final TcpConversation tcp = TcpConversation.open(path, pair.client, pair.virtual);
            assertPartial(path.send(tcp.fromClient().payload("hello").partialChecksum()), pair.serverHeader(), 16);
            assertPartial(path.send(tcp.fromServer().payload("hello").partialChecksum()), pair.clientHeader(), 16);
            assertPartial(path.send(Packets.udp(pair.client, pair.virtual).payload("hello").partialChecksum()), pair.serverHeader(), 6);
            assertPartial(path.send(Packets.udp(pair.server, pair.local).fromBack().payload("hello").partialChecksum()),
                pair.clientHeader(), 6);
        }
    }

    private static void assertPartial(final PathResult result, final int ipHeader, final int field) {
        result.out();
        assertThat(result.frame().isPartial()).isTrue();
        assertThat(result.frame().checksumStart()).isEqualTo(14 + ipHeader);
        assertThat(result.frame().checksumOffset()).isEqualTo(field);
    }

    @ParameterizedTest
    @EnumSource
    void shouldTranslateSuperFramesOfBothDirections(final Pair pair) {
        try (PathHarness path = PathHarness.of(pair.tcp())) {
            final TcpConversation tcp = TcpConversation.open(path, pair.client, pair.virtual);
            tcp.serverSends("greeting").out();
            final byte[] data = Packets.pattern(30_001);
            final PathResult in = path.send(tcp.fromClient().flags(ACK | PSH).payload(data).gso(1380));
            assertThat(in.out().payload).isEqualTo(data);
            assertThat(in.frame().gsoType()).isEqualTo(pair.server.isIpv4() ? Burst.GSO_TCPV4 : Burst.GSO_TCPV6);
            assertThat(in.frame().gsoSize()).isEqualTo(1380);
            final PathResult out = path.send(tcp.fromServer().flags(ACK | PSH).payload(data).gso(1380));
            assertThat(out.out().payload).isEqualTo(data);
            assertThat(out.frame().gsoType()).isEqualTo(pair.client.isIpv4() ? Burst.GSO_TCPV4 : Burst.GSO_TCPV6);
            assertThat(out.frame().gsoSize()).isEqualTo(1380);
        }
    }

    @Test
    void shouldKeepTheEcnMarkOfASuperFrameBetweenFamilies() {
        final Pair pair = Pair.SIX_TO_FOUR;
        try (PathHarness path = PathHarness.of(pair.tcp())) {
            final TcpConversation tcp = TcpConversation.open(path, pair.client, pair.virtual);
            final TestFrame plain = tcp.fromClient().payload(Packets.pattern(5000)).gso(1300).build();
            final TestFrame marked = new TestFrame(plain.bytes(), plain.port(), (byte) (Burst.GSO_TCPV6 | Burst.GSO_ECN),
                plain.gsoSize(), plain.checksumStart(), plain.checksumOffset(), false, false);
            assertThat(path.send(marked).frame().gsoType()).isEqualTo((byte) (Burst.GSO_TCPV4 | Burst.GSO_ECN));
        }
    }

    @ParameterizedTest
    @EnumSource
    void shouldTranslateUdpSuperFrames(final Pair pair) {
        try (PathHarness path = PathHarness.of(pair.udp())) {
            final byte[] data = Packets.pattern(9000);
            final PathResult result = path.send(Packets.udp(pair.client, pair.virtual).payload(data).gso(1200));
            assertThat(result.out().payload).isEqualTo(data);
            assertThat(result.frame().gsoType()).isEqualTo(Burst.GSO_UDP);
            assertThat(result.frame().gsoSize()).isEqualTo(1200);
        }
    }

    @OneLane
    @Test
    void shouldKeepANotComputedUdpChecksumTowardsIpv4() {
        final Pair pair = Pair.FOUR_TO_FOUR;
        try (PathHarness path = PathHarness.of(pair.udp())) {
            assertThat(path.send(Packets.udp(pair.client, pair.virtual).payload("a").noChecksum()).out().checksum).isZero();
            assertThat(path.send(Packets.udp(pair.server, pair.local).payload("b").noChecksum().fromBack()).out().checksum).isZero();
        }
    }

    @Test
    void shouldComputeANotComputedUdpChecksumTowardsIpv6() {
        final Pair pair = Pair.SIX_TO_FOUR;
        try (PathHarness path = PathHarness.of(pair.udp())) {
            path.send(Packets.udp(pair.client, pair.virtual)).out();
            final UdpPacket answer = Packets.udp(pair.server, pair.local).noChecksum().fromBack();
            assertThat(path.send(answer.payload("odd")).out().checksum).isNotZero();
            assertThat(path.send(answer.payload("even")).out().checksum).isNotZero();
            assertThat(path.send(answer.payload("options behind").claimedLength(8 + 7)).out().checksum).isNotZero();
        }
    }

    @ParameterizedTest
    @EnumSource
    void shouldNeverSendAComputedUdpChecksumAsZero(final Pair pair) {
        // One in 65,536 datagrams has the sum ffff; sent as zero it would say that there is none.
        try (PathHarness path = PathHarness.of(pair.udp())) {
            int seen = 0;
            for (int word = 0; word <= 0xffff; word++) {
                final byte[] payload = {(byte) (word >> 8), (byte) word};
                final PathResult result = path.send(Packets.udp(pair.client, pair.virtual).payload(payload));
                final int checksum = Decoded.of(result.frame()).checksum;
                assertThat(checksum).isNotZero();
                seen += checksum == 0xffff ? 1 : 0;
            }
            assertThat(seen).as("the sum has come by").isPositive();
        }
    }

    @ParameterizedTest
    @EnumSource
    void shouldComputeRightChecksumsForRandomSegments(final Pair pair) {
        final Random random = new Random(4);
        try (PathHarness path = PathHarness.of(pair.tcp())) {
            final TcpConversation tcp = TcpConversation.open(path, pair.client, pair.virtual);
            for (int i = 0; i < 2000; i++) {
                final byte[] data = new byte[random.nextInt(200)];
                random.nextBytes(data);
                final TcpPacket segment = random.nextBoolean() ? tcp.fromClient() : tcp.fromServer();
                segment.sequence(random.nextInt()).window(random.nextInt(65_536)).payload(data);
                if (random.nextBoolean()) {
                    segment.acknowledgment(random.nextInt());
                }
                if (random.nextInt(4) == 0) {
                    segment.partialChecksum();
                }
                assertThat(path.send(segment).out().payload).isEqualTo(data);
            }
        }
    }
}
