package io.sluice.dataplane.pipeline;

import static io.sluice.dataplane.pipeline.PacketCase.packet;
import static io.sluice.dataplane.pipeline.TestNet.CLIENT4;
import static io.sluice.dataplane.pipeline.TestNet.CLIENT6;
import static io.sluice.dataplane.pipeline.TestNet.LOCAL4;
import static io.sluice.dataplane.pipeline.TestNet.SERVER4;
import static io.sluice.dataplane.pipeline.TestNet.VIP4;
import static io.sluice.dataplane.pipeline.TestNet.VIP6;
import static io.sluice.dataplane.pipeline.TcpPacket.ACK;
import static io.sluice.dataplane.pipeline.TcpPacket.FIN;
import static io.sluice.dataplane.pipeline.TcpPacket.RST;
import static io.sluice.dataplane.pipeline.TcpPacket.SYN;
import static io.sluice.dataplane.verdict.DropReason.FRAGMENT_TOO_SHORT;
import static io.sluice.dataplane.verdict.DropReason.MALFORMED_ICMP;
import static io.sluice.dataplane.verdict.DropReason.MALFORMED_IP;
import static io.sluice.dataplane.verdict.DropReason.MALFORMED_TCP;
import static io.sluice.dataplane.verdict.DropReason.MALFORMED_UDP;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Broken packets: dropped with a reason when they are for us, left to the kernel when they are not. */
class MalformedTest {
    private static final Endpoint ELSEWHERE = Endpoint.of("192.0.2.9:80");

    private static TestFrame edited(final PacketBuilder<?> packet, final Consumer<byte[]> edit) {
        final TestFrame frame = packet.build();
        edit.accept(frame.bytes());
        return frame;
    }

    private static TestFrame cut(final PacketBuilder<?> packet, final int length) {
        final TestFrame frame = packet.build();
        return frame.with(Arrays.copyOf(frame.bytes(), length));
    }

    /** Gives the IPv4 header a new checksum. */
    private static void sum(final byte[] frame) {
        frame[24] = 0;
        frame[25] = 0;
        final int sum = Sums.complement(Sums.sum(frame, 14, 14 + (frame[14] & 0xf) * 4));
        frame[24] = (byte) (sum >> 8);
        frame[25] = (byte) sum;
    }

    @TestFactory
    Stream<DynamicTest> shouldDropBrokenIpv4Headers() {
        return Stream.of(
            packet("wrong header checksum", Packets.tcp(CLIENT4, VIP4).syn().wrongIpChecksum()).drops(MALFORMED_IP),
            packet("header length of 16 bytes", edited(Packets.tcp(CLIENT4, VIP4).syn(), frame -> {
                frame[14] = 0x44;
                sum(frame);
            })).drops(MALFORMED_IP),
            packet("version 5", edited(Packets.tcp(CLIENT4, VIP4).syn(), frame -> {
                frame[14] = 0x55;
                sum(frame);
            })).drops(MALFORMED_IP),
            packet("total length beyond the frame", cut(Packets.tcp(CLIENT4, VIP4).syn(), 53)).drops(MALFORMED_IP),
            packet("total length less than the header", edited(Packets.tcp(CLIENT4, VIP4).syn(), frame -> {
                frame[16] = 0;
                frame[17] = 19;
                sum(frame);
            })).drops(MALFORMED_IP),
            packet("options beyond the frame", edited(Packets.raw(CLIENT4, VIP4, 6, new byte[0]), frame -> {
                frame[14] = 0x4f;
                frame[17] = 60;
            })).drops(MALFORMED_IP),
            packet("to somebody else", Packets.tcp(CLIENT4, ELSEWHERE).syn().wrongIpChecksum()).passes());
    }

