package io.sluice.dataplane.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.dataplane.counter.SystemCounter;
import io.sluice.dataplane.verdict.DropReason;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** UDP clients: a PROXY protocol v2 header before the payload of the first datagram, where the listener says so. */
class ProxyProtocolTest {
    private static final byte[] SIGNATURE = {0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a};

    private static UdpPacket datagram(final Pair pair, final String text) {
        return Packets.udp(pair.client, pair.virtual).payload(text);
    }

    /** The header as the specification has it, section 2.2: who sent the datagram, and where to. */
    private static byte[] header(final Pair pair) {
        final byte[] client = pair.client.address().getAddress();
        final byte[] virtual = pair.virtual.address().getAddress();
        final int rest = client.length + virtual.length + 4;
        return ByteBuffer.allocate(16 + rest).put(SIGNATURE).put((byte) 0x21).put((byte) (client.length == 4 ? 0x12 : 0x22))
            .putShort((short) rest).put(client).put(virtual).putShort((short) pair.client.port()).putShort((short) pair.virtual.port())
            .array();
    }

    @OneLane
    @ParameterizedTest
    @EnumSource
    void shouldPrefixTheFirstDatagramOnly(final Pair pair) {
        try (PathHarness path = PathHarness.of(pair.udp().proxyProtocol())) {
            final Decoded first = path.send(datagram(pair, "query")).out();
            assertThat(first.payload).isEqualTo(concat(header(pair), "query"));
            assertThat(first.datagramLength).isEqualTo(8 + first.payload.length);
            assertThat(path.send(datagram(pair, "second")).out().text()).isEqualTo("second");
            assertThat(path.send(Packets.udp(pair.server, pair.local).payload("answer").fromBack()).out().text()).isEqualTo("answer");
            assertThat(path.count(SystemCounter.PROXY_HEADERS_SENT)).isEqualTo(1);
        }
    }

    @ParameterizedTest
    @EnumSource
    void shouldPrefixDatagramsWithPartialChecksums(final Pair pair) {
        try (PathHarness path = PathHarness.of(pair.udp().proxyProtocol())) {
            assertThat(path.send(datagram(pair, "query").partialChecksum()).out().payload).isEqualTo(concat(header(pair), "query"));
        }
    }

    @ParameterizedTest
    @EnumSource
    void shouldPrefixEmptyDatagrams(final Pair pair) {
        try (PathHarness path = PathHarness.of(pair.udp().proxyProtocol())) {
            assertThat(path.send(datagram(pair, "")).out().payload).isEqualTo(header(pair));
        }
    }

    @Test
    void shouldPrefixADatagramWithoutChecksum() {
        final Pair pair = Pair.FOUR_TO_FOUR;
        try (PathHarness path = PathHarness.of(pair.udp().proxyProtocol())) {
            final Decoded first = path.send(datagram(pair, "query").noChecksum()).out();
            assertThat(first.payload).isEqualTo(concat(header(pair), "query"));
            assertThat(first.checksum).isZero();
        }
    }

    @ParameterizedTest
    @EnumSource
    void shouldPrefixTheFirstDatagramOfEveryConnection(final Pair pair) {
        try (PathHarness path = PathHarness.of(pair.udp().proxyProtocol())) {
            path.send(datagram(pair, "query")).out();
            path.advanceSeconds(120);
            assertThat(path.connections()).isZero();
            assertThat(path.send(datagram(pair, "query")).out().payload).isEqualTo(concat(header(pair), "query"));
        }
    }

    @Test
    void shouldGoOnWithoutWhereTheMtuHasNoRoom() {
        final Pair pair = Pair.FOUR_TO_FOUR;
        try (PathHarness path = PathHarness.of(pair.udp().proxyProtocol())) {
            final byte[] most = Packets.pattern(1500 - 28 - 28);
            assertThat(path.send(Packets.udp(pair.client, pair.virtual).payload(most)).out().ipLength).isEqualTo(1500);
            final byte[] tooMuch = Packets.pattern(1500 - 28 - 27);
            assertThat(path.send(Packets.udp(pair.client.port(2), pair.virtual).payload(tooMuch)).out().payload).isEqualTo(tooMuch);
            assertThat(path.count(SystemCounter.PROXY_NO_ROOM)).isEqualTo(1);
        }
    }

    @Test
    void shouldPrefixTheFirstDatagramThatReallyLeaves() {
        final Pair pair = Pair.FOUR_TO_FOUR;
        try (PathHarness path = PathHarness.of(pair.udp().proxyProtocol())) {
            path.fib().mtu("10.2.0.0/16", 1300);
            assertThat(path.send(Packets.udp(pair.client, pair.virtual).payload(Packets.pattern(1400))).reason())
                .isEqualTo(DropReason.TOO_BIG);
            assertThat(path.send(datagram(pair, "smaller")).out().payload).isEqualTo(concat(header(pair), "smaller"));
        }
    }

    @Test
    void shouldGoOnWithoutInFragmentsAndSuperFrames() {
        final Pair pair = Pair.FOUR_TO_FOUR;
        try (PathHarness path = PathHarness.of(pair.udp().proxyProtocol())) {
            final byte[] data = Packets.pattern(3000);
            assertThat(path.send(Packets.udp(pair.client, pair.virtual).payload(data).fragments(1400).getFirst()).isForwarded()).isTrue();
            assertThat(path.send(Packets.udp(pair.client.port(2), pair.virtual).payload(data).gso(1000)).out().payload).isEqualTo(data);
            assertThat(path.count(SystemCounter.PROXY_NO_ROOM)).isEqualTo(2);
        }
    }

    private static byte[] concat(final byte[] header, final String text) {
        final byte[] both = Arrays.copyOf(header, header.length + text.length());
        System.arraycopy(text.getBytes(StandardCharsets.US_ASCII), 0, both, header.length, text.length());
        return both;
    }
}
