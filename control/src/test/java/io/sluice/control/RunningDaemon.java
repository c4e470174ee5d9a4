package io.sluice.control;

import io.sluice.control.config.SampleConfig;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** A whole daemon in a directory of its own, with a real socket and a data plane that only remembers. */
public final class RunningDaemon implements AutoCloseable {
    private final Path directory;
    private final RecordingDataplane dataplane = new RecordingDataplane();
    private final ByteArrayOutputStream log = new ByteArrayOutputStream();
    private final Daemon daemon;

    /** Starts it with the sample configuration. */
    public RunningDaemon(final Path directory) throws Exception {
        this.directory = directory;
        if (!Files.exists(file())) {
            Files.writeString(file(), yaml());
        }
        daemon = Daemon.start(file(), dataplane::open, new OperatorLog(new PrintStream(log, true, StandardCharsets.UTF_8)));
    }

    /** The sample configuration of this directory. */
    public String yaml() {
        return SampleConfig.in(directory);
    }

    public Path file() {
        return directory.resolve("sluice.yaml");
    }

    public Path socket() {
        return directory.resolve("run/api.sock");
    }

    public Path state() {
        return directory.resolve("state");
    }

    public RecordingDataplane dataplane() {
        return dataplane;
    }

    public String log() {
        return log.toString(StandardCharsets.UTF_8);
    }

    /** Writes a file beside the configuration. */
    public Path write(final String name, final String yaml) throws IOException {
        return Files.writeString(directory.resolve(name), yaml);
    }

    @Override
    public void close() {
        daemon.close();
    }
}
