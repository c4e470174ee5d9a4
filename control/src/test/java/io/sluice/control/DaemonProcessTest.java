package io.sluice.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sluice.control.config.SampleConfig;
import io.sluice.control.http.RawClient;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The daemon as a process of its own: signals and exit codes. */
class DaemonProcessTest {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    @TempDir
    private Path directory;
    private Process process;

    @BeforeEach
    void write() throws IOException {
        Files.writeString(directory.resolve("sluice.yaml"), SampleConfig.in(directory));
    }

    @AfterEach
    void end() {
        if (process != null) {
            process.destroyForcibly();
        }
    }

    private Path socket() {
        return directory.resolve("run/api.sock");
    }

    private void start() throws IOException {
        process = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-cp",
            System.getProperty("java.class.path"), RecordingDaemon.class.getName(), "--config", directory.resolve("sluice.yaml").toString())
            .redirectErrorStream(true).redirectOutput(directory.resolve("log").toFile()).start();
    }

    private void startAndAwaitAnswer() throws IOException {
        start();
        await().atMost(PATIENCE).ignoreExceptions().until(() -> RawClient.get(socket(), "/readyz").startsWith("HTTP/1.1 200"));
    }

    private String log() throws IOException {
        return Files.readString(directory.resolve("log"));
    }

    @Test
    void shouldEndCleanlyOnSigterm() throws Exception {
        startAndAwaitAnswer();

        process.destroy();

        assertThat(process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).isZero();
        assertThat(log()).contains("INFO running: 2 listeners").contains("INFO stopped; connections are in the table of record")
            .doesNotContain("helidon");
        assertThat(socket()).doesNotExist();
    }

    @Test
    void shouldStartAgainAfterAKill() throws Exception {
        startAndAwaitAnswer();
        process.destroyForcibly();
        assertThat(process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
        assertThat(socket()).exists();

        startAndAwaitAnswer();

        assertThat(process.isAlive()).isTrue();
    }

    @Test
    void shouldExitWithTwoWhenTheConfigurationIsWrong() throws Exception {
        Files.writeString(directory.resolve("sluice.yaml"), "nonsense: true");

        start();

        assertThat(process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).isEqualTo(2);
        assertThat(log().lines().count()).isEqualTo(3);
        assertThat(log()).contains("the key \"nonsense\" is not known here");
    }
}
