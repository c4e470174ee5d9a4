package io.sluice.dataplane.neighbour;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.sluice.dataplane.api.VirtualAddressSpec;
import io.sluice.dataplane.lab.NetworkNamespace;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A node with two ports and a neighbour.
 *
 * <pre>
 *   client 10.1.0.2, fd01::2 -- eth0 10.1.0.1/24, fd01::1/64 [node] eth1 10.2.0.1/16 -- client
 * </pre>
 */
@Tag("netns")
class AddressInstallerTest {
    @TempDir
    private Path state;
    private NetworkNamespace node;
    private NetworkNamespace client;
    private AddressInstaller installer;

    @BeforeEach
    void connect() {
        node = NetworkNamespace.create("node");
        client = NetworkNamespace.create("client");
        NetworkNamespace.connect(node, "eth0", client, "eth0");
        NetworkNamespace.connect(node, "eth1", client, "eth1");
        node.exec("ip", "addr", "add", "10.1.0.1/24", "dev", "eth0");
        node.exec("ip", "addr", "add", "fd01::1/64", "dev", "eth0", "nodad");
        node.exec("ip", "addr", "add", "10.2.0.1/16", "dev", "eth1");
        client.exec("ip", "addr", "add", "10.1.0.2/24", "dev", "eth0");
        client.exec("ip", "addr", "add", "fd01::2/64", "dev", "eth0", "nodad");
        awaitUp("eth0");
        awaitUp("eth1");
        installer = open();
    }

    @AfterEach
    void disconnect() {
        installer.close();
        node.close();
        client.close();
    }

    @Test
    void shouldInstallWhereTheConnectedPrefixIsAndElseOnLoopback() {
        final AddressInstaller.Report report = reconcile("10.1.0.80", "10.2.9.80", "fd01::80", "192.0.2.1", "2001:db8::1");
        assertThat(report.problems()).isEmpty();
        assertThat(report.warnings()).isEmpty();
        assertThat(addresses("eth0")).contains("10.1.0.80/32", "fd01::80/128").doesNotContain("10.2.9.80/32", "192.0.2.1/32");
        assertThat(addresses("eth1")).contains("10.2.9.80/32");
        assertThat(addresses("lo")).contains("192.0.2.1/32", "2001:db8::1/128");
        client.exec("ping", "-c1", "-W2", "10.1.0.80");
        client.exec("ping", "-c1", "-W2", "fd01::80");
        assertThat(node.exec("ip", "-6", "route", "get", "fd01::82")).as("not a source of the host's own traffic").contains("src fd01::1");
        assertThat(node.exec("ip", "-6", "route", "show", "fd01::80")).as("no route to the address alone").isBlank();
    }

    @Test
    void shouldApplyDifferencesAndRemoveExactlyItsOwn() {
        reconcile("10.1.0.80", "10.1.0.81", "fd01::80");
        node.exec("ip", "addr", "add", "10.1.0.99/32", "dev", "eth0");
        reconcile("10.1.0.81", "10.1.0.82");
        assertThat(addresses("eth0")).contains("10.1.0.81/32", "10.1.0.82/32", "10.1.0.99/32")
            .doesNotContain("10.1.0.80/32", "fd01::80/128");
        installer.close();
        assertThat(addresses("eth0")).contains("10.1.0.1/24", "fd01::1/64", "10.1.0.99/32").doesNotContain("10.1.0.81/32", "10.1.0.82/32");
        assertThat(state.resolve("installed-addresses")).isEmptyFile();
    }

    @Test
    void shouldLeaveAloneWhatWasThereBefore() {
        node.exec("ip", "addr", "add", "10.1.0.80/32", "dev", "eth0");
        final AddressInstaller.Report report = reconcile("10.1.0.80", "10.1.0.1");
        assertThat(report.problems()).isEmpty();
        assertThat(report.warnings()).hasSize(2).allMatch(warning -> warning.contains("was on eth0 before Sluice"));
        reconcile();
        installer.close();
        assertThat(addresses("eth0")).contains("10.1.0.80/32", "10.1.0.1/24");
    }

    @Test
    void shouldAdoptWhatAKilledProcessLeft() {
        reconcile("10.1.0.80", "10.1.0.81", "fd01::80");
        // Neither leave() nor close(): as after kill -9.
        final AddressInstaller killed = installer;
        installer = open();
        assertThat(reconcile("10.1.0.80", "fd01::80").warnings()).isEmpty();
        assertThat(addresses("eth0")).contains("10.1.0.80/32", "fd01::80/128").doesNotContain("10.1.0.81/32");
        installer.close();
        assertThat(addresses("eth0")).doesNotContain("10.1.0.80/32", "fd01::80/128");
        killed.leave();
    }

