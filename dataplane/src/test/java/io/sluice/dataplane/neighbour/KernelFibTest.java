package io.sluice.dataplane.neighbour;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.management.ThreadMXBean;
import io.sluice.dataplane.lab.NetworkNamespace;
import io.sluice.dataplane.wire.Address;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The real kernel: a node with two interfaces and a host behind each.
 *
 * <pre>
 *   host1 10.1.0.2 -- eth0 10.1.0.1 [node] eth1 10.2.0.1 -- host2 10.2.0.2
 *         fd01::2            fd01::1        fd02::1               fd02::2
 * </pre>
 */
@Tag("netns")
class KernelFibTest {
    private static final String HOST1_MAC = "02:00:00:00:01:02";
    private static final String HOST2_MAC = "02:00:00:00:02:02";
    private static final List<PortInterface> PORTS = List.of(new PortInterface(0, "eth0"), new PortInterface(1, "eth1"));
    private final AtomicInteger changes = new AtomicInteger();
    private NetworkNamespace node;
    private NetworkNamespace host1;
    private NetworkNamespace host2;
    private KernelFib fib;

    @BeforeEach
    void connect() {
        node = NetworkNamespace.create("node");
        host1 = NetworkNamespace.create("h1");
        host2 = NetworkNamespace.create("h2");
        link(host1, "eth0", 1, HOST1_MAC);
        link(host2, "eth1", 2, HOST2_MAC);
        fib = node.call(() -> KernelFib.open(PORTS, changes::incrementAndGet));
    }

    @AfterEach
    void disconnect() {
        fib.close();
        node.close();
        host1.close();
        host2.close();
    }

    @Test
    void shouldLearnOnLinkNeighboursWhenWanted() {
        assertThat(resolve("10.1.0.2")).isEqualTo(Fib.NO_NEIGHBOUR);
        assertThat(resolve("fd02::2")).isEqualTo(Fib.NO_NEIGHBOUR);
        want("10.1.0.2");
        want("fd02::2");
        await().until(() -> resolve("10.1.0.2") >= 0 && resolve("fd02::2") >= 0);
        final Fib now = fib.current();
        final int first = resolve(now, "10.1.0.2", 0);
        assertThat(now.port(first)).isZero();
        assertThat(now.destinationMac(first)).isEqualTo(mac(HOST1_MAC));
        assertThat(now.sourceMac(first)).isEqualTo(mac("02:00:00:00:01:01"));
        assertThat(now.mtu(first)).isEqualTo(1500);
        final int second = resolve(now, "fd02::2", 0);
        assertThat(now.port(second)).isEqualTo(1);
        assertThat(now.destinationMac(second)).isEqualTo(mac(HOST2_MAC));
        assertThat(fib.describe(address("10.1.0.2"))).startsWith("directly dev eth0, neighbour " + HOST1_MAC).endsWith("mtu 1500");
        assertThat(changes).hasPositiveValue();
    }

    @Test
    void shouldKnowWhereNothingMayGo() {
        NetworkNamespace.connect(node, "other", host2, "other");
        node.exec("ip", "addr", "add", "10.9.0.1/24", "dev", "other");
        node.exec("ip", "route", "add", "blackhole", "10.50.0.0/16");
        node.exec("ip", "route", "add", "unreachable", "10.51.0.0/16");
        node.exec("ip", "-6", "route", "add", "prohibit", "fd51::/16");
        await().until(() -> fib.describe(address("fd51::1")).contains("prohibit"));
        for (final String destination : List.of("192.0.2.1", "2001:db8::1", "10.9.0.2", "10.50.1.1", "10.51.1.1", "fd51::1",
            "10.1.0.1", "fd01::1", "10.1.0.255", "127.0.0.1", "ff02::1")) {
            assertThat(resolve(destination)).as(destination).isEqualTo(Fib.NO_ROUTE);
        }
        assertThat(fib.describe(address("192.0.2.1"))).isEqualTo("no route");
        assertThat(fib.describe(address("10.9.0.2"))).contains("dev other").contains("no port of Sluice");
        assertThat(fib.describe(address("10.1.0.1"))).contains("an address of this host");
    }

