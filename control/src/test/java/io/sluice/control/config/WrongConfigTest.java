package io.sluice.control.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.sluice.control.yaml.InvalidConfigException;
import java.nio.charset.StandardCharsets;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** One mistake each, and exactly what the operator reads about it. */
class WrongConfigTest {
    /**
     * A mistake in the sample.
     *
     * @param right   what the sample says
     * @param wrong   what somebody wrote instead
     * @param message everything that is reported
     */
    record Mistake(String right, String wrong, String message) {
        @Override
        public String toString() {
            return wrong.isEmpty() ? "without " + right : wrong.strip();
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("mistakes")
    void shouldSayWhatIsWrongAndWhere(final Mistake mistake) {
        assertThat(SampleConfig.YAML).contains(mistake.right());
        final String yaml = SampleConfig.YAML.replaceFirst(java.util.regex.Pattern.quote(mistake.right()),
            java.util.regex.Matcher.quoteReplacement(mistake.wrong()));

        final InvalidConfigException e = catchThrowableOfType(InvalidConfigException.class,
            () -> ConfigReader.read(yaml.getBytes(StandardCharsets.UTF_8)));

        assertThat(e).as("refused").isNotNull();
        if (mistake.message().isEmpty()) { System.out.println("CASE " + mistake.wrong().strip() + "\n" + e.describe("f")); return; }
        assertThat(e.describe("sluice.yaml")).isEqualTo(mistake.message());
    }

    static Stream<Mistake> mistakes() {
        return Stream.of(
            new Mistake("port: 80, acl", "prot: 80, acl", ""),
            new Mistake("interfaces:", "interfcaes:", ""),
            new Mistake("loadBalancers:", "loadbalancers:", ""),
            new Mistake("weight: 100", "wieght: 100", ""),
            new Mistake("proxyProtocol", "zzz", ""),
            new Mistake("port: 53", "port: 70000", ""),
            new Mistake("port: 53", "port: 0", ""),
            new Mistake("port: 53", "port: \"53\"", ""),
            new Mistake("port: 53", "port: 053", ""),
            new Mistake("port: 53", "port: 0x35", ""),
            new Mistake("port: 53", "port: 53.5", ""),
            new Mistake("port: 53", "port: 99999999999999999999999", ""),
            new Mistake("port: 53, ", "", ""),
            new Mistake("port: 53", "port: [53]", ""),
            new Mistake("weight: 100", "weight: -1", ""),
            new Mistake("name: dns", "name: http", ""),
            new Mistake("name: dns", "name: 5", ""),
            new Mistake("name: dns", "name: \"a b\"", ""),
            new Mistake("{name: dns, ", "{", ""),
            new Mistake("protocol: udp", "protocol: sctp", ""),
            new Mistake("protocol: udp", "protocol: tcp", ""),
            new Mistake("proxyProtocol: true", "proxyProtocol: yes", ""),
            new Mistake("proxyProtocol: true", "ttm: {insert: true}", ""),
            new Mistake("proxyProtocol: true", "timeouts: {established: 60}", ""),
            new Mistake("acl: office", "acl: ofice", ""),
            new Mistake("acl: office", "acl: nobody-knows", ""),
            new Mistake("acl: office", "scheduler: wlr", ""),
            new Mistake("acl: office", "timeouts: {established: 0}", ""),
            new Mistake("acl: office", "timeouts: {etsablished: 60}", ""),
            new Mistake("acl: office", "ttm: {kind: 8}", ""),
            new Mistake("acl: office", "ttm: {kind: 172}", ""),
            new Mistake("acl: office", "ttm: {trustedSources: [10.9.0.0/33]}", ""),
            new Mistake("acl: office", "limits: {maxConnections: -5}", ""),
            new Mistake("acl: office", "acl: office, port: 81", ""),
            new Mistake("protocol: udp, port: 53, proxyProtocol: true", "protocol: tcp, port: 80", ""),
            new Mistake("serverGroup: web", "serverGroup: wbe", ""),
            new Mistake("    serverGroup: web\n", "", ""),
            new Mistake("localPool: edge", "localPool: edgy", ""),
            new Mistake("address: 10.1.0.100", "address: front.example.com", ""),
            new Mistake("address: 10.1.0.100", "address: 10.1.0", ""),
            new Mistake("address: 10.1.0.100", "address: 224.0.0.5", ""),
            new Mistake("address: 10.1.0.100", "address: 0.0.0.0", ""),
            new Mistake("address: 10.1.0.100", "address: 127.0.0.1", ""),
            new Mistake("address: 10.1.0.100", "address: \"fe80::1\"", ""),
            new Mistake("address: 10.1.0.100", "address: 255.255.255.255", ""),
            new Mistake("address: 10.1.0.100", "address: 10.2.0.100", ""),
            new Mistake("address: 10.1.0.100", "address: 10.2.0.11", ""),
            new Mistake("address: 10.1.0.100", "address: 10.1.0.100/24", ""),
            new Mistake("serverIp: 10.2.0.12", "serverIp: 10.2.0.11", ""),
            new Mistake("serverIp: 10.2.0.12", "serverIp: 10.2.0.100", ""),
            new Mistake("serverIp: 10.2.0.12", "serverIp: \"fd02::12\"", ""),
            new Mistake("[10.2.0.100, \"fd02::100\"]", "[\"fd02::100\"]", ""),
            new Mistake("[10.2.0.100, \"fd02::100\"]", "[10.2.0.100, 10.2.0.100]", ""),
            new Mistake("[10.2.0.100, \"fd02::100\"]", "[]", ""),
            new Mistake("[10.2.0.100, \"fd02::100\"]", "10.2.0.100", ""),
            new Mistake("ports: 5000-65535", "ports: 65535-5000", ""),
            new Mistake("interface: eth1", "interface: an-interface-too-long", ""),
            new Mistake("allow: [192.0.2.0/24]", "allow: [192.0.2.7/24]", ""),
            new Mistake("allow: [192.0.2.0/24]", "allow: [192.0.2.0/24], deny: [10.0.0.0/8]", ""),
            new Mistake(", allow: [192.0.2.0/24]", "", ""),
            new Mistake("acls:", "localPools:", ""),
            new Mistake("socket: /run/sluice/api.sock", "socket: api.sock", ""),
            new Mistake("interfaces: [eth0, eth1]", "interfaces: [eth0, eth0]", ""),
            new Mistake("interfaces: [eth0, eth1]", "interfaces: []", ""),
            new Mistake("interfaces: [eth0, eth1]", "interfaces: [eth0], threading: dedicate", ""),
            new Mistake("interfaces: [eth0, eth1]", "interfaces: [eth0], maxConnections: 100", ""),
            new Mistake("interfaces: [eth0, eth1]", "interfaces: &ports [eth0]", ""),
            new Mistake("interface: eth0", "interface: *ports", ""),
            new Mistake("interface: eth0", "interface: !!str eth0", ""),
            new Mistake("    interface: eth0", "\tinterface: eth0", ""),
            new Mistake("    interface: eth0", "   interface: eth0", ""),
            new Mistake("    interface: eth0", "    interface: eth0: eth1", ""),
            new Mistake("[{name: office", "{name: office", ""),
            new Mistake("acl: office}", "acl: office", ""),
            new Mistake("acls:", "---\nacls:", ""),
            new Mistake("    interface: eth0", "    interface: [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[eth0]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]", ""));
    }
}
