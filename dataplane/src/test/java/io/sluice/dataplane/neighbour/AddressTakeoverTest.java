package io.sluice.dataplane.neighbour;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sluice.dataplane.api.VirtualAddressSpec;
import io.sluice.dataplane.lab.NetworkNamespace;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Addresses that another host has, or had.
 *
 * <pre>
 *   [node] eth0 10.1.0.1/24, fd01::1/64 ---+
 *                                          br0 10.1.0.2/24, fd01::2/64 [client]
 *   [other] eth0 10.1.0.3/24, fd01::3/64 --+
 * </pre>
 */
@Tag("netns")
class AddressTakeoverTest {
    private static final String NODE_MAC = "02:00:00:00:00:01";
    private static final String OTHER_MAC = "02:00:00:00:00:03";
    private static final String NOBODY_MAC = "02:00:00:00:00:99";
    private static final List<String> VIPS = List.of("10.1.0.80", "fd01::80");

    private final AtomicLong nowNs = new AtomicLong();
    @TempDir
    private Path state;
    private NetworkNamespace node;
    private NetworkNamespace client;
    private NetworkNamespace other;
    private AddressInstaller installer;

    @BeforeEach
    void connect() {
        node = NetworkNamespace.create("node");
        client = NetworkNamespace.create("client");
        other = NetworkNamespace.create("other");
        // An address of its own: with one of a port's, the bridge forgets its neighbours when that port goes.
        client.exec("ip", "link", "add", "br0", "address", "02:00:00:00:00:02", "type", "bridge",
            "forward_delay", "0", "mcast_snooping", "0");
        client.exec("ip", "link", "set", "br0", "up");
        join(node, "node", NODE_MAC, 1);
        join(other, "other", OTHER_MAC, 3);
        client.exec("ip", "addr", "add", "10.1.0.2/24", "dev", "br0");
        client.exec("ip", "addr", "add", "fd01::2/64", "dev", "br0", "nodad");
        installer = open();
    }

    @AfterEach
    void disconnect() {
        installer.close();
        node.close();
        client.close();
        other.close();
    }

    @Test
    void shouldNotInstallWhatAnotherHostUsesAndNameThatHost() {
        VIPS.forEach(vip -> add(other, vip));
        final AddressInstaller.Report report = reconcile("10.1.0.80", "10.1.0.81", "fd01::80", "fd01::81");
        assertThat(report.problems()).hasSize(2)
            .allSatisfy(problem -> assertThat(problem).contains("is not installed on eth0").contains(OTHER_MAC).contains("tried again"))
            .extracting(problem -> problem.split(" ")[0]).containsExactlyElementsOf(VIPS);
        assertThat(addresses()).contains("10.1.0.81/32", "fd01::81/128").doesNotContain("10.1.0.80/32", "fd01::80/128");
        assertThat(state.resolve("installed-addresses")).content().doesNotContain("10.1.0.80 ", "fd01::80 ");
    }

    @Test
    void shouldTryAgainLaterAndInstallWhatHasBecomeFree() {
        VIPS.forEach(vip -> add(other, vip));
        assertThat(reconcile("10.1.0.80", "fd01::80").problems()).hasSize(2);
        VIPS.forEach(vip -> remove(other, vip));
        assertThat(installer.isDue()).isFalse();
        assertThat(installer.retry().problems()).as("asked only a moment ago").hasSize(2);
        passSeconds(12);
        assertThat(installer.isDue()).isTrue();
        assertThat(installer.retry().problems()).isEmpty();
        assertThat(addresses()).contains("10.1.0.80/32", "fd01::80/128");
        passSeconds(2);
        installer.retry();
        passSeconds(60);
        assertThat(installer.isDue()).as("there is nothing left to do").isFalse();
    }

    @Test
    void shouldGoOnReportingWhatStaysTaken() {
        VIPS.forEach(vip -> add(other, vip));
        final List<String> problems = reconcile("10.1.0.80", "fd01::80").problems();
        for (int i = 0; i < 3; i++) {
            passSeconds(12);
            assertThat(installer.isDue()).isTrue();
            assertThat(installer.retry().problems()).as("word by word, so that it is not news").isEqualTo(problems);
            assertThat(installer.isDue()).isFalse();
        }
        assertThat(reconcile().problems()).isEmpty();
        passSeconds(60);
        assertThat(installer.isDue()).as("nobody wants it any more").isFalse();
    }

    @Test
    void shouldKeepAfterAKillWhatItHasWithoutAskingAgain() {
        reconcile("10.1.0.80", "fd01::80");
        // Had it asked, it would find these.
        VIPS.forEach(vip -> add(other, vip));
        final AddressInstaller killed = installer;
        installer = open();
        // A link that changes before the first configuration is there.
        assertThat(installer.retry().problems()).isEmpty();
        assertThat(addresses()).contains("10.1.0.80/32", "fd01::80/128");
        assertThat(reconcile("10.1.0.80", "fd01::80").problems()).isEmpty();
        assertThat(addresses()).contains("10.1.0.80/32", "fd01::80/128");
        killed.leave();
    }

    @Test
    void shouldAskForManyAddressesTogether() {
        add(other, "10.1.0.180");
        add(other, "fd01::180");
        final String[] many = IntStream.range(100, 250).boxed()
            .flatMap(last -> Stream.of("10.1.0." + last, "fd01::" + last)).toArray(String[]::new);
        assertThat(reconcile(many).problems()).hasSize(2).allMatch(problem -> problem.contains("180 is not installed"));
        assertThat(addresses().lines().filter(line -> line.contains("/32 ") || line.contains("/128 "))).hasSize(many.length - 2);
    }

