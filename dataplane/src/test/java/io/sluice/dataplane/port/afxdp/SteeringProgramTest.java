package io.sluice.dataplane.port.afxdp;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.dataplane.api.Protocol;
import io.sluice.dataplane.neighbour.OwnedTraffic;
import io.sluice.dataplane.neighbour.OwnedTraffic.Listener;
import io.sluice.dataplane.neighbour.OwnedTraffic.LocalRange;
import io.sluice.dataplane.neighbour.RawPacket;
import io.sluice.dataplane.os.Bpf;
import io.sluice.dataplane.os.XdpSocket;
import io.sluice.dataplane.os.ffm.FfmXdpSocket;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What the program would do with frames, as the kernel runs it. */
@Tag("netns")
class SteeringProgramTest {
    private static final String CLIENT_MAC = "02:00:00:00:01:02";
    private static final String NODE_MAC = "02:00:00:00:01:01";

    private OwnedTraffic owned;
    private SteeringProgram steering;
    private XdpSocket socket;

    @BeforeEach
    void load() {
        owned = OwnedTraffic.load(List.of());
        steering = SteeringProgram.load("lo", owned.maps());
        socket = FfmXdpSocket.open();
        steering.socket(0, socket.fileDescriptor());
        steering.hardwareAddress(HexFormat.ofDelimiter(":").parseHex(NODE_MAC));
        owned.update(
            List.of(new Listener(address("10.1.0.80"), Protocol.TCP, 80), new Listener(address("fd01::80"), Protocol.UDP, 53)),
            List.of(new LocalRange(address("10.1.0.90"), 5000, 5999), new LocalRange(address("fd01::90"), 5000, 5999)));
    }

    @AfterEach
    void unload() {
        socket.close();
        steering.close();
        owned.close();
    }

    @Test
    void shouldTakeWhatTheIngressFilterTakes() {
        assertThat(verdict("10.1.0.80", RawPacket.TCP, packet("10.1.0.80").syn(80))).isEqualTo(Bpf.XDP_REDIRECT);
        assertThat(verdict("10.1.0.80", RawPacket.ICMP, packet("10.1.0.80").ping())).isEqualTo(Bpf.XDP_REDIRECT);
        assertThat(verdict("fd01::80", RawPacket.UDP, packet("fd01::80").datagram(53, 10))).isEqualTo(Bpf.XDP_REDIRECT);
        assertThat(verdict("fd01::80", RawPacket.ICMPV6, packet("fd01::80").ping())).isEqualTo(Bpf.XDP_REDIRECT);
        for (final String local : List.of("10.1.0.90", "fd01::90")) {
            for (final int port : new int[] {5000, 5500, 5999}) {
                assertThat(verdict(local, RawPacket.TCP, packet(local).syn(port))).as(local + " " + port).isEqualTo(Bpf.XDP_REDIRECT);
                assertThat(verdict(local, RawPacket.UDP, packet(local).datagram(port, 1))).isEqualTo(Bpf.XDP_REDIRECT);
            }
        }
    }

    @Test
    void shouldLeaveEverythingElseToTheKernel() {
        assertThat(verdict("10.1.0.80", RawPacket.TCP, packet("10.1.0.80").syn(81))).isEqualTo(Bpf.XDP_PASS);
        assertThat(verdict("10.1.0.80", RawPacket.UDP, packet("10.1.0.80").datagram(80, 1))).isEqualTo(Bpf.XDP_PASS);
        assertThat(verdict("10.1.0.80", 47, new byte[20])).as("GRE").isEqualTo(Bpf.XDP_PASS);
        assertThat(verdict("10.1.0.1", RawPacket.TCP, packet("10.1.0.1").syn(80))).as("the host's own address").isEqualTo(Bpf.XDP_PASS);
        for (final String local : List.of("10.1.0.90", "fd01::90")) {
            final int ping = local.contains(":") ? RawPacket.ICMPV6 : RawPacket.ICMP;
            assertThat(verdict(local, ping, packet(local).ping())).as("ping of a local address").isEqualTo(Bpf.XDP_PASS);
            assertThat(verdict(local, RawPacket.TCP, packet(local).syn(4999))).isEqualTo(Bpf.XDP_PASS);
            assertThat(verdict(local, RawPacket.TCP, packet(local).syn(6000))).isEqualTo(Bpf.XDP_PASS);
        }
        assertThat(steering.verdict(new byte[64])).as("no IP").isEqualTo(Bpf.XDP_PASS);
    }

