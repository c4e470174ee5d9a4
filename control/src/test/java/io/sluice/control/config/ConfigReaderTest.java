package io.sluice.control.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.sluice.control.model.Listener;
import io.sluice.control.model.LoadBalancer;
import io.sluice.control.model.SluiceConfig;
import io.sluice.control.yaml.InvalidConfigException;
import io.sluice.control.yaml.Violations;
import io.sluice.control.yaml.YamlReader;
import io.sluice.dataplane.DataplaneConfig;
import io.sluice.dataplane.api.Protocol;
import io.sluice.dataplane.api.SchedulerKind;
import io.sluice.dataplane.api.Timeouts;
import io.sluice.dataplane.api.TtmSpec;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConfigReaderTest {
    private static SluiceConfig read(final String yaml) throws InvalidConfigException {
        return ConfigReader.read(yaml.getBytes(StandardCharsets.UTF_8));
    }

    private static String complaint(final byte[] yaml) {
        final InvalidConfigException e = catchThrowableOfType(InvalidConfigException.class, () -> ConfigReader.read(yaml));
        assertThat(e).isNotNull();
        return e.describe("f");
    }

    private static String complaint(final String yaml) {
        return complaint(yaml.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void shouldReadWhatIsWritten() throws Exception {
        final SluiceConfig config = read(SampleConfig.YAML);

        assertThat(config.node().name()).isEqualTo("lb-1");
        assertThat(config.dataplane().interfaces()).containsExactly("eth0", "eth1");
        assertThat(config.dataplane().stateDirectory()).isEqualTo(Path.of("/var/lib/sluice"));
        assertThat(config.localPools().getFirst().addresses())
            .containsExactly(InetAddress.ofLiteral("10.2.0.100"), InetAddress.ofLiteral("fd02::100"));
        assertThat(config.localPools().getFirst().ports()).hasToString("5000-65535");
        assertThat(config.serverGroups().getFirst().backends()).extracting("weight").containsExactly(100, 100);
        assertThat(config.acls().getFirst().rule().allow()).isTrue();
        final LoadBalancer front = config.loadBalancers().getFirst();
        assertThat(front.interfaceName()).isEqualTo("eth0");
        assertThat(front.listeners()).extracting(Listener::protocol).containsExactly(Protocol.TCP, Protocol.UDP);
        assertThat(front.listeners().get(1).proxyProtocol()).isTrue();
    }

    @Test
    void shouldFillInTheDocumentedDefaults() throws Exception {
        final SluiceConfig config = read(SampleConfig.YAML.replaceFirst("node: .*\n", ""));

        final Listener http = config.loadBalancers().getFirst().listeners().getFirst();
        assertThat(config.node().socket()).isEqualTo(Path.of("/run/sluice/api.sock"));
        assertThat(config.dataplane()).isEqualTo(DataplaneConfig.of(config.dataplane().interfaces(), Path.of("/var/lib/sluice")));
        assertThat(http.scheduler()).isEqualTo(SchedulerKind.WEIGHTED_ROUND_ROBIN);
        assertThat(http.timeouts()).isEqualTo(Timeouts.DEFAULT);
        assertThat(http.ttm()).isEqualTo(TtmSpec.DEFAULT);
        assertThat(http.stripTimestamps()).isTrue();
        assertThat(http.resetUnknown()).isFalse();
    }

    @Test
    void shouldReportEveryMistakeOfAFileInOneGoInItsOrder() {
        final String report = complaint(SampleConfig.YAML.replace("10.2.0.12", "10.2.0.300").replace("weight: 100", "wieght: 100")
            .replace("acl: office", "acl: ofice").replace("port: 53", "port: 0"));

        assertThat(report.lines().map(line -> line.substring(2, line.indexOf(':', 5)))).containsExactly("8:41", "9:20", "18:52", "19:42");
    }

    @Test
    void shouldSpellOutAConfigurationThatReadsTheSame() throws Exception {
        for (final String sample : new String[] {SampleConfig.YAML, SampleConfig.YAML.replace("acl: office", "stripTimestamps: false, "
            + "ttm: {kind: 253, trustedSources: [10.0.0.0/8]}, limits: {maxConnections: 9}, timeouts: {closed: 1}")}) {
            final SluiceConfig config = read(sample);

            final String json = new com.fasterxml.jackson.databind.ObjectMapper().writeValueAsString(ConfigDocument.of(config));

            assertThat(read(json)).isEqualTo(config);
        }
    }

    @ParameterizedTest
    @CsvSource({"maxConnections,1024,50000000", "maxFragments,64,1048576", "receiveFrames,64,65536", "storeShards,1,64",
        "refreshSeconds,1,3600", "lanes,1,64"})
    void shouldAllowTheRangesOfTheDataPlaneAndNothingBeyond(final String key, final long min, final long max) throws Exception {
        for (final long allowed : new long[] {min, max}) {
            assertThat(read("dataplane: {interfaces: [eth0], " + key + ": " + allowed + "}")).isNotNull();
        }
        for (final long refused : new long[] {min - 1, max + 1}) {
            assertThat(complaint("dataplane: {interfaces: [eth0], " + key + ": " + refused + "}"))
                .contains("dataplane." + key + ": " + refused + " is not within " + min + " and " + max);
        }
    }

    @Test
    void shouldRefuseMoreListenersThanALoadBalancerMayHave() throws Exception {
        final String listeners = IntStream.rangeClosed(1, 51).mapToObj(i -> "{name: l" + i + ", protocol: tcp, port: " + i + "}")
            .collect(Collectors.joining(", "));
        final String many = SampleConfig.YAML.substring(0, SampleConfig.YAML.indexOf("    listeners:")) + "    listeners: [" + listeners
            + "]\n";

        assertThat(complaint(many)).isEqualTo("f:17:16: loadBalancers[0].listeners: 51 listeners are more than maxListeners (50); "
            + "use several load balancers or raise it");
        assertThat(read(many.replace("    listeners:", "    maxListeners: 51\n    listeners:")).loadBalancers().getFirst().listeners())
            .hasSize(51);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "''|f:1:1: the file is empty; at least dataplane.interfaces is needed",
        "'# only a comment'|f:1:1: the file is empty; at least dataplane.interfaces is needed",
        "'- a'|f:1:1: the file is a list, but a configuration is a mapping with the keys node, dataplane, localPools, serverGroups, acls, "
            + "loadBalancers",
        "'hello'|f:1:1: the file is text, but a configuration is a mapping with the keys node, dataplane, localPools, serverGroups, acls, "
            + "loadBalancers"})
    void shouldRefuseAFileThatIsNoConfiguration(final String yaml, final String message) {
        assertThat(complaint(yaml)).isEqualTo(message);
    }

    @Test
    void shouldRefuseBytesThatAreNotText() {
        final byte[] latin1 = "node:\n  name: B\u00e4r\n".getBytes(StandardCharsets.ISO_8859_1);

        assertThat(complaint(latin1)).isEqualTo("f:2:10: byte 0xe4 is not UTF-8; save the file as UTF-8");
        assertThat(complaint("node: {name: a\0b}")).isEqualTo("f:1:15: the character U+0000 is not allowed; is this a text file?");
        assertThat(complaint(SampleConfig.YAML.getBytes(StandardCharsets.UTF_16))).contains("is not UTF-8");
    }

    @Test
    void shouldReadAFileThatBeginsWithAByteOrderMark() throws Exception {
        assertThat(read("\uFEFF" + SampleConfig.YAML)).isEqualTo(read(SampleConfig.YAML));
    }

    @Test
    void shouldRefuseAHugeFileUnread() {
        final byte[] huge = new byte[YamlReader.MAX_BYTES + 1];
        Arrays.fill(huge, (byte) '#');

        assertThat(complaint(huge)).isEqualTo("f:1:1: the file has 4194305 bytes, more than the 4194304 that a configuration may have");
    }

    @Test
    void shouldRefuseABombOfAliasesWithoutExpandingIt() {
        final StringBuilder bomb = new StringBuilder("a0: &a0 [x, x, x, x, x, x, x, x, x]\n");
        for (int i = 1; i < 30; i++) {
            bomb.append("a").append(i).append(": &a").append(i).append(" [").append(("*a" + (i - 1) + ", ").repeat(9)).append("x]\n");
        }

        assertThat(complaint(bomb.toString()).lines().count()).isEqualTo(Violations.MOST + 1);
    }

    @Test
    void shouldOnlyEverThrowItsOwnExceptionWhateverTheBytes() {
        final long seed = 20_260_101L;
        final Random random = new Random(seed);
        final byte[] sample = SampleConfig.YAML.getBytes(StandardCharsets.UTF_8);
        final byte[] nasty = "{}[]&*!|>'\"%@`:-?,#\t\n \\0.x~".getBytes(StandardCharsets.US_ASCII);
        int refused = 0;
        for (int round = 0; round < 5_000; round++) {
            final byte[] mutant = sample.clone();
            for (int i = random.nextInt(1, 6); i > 0; i--) {
                mutant[random.nextInt(mutant.length)] = random.nextBoolean() ? nasty[random.nextInt(nasty.length)]
                    : (byte) random.nextInt();
            }
            try {
                ConfigReader.read(mutant);
            } catch (final InvalidConfigException e) {
                assertThat(e.violations()).isNotEmpty();
                refused++;
            } catch (final RuntimeException e) {
                throw new AssertionError("seed " + seed + ", round " + round + ":\n" + new String(mutant, StandardCharsets.UTF_8), e);
            }
        }
        assertThat(refused).isGreaterThan(4_000);
    }
}