    @Test
    void shouldFollowInterfacesThatGoAndComeBack() throws UnknownHostException {
        final List<VirtualAddressSpec> named = List.of(new VirtualAddressSpec(InetAddress.getByName("192.0.2.1"), "later"));
        assertThat(installer.reconcile(named).problems()).singleElement().asString()
            .contains("192.0.2.1 is not installed: interface later does not exist");
        NetworkNamespace.connect(node, "later", client, "later");
        awaitUp("later");
        assertThat(installer.retry().problems()).isEmpty();
        assertThat(addresses("later")).contains("192.0.2.1/32");
        node.exec("ip", "link", "del", "later");
        assertThat(installer.retry().problems()).hasSize(1);
        NetworkNamespace.connect(node, "later", client, "later");
        awaitUp("later");
        assertThat(installer.retry().problems()).isEmpty();
        assertThat(addresses("later")).contains("192.0.2.1/32");
    }

    @Test
    void shouldMoveAnAddressWhenItsPrefixAppears() {
        reconcile("10.3.0.80");
        assertThat(addresses("lo")).contains("10.3.0.80/32");
        node.exec("ip", "addr", "add", "10.3.0.1/24", "dev", "eth1");
        installer.retry();
        assertThat(addresses("eth1")).contains("10.3.0.80/32");
        assertThat(addresses("lo")).doesNotContain("10.3.0.80/32");
    }

    @Test
    void shouldWarnOfSettingsThatKeepArpSilentAndOfDisabledIpv6() {
        node.exec("sysctl", "-qw", "net.ipv4.conf.eth1.arp_ignore=1", "net.ipv6.conf.eth1.disable_ipv6=1");
        assertThat(reconcile("10.1.0.80").warnings()).singleElement().asString().contains("net.ipv4.conf.eth1.arp_ignore is 1");
        node.exec("sysctl", "-qw", "net.ipv4.conf.all.arp_ignore=2");
        assertThat(reconcile("10.1.0.80").warnings()).hasSize(2);
        final AddressInstaller.Report report = installer.reconcile(List.of(new VirtualAddressSpec(address("fd02::1"), "eth1")));
        assertThat(report.problems()).singleElement().asString().contains("fd02::1 is not installed on eth1").contains("disable_ipv6=0");
    }

    @Test
    void shouldIgnoreDamagedLinesOfTheStateFile() throws IOException {
        installer.close();
        Files.writeString(state.resolve("installed-addresses"), "10.1.0.80 eth0\n:::: eth0\nexample.org eth0\n10.1.0.1\n\0\n");
        node.exec("ip", "addr", "add", "10.1.0.80/32", "dev", "eth0");
        installer = open();
        reconcile();
        assertThat(addresses("eth0")).contains("10.1.0.1/24").doesNotContain("10.1.0.80/32");
    }

    @Test
    void shouldAddNothingThatItCouldNotRemember() throws IOException {
        Files.delete(state);
        assertThatThrownBy(() -> reconcile("10.1.0.80")).hasMessageContaining("installed-addresses").hasMessageContaining("writable");
        assertThat(addresses("eth0")).doesNotContain("10.1.0.80/32");
        Files.createDirectory(state);
    }

    @Test
    void shouldWaitForAnInterfaceThatIsDownSinceNobodyCanBeAskedThere() {
        node.exec("ip", "link", "set", "eth1", "down");
        assertThat(reconcile("10.1.0.80", "10.2.0.80").problems()).singleElement().asString()
            .contains("10.2.0.80 is not installed on eth1, which is down: ip link set eth1 up");
        assertThat(addresses("eth0")).contains("10.1.0.80/32");
        node.exec("ip", "link", "set", "eth1", "up");
        awaitUp("eth1");
        assertThat(installer.retry().problems()).isEmpty();
        assertThat(addresses("eth1")).contains("10.2.0.80/32");
        node.exec("ip", "link", "set", "eth1", "down");
        final AddressInstaller.Report report = installer.retry();
        assertThat(report.problems()).isEmpty();
        assertThat(report.warnings()).singleElement().asString().contains("10.2.0.80 is on eth1, which is down");
    }

    /** The kernel sees a carrier a moment after both ends are up. */
    private void awaitUp(final String interfaceName) {
        await().until(() -> node.exec("ip", "link", "show", interfaceName).contains("state UP"));
    }

    private AddressInstaller open() {
        return node.call(() -> AddressInstaller.open(state, List.of("eth0", "eth1")));
    }

    private AddressInstaller.Report reconcile(final String... addresses) {
        return node.call(() -> installer.reconcile(Stream.of(addresses).map(text -> new VirtualAddressSpec(address(text), null)).toList()));
    }

    private String addresses(final String interfaceName) {
        return node.exec("ip", "-o", "addr", "show", "dev", interfaceName);
    }

    private static InetAddress address(final String text) {
        try {
            return InetAddress.getByName(text);
        } catch (final UnknownHostException e) {
            throw new IllegalArgumentException(e);
        }
    }
}