    @Test
    void shouldLeaveOtherHostsFramesAndVlansToTheKernel() {
        final String ours = packet("10.1.0.80").frame(RawPacket.TCP, packet("10.1.0.80").syn(80));
        assertThat(verdict(ours)).isEqualTo(Bpf.XDP_REDIRECT);
        assertThat(verdict("020000000199" + ours.substring(12))).as("another host's").isEqualTo(Bpf.XDP_PASS);
        assertThat(verdict("ffffffffffff" + ours.substring(12))).as("broadcast").isEqualTo(Bpf.XDP_REDIRECT);
        assertThat(verdict(ours.substring(0, 24) + "81000005" + ours.substring(24))).as("tagged").isEqualTo(Bpf.XDP_PASS);
    }

    @Test
    void shouldSeeThroughOptionsAndExtensionHeaders() {
        final RawPacket packet = packet("10.1.0.80");
        final byte[] options = {1, 1, 1, 1, 1, 1, 1, 0};
        assertThat(verdict(packet.frame(RawPacket.TCP, packet.syn(80), options, 0))).isEqualTo(Bpf.XDP_REDIRECT);
        assertThat(verdict(packet.frame(RawPacket.TCP, packet.syn(81), options, 0))).isEqualTo(Bpf.XDP_PASS);
        final RawPacket packet6 = packet("fd01::80");
        final byte[] headers = {RawPacket.DESTINATION, 0, 1, 4, 0, 0, 0, 0, RawPacket.UDP, 0, 1, 4, 0, 0, 0, 0};
        assertThat(verdict(packet6.frame(0, packet6.datagram(53, 1), headers, RawPacket.HOP_BY_HOP))).isEqualTo(Bpf.XDP_REDIRECT);
        assertThat(verdict(packet6.frame(0, packet6.datagram(54, 1), headers, RawPacket.HOP_BY_HOP))).isEqualTo(Bpf.XDP_PASS);
    }

    @Test
    void shouldTakeLaterFragmentsAfterAFirstOneThatWasOurs() {
        final RawPacket packet = packet("10.1.0.90");
        final byte[] ours = packet.datagram(5000, 100);
        final byte[] foreign = packet.datagram(9, 100);
        assertThat(verdict(packet.ipv4Fragment(1, RawPacket.UDP, ours, 64, 108))).as("before the first").isEqualTo(Bpf.XDP_PASS);
        assertThat(verdict(packet.ipv4Fragment(1, RawPacket.UDP, ours, 0, 64))).as("first").isEqualTo(Bpf.XDP_REDIRECT);
        assertThat(verdict(packet.ipv4Fragment(1, RawPacket.UDP, ours, 64, 108))).as("later").isEqualTo(Bpf.XDP_REDIRECT);
        assertThat(verdict(packet.ipv4Fragment(2, RawPacket.UDP, ours, 64, 108))).as("of another").isEqualTo(Bpf.XDP_PASS);
        assertThat(verdict(packet.ipv4Fragment(1, RawPacket.UDP, foreign, 0, 64))).as("number used again").isEqualTo(Bpf.XDP_PASS);
        assertThat(verdict(packet.ipv4Fragment(1, RawPacket.UDP, foreign, 64, 108))).as("the kernel's").isEqualTo(Bpf.XDP_PASS);

        final RawPacket packet6 = packet("fd01::90");
        final byte[] first = {RawPacket.UDP, 0, 0, 1, 0, 0, 0, 7};
        final byte[] later = {RawPacket.UDP, 0, 0, 64, 0, 0, 0, 7};
        assertThat(verdict(packet6.frame(0, new byte[44], later, RawPacket.FRAGMENT))).isEqualTo(Bpf.XDP_PASS);
        assertThat(verdict(packet6.frame(0, packet6.datagram(5000, 56), first, RawPacket.FRAGMENT))).isEqualTo(Bpf.XDP_REDIRECT);
        assertThat(verdict(packet6.frame(0, new byte[44], later, RawPacket.FRAGMENT))).isEqualTo(Bpf.XDP_REDIRECT);
    }