    @Test
    void shouldFollowRoutesWithGatewaysMetricsAndMtu() {
        node.exec("ip", "route", "add", "default", "via", "10.1.0.2");
        node.exec("ip", "route", "add", "198.51.100.0/24", "via", "10.2.0.2", "mtu", "1300");
        node.exec("ip", "route", "add", "198.51.100.0/24", "via", "10.1.0.2", "metric", "50");
        node.exec("ip", "-6", "route", "add", "default", "via", "fd02::2", "mtu", "1280");
        node.exec("ip", "route", "add", "203.0.113.0/24", "via", "inet6", "fd02::2");
        fib.watch(List.of(address("8.8.8.8"), address("198.51.100.7"), address("2001:db8::7"), address("203.0.113.1")));
        await().until(() -> resolve("8.8.8.8") >= 0 && resolve("198.51.100.7") >= 0 && resolve("2001:db8::7") >= 0);
        assertThat(leavesBy("8.8.8.8")).isEqualTo("0 " + HOST1_MAC + " 1500");
        assertThat(leavesBy("198.51.100.7")).isEqualTo("1 " + HOST2_MAC + " 1300");
        assertThat(leavesBy("2001:db8::7")).isEqualTo("1 " + HOST2_MAC + " 1280");
        assertThat(leavesBy("203.0.113.1")).isEqualTo("1 " + HOST2_MAC + " 1500");
        node.exec("ip", "route", "del", "198.51.100.0/24", "via", "10.2.0.2");
        await().untilAsserted(() -> assertThat(leavesBy("198.51.100.7")).isEqualTo("0 " + HOST1_MAC + " 1500"));
        node.exec("ip", "route", "del", "198.51.100.0/24");
        node.exec("ip", "route", "del", "default");
        await().until(() -> resolve("8.8.8.8") == Fib.NO_ROUTE && resolve("198.51.100.7") == Fib.NO_ROUTE);
    }

    @Test
    void shouldSpreadFlowsOverEqualRoutesAndAvoidDeadOnes() {
        node.exec("ip", "route", "add", "198.51.100.0/24", "nexthop", "via", "10.1.0.2", "weight", "3", "nexthop", "via", "10.2.0.2");
        // Nobody asks: shared gateways are kept resolved by themselves.
        await().until(() -> portsOf("198.51.100.1").equals(Set.of(0, 1)));
        int first = 0;
        for (int hash = 0; hash < 10_000; hash++) {
            first += fib.current().port(resolve(fib.current(), "198.51.100.1", hash)) == 0 ? 1 : 0;
        }
        assertThat(first).isBetween(7_000, 8_000);
        host2.exec("ip", "link", "set", "eth1", "down");
        await().until(() -> portsOf("198.51.100.1").equals(Set.of(0)));
    }

    @Test
    void shouldForgetNeighboursThatFailAndFollowTheirMac() {
        want("10.1.0.2");
        await().until(() -> resolve("10.1.0.2") >= 0);
        host1.exec("ip", "link", "set", "eth0", "address", "02:00:00:00:01:77");
        host1.exec("ping", "-c1", "-W1", "10.1.0.1");
        await().untilAsserted(() -> assertThat(leavesBy("10.1.0.2")).isEqualTo("0 02:00:00:00:01:77 1500"));
        want("10.1.0.99");
        await().atMost(Duration.ofSeconds(20)).until(() -> fib.describe(address("10.1.0.99")).contains("FAILED"));
        assertThat(resolve("10.1.0.99")).isEqualTo(Fib.NO_NEIGHBOUR);
        host1.exec("ip", "addr", "add", "10.1.0.99/24", "dev", "eth0");
        want("10.1.0.99");
        await().until(() -> resolve("10.1.0.99") >= 0);
        node.exec("ip", "neigh", "replace", "10.1.0.98", "lladdr", HOST2_MAC, "dev", "eth0", "nud", "permanent");
        await().until(() -> resolve("10.1.0.98") >= 0);
    }

    @Test
    void shouldFollowLinksDownUpDeletedAndMadeAgain() {
        want("10.1.0.2");
        await().until(() -> resolve("10.1.0.2") >= 0);
        host1.exec("ip", "link", "set", "eth0", "down");
        await().until(() -> resolve("10.1.0.2") == Fib.PORT_DOWN);
        host1.exec("ip", "link", "set", "eth0", "up");
        await().until(() -> resolve("10.1.0.2") != Fib.PORT_DOWN);
        node.exec("ip", "link", "set", "eth0", "down");
        await().until(() -> resolve("10.1.0.2") == Fib.NO_ROUTE);
        node.exec("ip", "link", "del", "eth0");
        link(host1, "eth0", 1, "02:00:00:00:01:33");
        await().until(() -> {
            want("10.1.0.2");
            return resolve("10.1.0.2") >= 0;
        });
        assertThat(leavesBy("10.1.0.2")).isEqualTo("0 02:00:00:00:01:33 1500");
        node.exec("ip", "link", "set", "eth0", "mtu", "1400");
        await().untilAsserted(() -> assertThat(leavesBy("10.1.0.2")).isEqualTo("0 02:00:00:00:01:33 1400"));
    }