    @Test
    void shouldBeReachedAtOnceByWhoKnewTheAddressElsewhere() {
        VIPS.forEach(vip -> add(other, vip));
        VIPS.forEach(vip -> client.exec("ping", "-c1", "-W2", vip));
        VIPS.forEach(vip -> assertThat(neighbour(vip)).contains(OTHER_MAC));
        VIPS.forEach(vip -> remove(other, vip));
        assertThat(reconcile("10.1.0.80", "fd01::80").problems()).isEmpty();
        // Nobody has sent anything to the addresses in between.
        VIPS.forEach(this::awaitKnown);
        VIPS.forEach(vip -> client.exec("ping", "-c1", "-W2", vip));
    }

    @Test
    void shouldAnnounceTwice() {
        reconcile("10.1.0.80", "fd01::80");
        assertThat(installer.isDue()).isFalse();
        VIPS.forEach(this::mislead);
        passSeconds(2);
        assertThat(installer.isDue()).isTrue();
        installer.retry();
        VIPS.forEach(this::awaitKnown);
        passSeconds(60);
        assertThat(installer.isDue()).isFalse();
    }

    @Test
    void shouldAnnounceAgainWhenTheInterfaceComesBack() {
        reconcile("10.1.0.80", "fd01::80");
        node.exec("ip", "link", "set", "eth0", "down");
        installer.retry();
        VIPS.forEach(this::mislead);
        node.exec("ip", "link", "set", "eth0", "up");
        awaitUp(node);
        assertThat(installer.retry().problems()).isEmpty();
        VIPS.forEach(this::awaitKnown);
    }

    @Test
    void shouldAnnounceANewLinkLayerAddress() {
        reconcile("10.1.0.80", "fd01::80");
        VIPS.forEach(this::mislead);
        node.exec("ip", "link", "set", "eth0", "address", "02:00:00:00:00:11");
        installer.retry();
        VIPS.forEach(vip -> await().untilAsserted(() -> assertThat(neighbour(vip)).contains("02:00:00:00:00:11")));
    }

    @Test
    void shouldAnnounceFromAnInterfaceThatWasMadeAgain() {
        reconcile("10.1.0.80", "fd01::80");
        node.exec("ip", "link", "del", "eth0");
        assertThat(installer.retry().warnings()).isEmpty();
        VIPS.forEach(this::mislead);
        join(node, "node", "02:00:00:00:00:12", 1);
        assertThat(installer.retry().problems()).isEmpty();
        assertThat(addresses()).contains("10.1.0.80/32", "fd01::80/128");
        VIPS.forEach(vip -> await().untilAsserted(() -> assertThat(neighbour(vip)).contains("02:00:00:00:00:12")));
    }

    private void join(final NetworkNamespace host, final String port, final String mac, final int last) {
        NetworkNamespace.connect(host, "eth0", client, port);
        host.exec("ip", "link", "set", "eth0", "address", mac);
        client.exec("ip", "link", "set", port, "master", "br0");
        host.exec("ip", "addr", "add", "10.1.0." + last + "/24", "dev", "eth0");
        host.exec("ip", "addr", "add", "fd01::" + last + "/64", "dev", "eth0", "nodad");
        awaitUp(host);
        await().until(() -> client.exec("bridge", "link", "show", "dev", port).contains("state forwarding"));
    }

    private static void awaitUp(final NetworkNamespace host) {
        await().until(() -> host.exec("ip", "link", "show", "eth0").contains("state UP"));
    }

    private AddressInstaller open() {
        return node.call(() -> AddressInstaller.open(state, List.of("eth0"), nowNs::get));
    }

    private AddressInstaller.Report reconcile(final String... addresses) {
        return installer.reconcile(Stream.of(addresses).map(text -> new VirtualAddressSpec(address(text), "eth0")).toList());
    }

    private void passSeconds(final int seconds) {
        nowNs.addAndGet(TimeUnit.SECONDS.toNanos(seconds));
    }

    private String addresses() {
        return node.exec("ip", "-o", "addr", "show", "dev", "eth0");
    }

    private static void add(final NetworkNamespace host, final String address) {
        if (address.contains(":")) {
            host.exec("ip", "addr", "add", address + "/64", "dev", "eth0", "nodad");
        } else {
            host.exec("ip", "addr", "add", address + "/24", "dev", "eth0");
        }
    }

    private static void remove(final NetworkNamespace host, final String address) {
        host.exec("ip", "addr", "del", address + (address.contains(":") ? "/64" : "/24"), "dev", "eth0");
    }

    private String neighbour(final String address) {
        return client.exec("ip", "neigh", "show", address, "dev", "br0");
    }

    /** Lets the client believe that somebody else has the address, without any reason to ask. */
    private void mislead(final String address) {
        client.exec("ip", "neigh", "replace", address, "lladdr", NOBODY_MAC, "dev", "br0", "nud", "stale");
        assertThat(neighbour(address)).contains(NOBODY_MAC);
    }

    private void awaitKnown(final String address) {
        await().untilAsserted(() -> assertThat(neighbour(address)).contains(NODE_MAC));
    }

    private static InetAddress address(final String text) {
        try {
            return InetAddress.getByName(text);
        } catch (final UnknownHostException e) {
            throw new IllegalArgumentException(e);
        }
    }
}