    @TestFactory
    Stream<DynamicTest> shouldDropBrokenIpv6Headers() {
        return Stream.of(
            packet("payload length beyond the frame", cut(Packets.tcp(CLIENT6, VIP6).syn(), 73)).drops(MALFORMED_IP),
            packet("version 4", edited(Packets.tcp(CLIENT6, VIP6).syn(), frame -> frame[14] = 0x40)).drops(MALFORMED_IP),
            packet("an extension header beyond the packet", edited(Packets.udp(CLIENT6, VIP6).destinationOptions(),
                frame -> frame[55] = 100)).drops(MALFORMED_IP),
            packet("an extension header and nothing behind it", edited(Packets.raw(CLIENT6, VIP6, 0, Packets.pattern(7)),
                frame -> frame[20] = 60)).drops(MALFORMED_IP),
            packet("nine extension headers", tooManyExtensions()).drops(MALFORMED_IP),
            packet("a frame that ends in the IPv6 header", cut(Packets.tcp(CLIENT6, VIP6).syn(), 53)).passes(),
            packet("to somebody else", cut(Packets.tcp(CLIENT6, Endpoint.of("[2001:db8:e::1]:80")).syn(), 73)).passes());
    }

    private static UdpPacket tooManyExtensions() {
        final UdpPacket packet = Packets.udp(CLIENT6, VIP6);
        for (int i = 0; i < 9; i++) {
            packet.destinationOptions();
        }
        return packet;
    }

    @TestFactory
    Stream<DynamicTest> shouldNotTakeMappedAddressesInIpv6ForIpv4() {
        // On the wire ::ffff:a.b.c.d may not occur (RFC 6890, 2.2.3): taken for IPv4 it would forge a client.
        final byte[] mapped = Options.bytes(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 192, 0, 2, 1);
        final byte[] virtual = Options.bytes(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 203, 0, 113, 10);
        return Stream.of(
            packet("an IPv6 SYN from a mapped address", edited(Packets.tcp(CLIENT6, VIP6).syn(),
                frame -> System.arraycopy(mapped, 0, frame, 22, 16))).drops(MALFORMED_IP),
            packet("an IPv6 datagram from a mapped address", edited(Packets.udp(CLIENT6, VIP6),
                frame -> System.arraycopy(mapped, 0, frame, 22, 16))).drops(MALFORMED_IP),
            packet("an IPv6 ping from a mapped address", edited(Packets.ping(CLIENT6, VIP6),
                frame -> System.arraycopy(mapped, 0, frame, 22, 16))).drops(MALFORMED_IP),
            packet("an IPv6 SYN to the IPv4 virtual address, mapped", edited(Packets.tcp(CLIENT6, VIP6).syn(),
                frame -> System.arraycopy(virtual, 0, frame, 38, 16))).drops(MALFORMED_IP));
    }

    @TestFactory
    Stream<DynamicTest> shouldDropBrokenTcpHeaders() {
        return Stream.of(
            packet("19 bytes of header", Packets.raw(CLIENT4, VIP4, 6, Arrays.copyOf(segment(), 19))).drops(MALFORMED_TCP),
            packet("no byte of header", Packets.raw(CLIENT4, VIP4, 6, new byte[0])).drops(MALFORMED_TCP),
            packet("a header length of 16", Packets.tcp(CLIENT4, VIP4).syn().claimedHeaderLength(16)).drops(MALFORMED_TCP),
            packet("a header length beyond the packet", Packets.tcp(CLIENT4, VIP4).syn().claimedHeaderLength(24)).drops(MALFORMED_TCP),
            packet("SYN and FIN", Packets.tcp(CLIENT4, VIP4).flags(SYN | FIN)).drops(MALFORMED_TCP),
            packet("SYN and RST", Packets.tcp(CLIENT6, VIP6).flags(SYN | RST)).drops(MALFORMED_TCP),
            packet("no flag", Packets.tcp(CLIENT4, VIP4).flags(0)).drops(MALFORMED_TCP),
            packet("only URG and PSH", Packets.tcp(CLIENT4, VIP4).flags(0x28)).drops(MALFORMED_TCP),
            packet("all flags", Packets.tcp(CLIENT4, VIP4).flags(0xff)).drops(MALFORMED_TCP),
            packet("from a server", Packets.tcp(SERVER4, LOCAL4).flags(SYN | FIN | ACK).fromBack()).drops(MALFORMED_TCP),
            packet("to somebody else", Packets.tcp(CLIENT4, ELSEWHERE).flags(0)).passes());
    }