    @Test
    void shouldHaveStaleNeighboursCheckedWhileTheyAreInUse() {
        want("10.1.0.2");
        await().until(() -> resolve("10.1.0.2") >= 0);
        node.exec("ip", "neigh", "change", "10.1.0.2", "lladdr", HOST1_MAC, "dev", "eth0", "nud", "stale");
        await().until(() -> fib.describe(address("10.1.0.2")).contains("STALE"));
        // By way of DELAY and PROBE, five seconds of the kernel's.
        await().atMost(Duration.ofSeconds(30)).until(() -> {
            resolve("10.1.0.2");
            return fib.describe(address("10.1.0.2")).contains("REACHABLE");
        });
    }

    @Test
    void shouldTakeTenThousandRoutesAndLostNotifications(@TempDir final Path directory) throws IOException {
        fib.close();
        fib = node.call(() -> KernelFib.open(PORTS, changes::incrementAndGet, 4_096));
        node.exec("ip", "neigh", "replace", "10.2.0.2", "lladdr", HOST2_MAC, "dev", "eth1", "nud", "permanent");
        final StringBuilder batch = new StringBuilder();
        for (int i = 0; i < 10_000; i++) {
            batch.append("route add 172.").append(16 + i / 2560).append('.').append(i / 10 % 256).append('.').append(i % 10 * 16)
                .append("/28 via 10.2.0.2\n");
        }
        final Path file = Files.writeString(directory.resolve("batch"), batch);
        node.exec("ip", "-batch", file.toString());
        await().until(() -> resolve("172.19.231.145") >= 0 && resolve("172.16.0.1") >= 0);
        assertThat(resolve("172.16.0.200")).isEqualTo(Fib.NO_ROUTE);
        assertThat(fib.overruns()).isPositive();
        node.exec("ip", "route", "flush", "root", "172.16.0.0/12");
        await().until(() -> resolve("172.19.231.145") == Fib.NO_ROUTE && resolve("172.16.0.1") == Fib.NO_ROUTE);
    }

    @Test
    void shouldTakeWantsWithoutAllocatingAlsoAfterClose() {
        final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        final long high = Address.high(address("10.1.0.2"));
        final long low = Address.low(address("10.1.0.2"));
        // Waking the follower is rare, so it takes some rounds until that is compiled as well.
        await().until(() -> {
            final long before = threads.getCurrentThreadAllocatedBytes();
            wantMany(high, low);
            return threads.getCurrentThreadAllocatedBytes() == before;
        });
        await().until(() -> resolve("10.1.0.2") >= 0);
        fib.close();
        wantMany(high, low);
        assertThat(resolve("10.1.0.2")).as("the last snapshot stays").isNotNegative();
    }

    private void wantMany(final long high, final long low) {
        for (int i = 0; i < 20_000; i++) {
            fib.want(high, low);
        }
    }

    private void link(final NetworkNamespace host, final String name, final int net, final String mac) {
        NetworkNamespace.connect(node, name, host, name);
        node.exec("ip", "link", "set", name, "address", "02:00:00:00:0" + net + ":01");
        host.exec("ip", "link", "set", name, "address", mac);
        for (final String family : List.of("10." + net + ".0.%d/24", "fd0" + net + "::%d/64")) {
            address(node, name, family.formatted(1));
            address(host, name, family.formatted(2));
        }
    }

    private static void address(final NetworkNamespace namespace, final String name, final String address) {
        if (address.contains(":")) {
            namespace.exec("ip", "addr", "replace", address, "dev", name, "nodad");
        } else {
            namespace.exec("ip", "addr", "replace", address, "brd", "+", "dev", name);
        }
    }

    private void want(final String destination) {
        fib.want(Address.high(address(destination)), Address.low(address(destination)));
    }

    private int resolve(final String destination) {
        return resolve(fib.current(), destination, 0);
    }

    private static int resolve(final Fib now, final String destination, final int hash) {
        return now.resolve(Address.high(address(destination)), Address.low(address(destination)), hash);
    }

    private String leavesBy(final String destination) {
        final Fib now = fib.current();
        final int adjacency = resolve(now, destination, 0);
        return adjacency < 0 ? "reason " + adjacency
            : now.port(adjacency) + " " + macText(now.destinationMac(adjacency)) + " " + now.mtu(adjacency);
    }

    private Set<Integer> portsOf(final String destination) {
        final Fib now = fib.current();
        final Set<Integer> ports = new TreeSet<>();
        for (int hash = 0; hash < 1_000; hash++) {
            final int adjacency = resolve(now, destination, hash * 7_919);
            ports.add(adjacency < 0 ? adjacency : now.port(adjacency));
        }
        return ports;
    }

    private static InetAddress address(final String text) {
        try {
            return InetAddress.getByName(text);
        } catch (final UnknownHostException e) {
            throw new IllegalArgumentException(e);
        }
    }

    private static long mac(final String text) {
        return Long.parseLong(text.replace(":", ""), 16);
    }

    private static String macText(final long mac) {
        return "%012x".formatted(mac).replaceAll("..(?!$)", "$0:");
    }
}
