package io.sluice.control.compile;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.control.config.ConfigReader;
import io.sluice.control.config.SampleConfig;
import io.sluice.dataplane.api.AclSpec;
import io.sluice.dataplane.api.BackendSpec;
import io.sluice.dataplane.api.ForwardingSpec;
import io.sluice.dataplane.api.ListenerSpec;
import io.sluice.dataplane.api.LocalPoolSpec;
import io.sluice.dataplane.api.VirtualAddressSpec;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class SpecCompilerTest {
    private static ForwardingSpec compile(final String yaml) throws Exception {
        return SpecCompiler.compile(ConfigReader.read(yaml.getBytes(StandardCharsets.UTF_8)), 7);
    }

    @Test
    void shouldResolveDefaultsAndNames() throws Exception {
        final ForwardingSpec spec = compile(SampleConfig.YAML);

        assertThat(spec.revision()).isEqualTo(7);
        assertThat(spec.virtualAddresses()).containsExactly(new VirtualAddressSpec(InetAddress.ofLiteral("10.1.0.100"), "eth0"));
        assertThat(spec.localPools()).containsExactly(new LocalPoolSpec("edge",
            List.of(InetAddress.ofLiteral("10.2.0.100"), InetAddress.ofLiteral("fd02::100")), 5000, 65_535, "eth1"));
        assertThat(spec.serverGroups().getFirst().backends()).containsExactly(
            new BackendSpec(InetAddress.ofLiteral("10.2.0.11"), 80, 100, true),
            new BackendSpec(InetAddress.ofLiteral("10.2.0.12"), 80, 100, true));
        assertThat(spec.listeners()).extracting(ListenerSpec::name).containsExactly("front/http", "front/dns");
        final ListenerSpec http = spec.listeners().getFirst();
        assertThat(http.serverGroup()).isEqualTo("web");
        assertThat(http.localPool()).isEqualTo("edge");
        assertThat(http.acl().entries()).hasToString("[192.0.2.0/24]");
        assertThat(spec.listeners().get(1).acl()).isEqualTo(AclSpec.EVERYBODY);
    }

    @Test
    void shouldPreferWhatTheListenerSaysItself() throws Exception {
        final ForwardingSpec spec = compile(SampleConfig.YAML
            .replace("serverGroups:\n", "serverGroups:\n  - {name: other, backends: [{serverIp: 10.2.0.13, port: 1}]}\n")
            .replace("localPools:\n", "localPools:\n  - {name: second, addresses: [10.2.0.101], ports: 9}\n")
            .replace("acl: office", "serverGroup: other, localPool: second"));

        assertThat(spec.listeners().getFirst().serverGroup()).isEqualTo("other");
        assertThat(spec.listeners().getFirst().localPool()).isEqualTo("second");
        assertThat(spec.localPools().getFirst().portsPerAddress()).isEqualTo(1);
    }

    @Test
    void shouldInstallNoAddressThatNothingListensOn() throws Exception {
        final String silent = SampleConfig.YAML.substring(0, SampleConfig.YAML.indexOf("    listeners:"));

        assertThat(compile(silent).virtualAddresses()).isEmpty();
    }
}