    private static byte[] segment() {
        return Packets.tcp(CLIENT4, VIP4).syn().transport();
    }

    @TestFactory
    Stream<DynamicTest> shouldDropBrokenUdpHeaders() {
        return Stream.of(
            packet("7 bytes of header", Packets.raw(CLIENT4, VIP4, 17, Packets.pattern(7))).drops(MALFORMED_UDP),
            packet("a length of 7", Packets.udp(CLIENT4, VIP4).claimedLength(7)).drops(MALFORMED_UDP),
            packet("a length beyond the packet", Packets.udp(CLIENT6, VIP6).payload("abc").claimedLength(12)).drops(MALFORMED_UDP),
            packet("a length less than the packet's: what is behind are UDP options (RFC 9868)",
                Packets.udp(CLIENT4, VIP4).payload("abcdef").claimedLength(10)).leaves(out -> {
                    assertThat(out.datagramLength).isEqualTo(10);
                    assertThat(out.text()).isEqualTo("abcdef");
                }),
            packet("to somebody else", Packets.udp(CLIENT4, ELSEWHERE).claimedLength(7)).passes());
    }

    @TestFactory
    Stream<DynamicTest> shouldDropBrokenIcmp() {
        return Stream.of(
            packet("7 bytes of ICMP", Packets.raw(CLIENT4, VIP4, 1, Packets.pattern(7))).drops(MALFORMED_ICMP),
            packet("7 bytes of ICMPv6", Packets.raw(CLIENT6, VIP6, 58, Packets.pattern(7))).drops(MALFORMED_ICMP),
            packet("to somebody else", Packets.raw(CLIENT4, ELSEWHERE, 1, Packets.pattern(7))).passes());
    }

    @TestFactory
    Stream<DynamicTest> shouldDropFirstFragmentsWithoutTheirTransportHeader() {
        final byte[] payload = Packets.pattern(64);
        return Stream.of(
            packet("8 bytes of TCP over IPv4", Packets.tcp(CLIENT4, VIP4).syn().payload(payload).fragments(8).getFirst())
                .drops(FRAGMENT_TOO_SHORT),
            packet("16 bytes of TCP over IPv6", Packets.tcp(CLIENT6, VIP6).syn().payload(payload).fragments(16).getFirst())
                .drops(FRAGMENT_TOO_SHORT),
            packet("TCP options cut off", Packets.tcp(CLIENT4, VIP4).syn().options(Options.mss(1460), Options.timestamps(1, 0))
                .payload(payload).fragments(24).getFirst()).drops(FRAGMENT_TOO_SHORT),
            packet("to somebody else", Packets.tcp(CLIENT4, ELSEWHERE).syn().payload(payload).fragments(8).getFirst()).passes());
    }

    @TestFactory
    Stream<DynamicTest> shouldIgnoreWhatIsBehindThePacket() {
        return Stream.of(
            packet("Ethernet padding does not become part of the segment", Packets.tcp(CLIENT4, VIP4).syn().padding(6))
                .leaves(out -> assertThat(out.payload).isEmpty()),
            packet("nor of the datagram", Packets.udp(CLIENT6, VIP6).payload("a").padding(17))
                .leaves(out -> assertThat(out.text()).isEqualTo("a")),
            packet("nor of a ping's answer", Packets.ping(CLIENT4, VIP4).data(Packets.pattern(4)).padding(14))
                .leaves(out -> assertThat(out.payload).hasSize(4)));
    }
}
