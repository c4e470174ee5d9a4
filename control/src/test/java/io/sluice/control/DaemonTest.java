package io.sluice.control;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.control.config.SampleConfig;
import io.sluice.control.http.RawClient;
import io.sluice.dataplane.DataplaneConfig;
import io.sluice.dataplane.api.DataplaneControl;
import io.sluice.dataplane.api.DataplaneException;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DaemonTest {
    @TempDir
    private Path directory;
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private final RecordingDataplane dataplane = new RecordingDataplane();

    private int run(final Function<DataplaneConfig, DataplaneControl> opener, final String... args) {
        final PrintStream errors = new PrintStream(err, true, StandardCharsets.UTF_8);
        return new DaemonProcess(new PrintStream(out, true, StandardCharsets.UTF_8), errors)
            .run(List.of(args), opener, new OperatorLog(errors), Daemon::close);
    }

    private String err() {
        return err.toString(StandardCharsets.UTF_8);
    }

    private Path write(final String yaml) throws Exception {
        return Files.writeString(directory.resolve("sluice.yaml"), yaml);
    }

    @Test
    void shouldStartApplyAndEndCleanly() throws Exception {
        final Path file = write(SampleConfig.in(directory));

        assertThat(run(dataplane::open, "--config", file.toString())).isZero();

        assertThat(dataplane.settings().stateDirectory()).isEqualTo(directory.resolve("state"));
        assertThat(dataplane.applied()).hasSize(1);
        assertThat(dataplane.closed()).isTrue();
        assertThat(directory.resolve("run/api.sock")).doesNotExist();
        assertThat(err().lines().map(line -> line.substring(line.indexOf(' ') + 1))).containsExactly(
            "INFO sluice " + Version.text() + ", node lb-1, configuration " + file,
            "INFO running: 2 listeners on 1 virtual address, 12 connections restored, API on " + directory.resolve("run/api.sock"),
            "INFO stopped; connections are in the table of record and go on with the next start");
    }

    @Test
    void shouldTouchNothingWhenTheConfigurationIsWrong() throws Exception {
        final Path file = write(SampleConfig.in(directory).replace("port: 53", "port: 0"));

        assertThat(run(dataplane::open, "--config", file.toString())).isEqualTo(2);

        assertThat(err()).contains("ERROR " + file + ":19:42: loadBalancers[0].listeners[1].port: 0 is not within 1 and 65535")
            .contains("nothing was started").doesNotContain("\tat ");
        assertThat(dataplane.settings()).isNull();
        assertThat(directory.resolve("run")).doesNotExist();
    }

    @Test
    void shouldGiveTheDataPlanesReasonWithoutAStackTrace() throws Exception {
        final Path file = write(SampleConfig.in(directory));

        final int code = run(settings -> {
            throw new DataplaneException("not allowed to open a packet socket. Run Sluice as root");
        }, "--config=" + file);

        assertThat(code).isEqualTo(1);
        assertThat(err()).contains("ERROR not allowed to open a packet socket. Run Sluice as root").doesNotContain("\tat ");
        assertThat(directory.resolve("run/api.sock")).doesNotExist();
    }

    @Test
    void shouldCloseTheDataPlaneWhenItRefusesTheFirstConfiguration() throws Exception {
        final Path file = write(SampleConfig.in(directory));
        dataplane.refuseWith("no such interface: eth1. See ip link");

        assertThat(run(dataplane::open, "--config", file.toString())).isEqualTo(1);

        assertThat(dataplane.closed()).isTrue();
        assertThat(err()).contains("no such interface: eth1. See ip link");
    }

    @Test
    void shouldExplainItselfWhenTheArgumentsAreWrong() {
        assertThat(run(dataplane::open)).isEqualTo(2);
        assertThat(err()).contains("--config is missing").contains("usage: sluice daemon --config FILE");
        assertThat(run(dataplane::open, "--confg", "x")).isEqualTo(2);
        assertThat(err()).contains("arguments not understood: --confg x");
        assertThat(run(dataplane::open, "--config", directory.resolve("none.yaml").toString())).isEqualTo(2);
        assertThat(err()).contains("there is no file " + directory.resolve("none.yaml"));
        assertThat(run(dataplane::open, "--help")).isZero();
        assertThat(out.toString(StandardCharsets.UTF_8)).contains("Exit codes");
    }

    @Test
    void shouldOnlyCheckWhenAskedTo() throws Exception {
        final Path file = write(SampleConfig.in(directory));

        assertThat(run(dataplane::open, "--config", file.toString(), "--check")).isZero();

        assertThat(dataplane.settings()).isNull();
    }

    @Test
    void shouldReplaceTheSocketThatAKilledProcessLeft() throws Exception {
        final Path socket = directory.resolve("run/api.sock");
        Files.createDirectories(socket.getParent());
        try (ServerSocketChannel killed = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            killed.bind(UnixDomainSocketAddress.of(socket));
        }
        assertThat(socket).exists();

        try (RunningDaemon daemon = new RunningDaemon(directory)) {
            assertThat(RawClient.get(daemon.socket(), "/livez")).startsWith("HTTP/1.1 200");
        }
    }

    @Test
    void shouldNotStealTheSocketOfALiveDaemon() throws Exception {
        try (RunningDaemon first = new RunningDaemon(directory)) {
            assertThat(run(dataplane::open, "--config", first.file().toString())).isEqualTo(1);

            assertThat(err()).contains("another Sluice answers on " + first.socket());
            assertThat(dataplane.settings()).isNull();
            assertThat(RawClient.get(first.socket(), "/livez")).startsWith("HTTP/1.1 200");
        }
    }

    @Test
    void shouldNotStealTheSocketOfAnotherProgramNorRemoveAFileOfAnotherKind() throws Exception {
        final Path socket = directory.resolve("run/api.sock");
        Files.createDirectories(socket.getParent());
        final Path file = write(SampleConfig.in(directory));
        try (ServerSocketChannel other = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            other.bind(UnixDomainSocketAddress.of(socket));
            assertThat(run(dataplane::open, "--config", file.toString())).isEqualTo(1);
        }
        Files.delete(socket);
        Files.writeString(socket, "precious");

        assertThat(run(dataplane::open, "--config", file.toString())).isEqualTo(1);

        assertThat(err()).contains(socket + " exists and is no socket. Move it away");
        assertThat(socket).hasContent("precious");
    }

    @Test
    void shouldSayThatTheFileIsNotWhatWasLastInForce() throws Exception {
        try (RunningDaemon first = new RunningDaemon(directory)) {
            RawClient.put(first.socket(), "/v1/config", first.yaml().replace("port: 53", "port: 5353"));
        }

        try (RunningDaemon second = new RunningDaemon(directory)) {
            assertThat(second.log()).contains("WARNING " + second.file() + " differs from the configuration that was last in force");
            assertThat(second.dataplane().applied().getLast().listeners().getLast().port()).isEqualTo(53);
        }
        try (RunningDaemon third = new RunningDaemon(directory)) {
            assertThat(third.log()).doesNotContain("WARNING");
        }
    }

    @Test
    void shouldKnowItsVersion() {
        assertThat(Version.text()).matches("\\d+\\.\\d+\\.\\d+.*");
    }
}
