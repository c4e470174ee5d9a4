package io.sluice.dataplane.neighbour;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.dataplane.api.DataplaneException;
import io.sluice.dataplane.api.Protocol;
import io.sluice.dataplane.lab.NetworkNamespace;
import io.sluice.dataplane.neighbour.OwnedTraffic.Listener;
import io.sluice.dataplane.neighbour.OwnedTraffic.LocalRange;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * The real kernel behind a real veth: what it answers to hand-made frames, with and without the filter.
 *
 * <pre>
 *   client 10.1.0.2, fd01::2 -- eth0 10.1.0.1, fd01::1 (the host's own)
 *                                    10.1.0.80, fd01::80 (virtual)
 *                                    10.1.0.90, fd01::90 (local, ports 5000 to 5999 and 7000)
 * </pre>
 */
@Tag("netns")
class OwnedTrafficTest {
    private static final String CLIENT_MAC = "02:00:00:00:01:02";
    private static final String NODE_MAC = "02:00:00:00:01:01";
    private static final List<String> HOSTS = List.of("10.1.0.1", "fd01::1", "10.1.0.80", "fd01::80", "10.1.0.90", "fd01::90");
    private NetworkNamespace node;
    private NetworkNamespace client;
    private OwnedTraffic owned;

    @BeforeEach
    void connect() {
        node = NetworkNamespace.create("node");
        client = NetworkNamespace.create("client");
        NetworkNamespace.connect(node, "eth0", client, "eth0");
        node.exec("ip", "link", "set", "eth0", "address", NODE_MAC);
        client.exec("ip", "link", "set", "eth0", "address", CLIENT_MAC);
        for (final String host : HOSTS) {
            node.exec("ip", "addr", "add", host + (host.contains(":") ? "/64" : "/24"), "dev", "eth0", "nodad");
        }
        client.exec("ip", "addr", "add", "10.1.0.2/24", "dev", "eth0");
        client.exec("ip", "addr", "add", "fd01::2/64", "dev", "eth0", "nodad");
        for (final String peer : List.of("10.1.0.2", "fd01::2")) {
            node.exec("ip", "neigh", "replace", peer, "lladdr", CLIENT_MAC, "dev", "eth0", "nud", "permanent");
        }
        node.exec("sysctl", "-qw", "net.ipv4.icmp_ratelimit=0", "net.ipv6.icmp.ratelimit=0");
        owned = node.call(() -> OwnedTraffic.load(List.of("eth0")));
    }

    @AfterEach
    void disconnect() {
        owned.close();
        node.close();
        client.close();
    }

    @Test
    void shouldKeepTheKernelQuietAboutOwnedTrafficOnly() {
        assertThat(answers("10.1.0.80", RawPacket.TCP, packet("10.1.0.80").syn(80))).as("before").isEqualTo(1);
        assertThat(update()).isEmpty();
        for (final String vip : List.of("10.1.0.80", "fd01::80")) {
            final RawPacket packet = packet(vip);
            assertThat(answers(vip, RawPacket.TCP, packet.syn(80))).as(vip + " SYN, listener").isZero();
            assertThat(answers(vip, RawPacket.UDP, packet.datagram(53, 10))).as(vip + " UDP, listener").isZero();
            assertThat(answers(vip, echo(vip), packet.ping())).as(vip + " ping").isZero();
            assertThat(owned.dropped()).isPositive();
            assertThat(answers(vip, RawPacket.TCP, packet.syn(81))).as(vip + " SYN, no listener").isEqualTo(1);
            assertThat(answers(vip, RawPacket.TCP, packet.syn(53))).as(vip + " SYN to a UDP listener's port").isEqualTo(1);
            assertThat(answers(vip, RawPacket.UDP, packet.datagram(80, 10))).as(vip + " UDP to a TCP listener's port").isEqualTo(1);
        }
        assertThat(owned.dropped()).isEqualTo(6);
    }

    @Test
    void shouldOwnExactlyThePortRangesOfLocalAddresses() {
        update();
        for (final String local : List.of("10.1.0.90", "fd01::90")) {
            final RawPacket packet = packet(local);
            for (final int port : new int[] {5000, 5500, 5999, 7000}) {
                assertThat(answers(local, RawPacket.TCP, packet.syn(port))).as(local + " SYN " + port).isZero();
                assertThat(answers(local, RawPacket.UDP, packet.datagram(port, 1))).as(local + " UDP " + port).isZero();
            }
            for (final int port : new int[] {1, 4999, 6000, 6999, 7001, 65_535}) {
                assertThat(answers(local, RawPacket.TCP, packet.syn(port))).as(local + " SYN " + port).isEqualTo(1);
            }
            assertThat(answers(local, RawPacket.TCP, packet.syn(0))).as("port 0 is in no range").isLessThanOrEqualTo(1);
            assertThat(answers(local, echo(local), packet.ping())).as(local + " ping").isEqualTo(1);
        }
        for (final String own : List.of("10.1.0.1", "fd01::1")) {
            assertThat(answers(own, RawPacket.TCP, packet(own).syn(80))).as(own + " SYN").isEqualTo(1);
            assertThat(answers(own, echo(own), packet(own).ping())).as(own + " ping").isEqualTo(1);
        }
    }

    @Test
    void shouldSeeThroughOptionsAndExtensionHeaders() {
        update();
        final RawPacket packet = packet("10.1.0.80");
        assertThat(exchange(packet.frame(RawPacket.TCP, packet.syn(80), new byte[] {1, 1, 1, 1, 1, 1, 1, 0}, 0))).isZero();
        assertThat(exchange(packet.frame(RawPacket.TCP, packet.syn(81), new byte[] {1, 1, 1, 1, 1, 1, 1, 0}, 0))).isEqualTo(1);
        final RawPacket packet6 = packet("fd01::80");
        // Hop-by-hop, destination options and an atomic fragment header in front of TCP.
        final byte[] headers = {RawPacket.DESTINATION, 0, 1, 4, 0, 0, 0, 0, RawPacket.FRAGMENT, 0, 1, 4, 0, 0, 0, 0,
            RawPacket.TCP, 0, 0, 0, 0, 0, 0, 9};
        assertThat(exchange(packet6.frame(0, packet6.syn(80), headers, RawPacket.HOP_BY_HOP))).isZero();
        assertThat(exchange(packet6.frame(0, packet6.syn(81), headers, RawPacket.HOP_BY_HOP))).isEqualTo(1);
        final byte[] many = new byte[8 * 9];
        for (int i = 0; i < 9; i++) {
            many[8 * i] = (byte) (i == 8 ? RawPacket.TCP : RawPacket.DESTINATION);
            many[8 * i + 2] = 1;
            many[8 * i + 3] = 4;
        }
        assertThat(exchange(packet6.frame(0, packet6.syn(81), many, RawPacket.DESTINATION))).as("too many headers").isZero();
    }

    @Test
    void shouldJudgeFragmentsByTheFirst() {
        update();
        final RawPacket packet = packet("10.1.0.80");
        for (final int port : new int[] {53, 54}) {
            final byte[] datagram = packet.datagram(port, 100);
            assertThat(exchange(packet.ipv4Fragment(port, RawPacket.UDP, datagram, 0, 64))).isZero();
            assertThat(exchange(packet.ipv4Fragment(port, RawPacket.UDP, datagram, 64, 108))).as("port " + port)
                .isEqualTo(port == 53 ? 0 : 1);
        }
    }

    @Test
    void shouldLeavePacketSocketsTheirCopy() throws IOException {
        update();
        final Process socket = node.start("python3", script("count.py"), "eth0");
        try (BufferedReader lines = socket.inputReader(StandardCharsets.US_ASCII)) {
            assertThat(lines.readLine()).isEqualTo("ready");
            final String syn = packet("10.1.0.80").frame(RawPacket.TCP, packet("10.1.0.80").syn(80));
            assertThat(exchange(syn)).isZero();
            socket.getOutputStream().close();
            assertThat(lines.lines()).contains(syn);
        } finally {
            socket.destroy();
        }
    }

    @Test
    void shouldApplyChangesOfWhatIsOwned() {
        update();
        owned.update(List.of(new Listener(address("10.1.0.80"), Protocol.TCP, 81)), List.of());
        final RawPacket packet = packet("10.1.0.80");
        assertThat(answers("10.1.0.80", RawPacket.TCP, packet.syn(81))).isZero();
        assertThat(answers("10.1.0.80", RawPacket.TCP, packet.syn(80))).isEqualTo(1);
        assertThat(answers("10.1.0.90", RawPacket.TCP, packet("10.1.0.90").syn(5000))).isEqualTo(1);
        final List<LocalRange> five = new ArrayList<>();
        for (int i = 1; i <= 5; i++) {
            five.add(new LocalRange(address("10.1.0.90"), i * 1000, i * 1000));
        }
        assertThatThrownBy(() -> owned.update(List.of(), five)).isInstanceOf(DataplaneException.class).hasMessageContaining("4 at most");
    }

    @Test
    void shouldBeReplacedByTheNextProcessAndRemovedByClose() {
        update();
        owned.leave();
        assertThat(answers("10.1.0.80", RawPacket.TCP, packet("10.1.0.80").syn(80))).as("left in place").isZero();
        owned = node.call(() -> OwnedTraffic.load(List.of("eth0")));
        owned.update(List.of(new Listener(address("10.1.0.80"), Protocol.TCP, 82)), List.of());
        assertThat(answers("10.1.0.80", RawPacket.TCP, packet("10.1.0.80").syn(80))).as("replaced").isEqualTo(1);
        assertThat(answers("10.1.0.80", RawPacket.TCP, packet("10.1.0.80").syn(82))).as("replaced").isZero();
        assertThat(node.exec("tc", "filter", "show", "dev", "eth0", "ingress").lines().filter(line -> line.contains("sluice-owned")))
            .hasSize(1);
        owned.close();
        assertThat(answers("10.1.0.80", RawPacket.TCP, packet("10.1.0.80").syn(82))).as("removed").isEqualTo(1);
        assertThat(node.exec("tc", "qdisc", "show", "dev", "eth0")).doesNotContain("clsact");
    }

    @Test
    void shouldLeaveTheFiltersOfOthersAlone() {
        node.exec("tc", "qdisc", "add", "dev", "eth0", "clsact");
        update();
        owned.close();
        assertThat(node.exec("tc", "qdisc", "show", "dev", "eth0")).as("not ours").contains("clsact");
    }

    @Test
    void shouldFollowAnInterfaceThatIsMadeAgain() {
        update();
        node.exec("ip", "link", "del", "eth0");
        assertThat(owned.attachMissing()).singleElement().asString().contains("eth0 does not exist");
        NetworkNamespace.connect(node, "eth0", client, "eth0");
        assertThat(owned.attachMissing()).isEmpty();
        assertThat(node.exec("tc", "filter", "show", "dev", "eth0", "ingress")).contains("sluice-owned");
    }

    private List<String> update() {
        return owned.update(
            List.of(new Listener(address("10.1.0.80"), Protocol.TCP, 80), new Listener(address("10.1.0.80"), Protocol.UDP, 53),
                new Listener(address("fd01::80"), Protocol.TCP, 80), new Listener(address("fd01::80"), Protocol.UDP, 53)),
            List.of(new LocalRange(address("10.1.0.90"), 5000, 5999), new LocalRange(address("10.1.0.90"), 7000, 7000),
                new LocalRange(address("fd01::90"), 5000, 5999), new LocalRange(address("fd01::90"), 7000, 7000)));
    }

    private int answers(final String destination, final int protocol, final byte[] payload) {
        return exchange(packet(destination).frame(protocol, payload));
    }

    /** Frames that the node sends because of one frame; ND, ARP and the like do not count. */
    private int exchange(final String frame) {
        final RawPacket own = packet("10.1.0.1");
        final String seen = client.exec("python3", script("exchange.py"), "eth0", frame, own.frame(RawPacket.ICMP, ping(own)));
        return (int) seen.lines().filter(OwnedTrafficTest::isAnswer).count();
    }

    /** TCP, ICMP, or those ICMPv6 messages that answer something. */
    private static boolean isAnswer(final String hex) {
        if (!hex.startsWith("86dd", 24)) {
            return hex.startsWith("0800", 24);
        }
        final int icmpv6Type = Integer.parseInt(hex.substring(108, 110), 16);
        return hex.startsWith("06", 40) || hex.startsWith("3a", 40) && (icmpv6Type < 128 || icmpv6Type == 129);
    }

    /** Not the same as the ping under test. */
    private static byte[] ping(final RawPacket packet) {
        final byte[] ping = packet.ping();
        ping[7] = 2;
        ping[3] -= 1;
        return ping;
    }

    private static int echo(final String address) {
        return address.contains(":") ? RawPacket.ICMPV6 : RawPacket.ICMP;
    }

    private static RawPacket packet(final String destination) {
        return new RawPacket(CLIENT_MAC, destination.contains(":") ? "fd01::2" : "10.1.0.2", NODE_MAC, destination);
    }

    private static String script(final String name) {
        return Path.of("src/test/resources/lab", name).toAbsolutePath().toString();
    }

    private static InetAddress address(final String text) {
        try {
            return InetAddress.getByName(text);
        } catch (final UnknownHostException e) {
            throw new IllegalArgumentException(e);
        }
    }
}