    @Test
    void shouldTakeIcmpErrorsOnlyAboutPacketsOfOurs() {
        for (final String local : List.of("10.1.0.90", "fd01::90")) {
            final int icmp = local.contains(":") ? RawPacket.ICMPV6 : RawPacket.ICMP;
            final RawPacket error = packet(local);
            final RawPacket sent = new RawPacket(NODE_MAC, local, CLIENT_MAC, local.contains(":") ? "fd01::2" : "10.1.0.2");
            assertThat(verdict(local, icmp, error.unreachable(sent.frame(RawPacket.UDP, from(5000, sent.datagram(7, 20))))))
                .as(local + ", our port").isEqualTo(Bpf.XDP_REDIRECT);
            assertThat(verdict(local, icmp, error.unreachable(sent.frame(RawPacket.TCP, from(5999, sent.syn(7))))))
                .as(local + ", our port").isEqualTo(Bpf.XDP_REDIRECT);
            assertThat(verdict(local, icmp, error.unreachable(sent.frame(RawPacket.UDP, from(9, sent.datagram(7, 20))))))
                .as(local + ", the kernel's port").isEqualTo(Bpf.XDP_PASS);
            assertThat(verdict(local, icmp, error.unreachable(sent.frame(icmp, sent.ping())))).as(local + ", ping").isEqualTo(Bpf.XDP_PASS);
        }
        final RawPacket sent = new RawPacket(NODE_MAC, "10.1.0.80", CLIENT_MAC, "10.1.0.2");
        assertThat(verdict("10.1.0.80", RawPacket.ICMP, packet("10.1.0.80").unreachable(sent.frame(RawPacket.TCP, from(80, sent.syn(7))))))
            .as("a listener's answer").isEqualTo(Bpf.XDP_REDIRECT);
        assertThat(verdict("10.1.0.80", RawPacket.ICMP, packet("10.1.0.80").unreachable(sent.frame(RawPacket.UDP,
            from(80, sent.datagram(7, 1)))))).as("no listener's").isEqualTo(Bpf.XDP_PASS);
        final RawPacket others = new RawPacket(NODE_MAC, "10.1.0.1", CLIENT_MAC, "10.1.0.2");
        assertThat(verdict("10.1.0.80", RawPacket.ICMP, packet("10.1.0.80").unreachable(others.frame(RawPacket.TCP,
            from(80, others.syn(7)))))).as("about another address").isEqualTo(Bpf.XDP_PASS);
    }

    @Test
    void shouldLeaveAllToTheKernelWithoutASocket() {
        socket.close();
        assertThat(verdict("10.1.0.80", RawPacket.TCP, packet("10.1.0.80").syn(80))).isEqualTo(Bpf.XDP_PASS);
    }

    @Test
    void shouldNeverReadPastAFrame() {
        final RawPacket error = packet("10.1.0.90");
        final RawPacket sent = new RawPacket(NODE_MAC, "10.1.0.90", CLIENT_MAC, "10.1.0.2");
        for (final String whole : List.of(packet("fd01::90").frame(RawPacket.TCP, packet("fd01::90").syn(5000)),
            error.frame(RawPacket.ICMP, error.unreachable(sent.frame(RawPacket.UDP, from(5000, sent.datagram(7, 20))))))) {
            for (int length = 14; length < whole.length() / 2; length++) {
                assertThat(verdict(whole.substring(0, 2 * length))).isIn(Bpf.XDP_PASS, Bpf.XDP_REDIRECT);
            }
            assertThat(verdict(whole)).isEqualTo(Bpf.XDP_REDIRECT);
        }
    }

    /** A transport header with another source port. */
    private static byte[] from(final int port, final byte[] transport) {
        transport[0] = (byte) (port >> 8);
        transport[1] = (byte) port;
        return transport;
    }

    private int verdict(final String frame) {
        return steering.verdict(HexFormat.of().parseHex(frame));
    }

    private int verdict(final String destination, final int protocol, final byte[] payload) {
        return verdict(packet(destination).frame(protocol, payload));
    }

    private static RawPacket packet(final String destination) {
        return new RawPacket(CLIENT_MAC, destination.contains(":") ? "fd01::2" : "10.1.0.2", NODE_MAC, destination);
    }

    private static InetAddress address(final String text) {
        try {
            return InetAddress.getByName(text);
        } catch (final UnknownHostException e) {
            throw new IllegalArgumentException(e);
        }
    }
}
