package io.sluice.control;

import io.sluice.control.compile.SpecCompiler;
import io.sluice.control.config.ConfigReader;
import io.sluice.control.http.ApiServer;
import io.sluice.control.http.ApiSocket;
import io.sluice.control.model.SluiceConfig;
import io.sluice.control.store.AppliedFile;
import io.sluice.control.store.RunningConfiguration;
import io.sluice.control.yaml.InvalidConfigException;
import io.sluice.dataplane.Dataplane;
import io.sluice.dataplane.DataplaneConfig;
import io.sluice.dataplane.api.DataplaneControl;
import io.sluice.dataplane.api.DataplaneException;
import io.sluice.dataplane.api.DataplaneStatus;
import io.sluice.dataplane.api.ForwardingSpec;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;

/**
 * The load balancer as a process: reads the configuration file, and only when it is right claims the API socket, starts the
 * data plane, puts the configuration into force and serves the API, until it is closed.
 */
public final class Daemon implements AutoCloseable {
    private final OperatorLog log;
    private final ApiSocket socket;
    private final DataplaneControl dataplane;
    private final AtomicBoolean closed = new AtomicBoolean();
    private ApiServer api;

    private Daemon(final OperatorLog log, final ApiSocket socket, final DataplaneControl dataplane) {
        this.log = log;
        this.socket = socket;
        this.dataplane = dataplane;
    }

    /**
     * Runs the daemon until SIGTERM or SIGINT.
     *
     * @param args {@code --config FILE}; {@code --help} tells more
     */
    public static void main(final String[] args) {
        DaemonProcess.run(args, Dataplane::open);
    }

    /**
     * Starts everything, or nothing.
     *
     * @param file   the configuration file
     * @param opener opens a data plane with concluded settings
     * @param log    where the operator reads
     * @return a daemon whose configuration is in force and whose API answers
     * @throws IOException            if the file cannot be read
     * @throws InvalidConfigException if the file is wrong; nothing was touched
     * @throws DataplaneException     with what is in the way and what to do
     */
    public static Daemon start(final Path file, final Function<DataplaneConfig, DataplaneControl> opener, final OperatorLog log)
        throws IOException, InvalidConfigException {
        final byte[] yaml = read(file);
        final SluiceConfig config = ConfigReader.read(yaml);
        log.say("sluice " + Version.text() + ", node " + config.node().name() + ", configuration " + file);
        final ApiSocket socket = ApiSocket.claim(config.node().socket());
        DataplaneControl dataplane = null;
        try {
            dataplane = opener.apply(config.dataplane());
            dataplane.start();
            final Daemon daemon = new Daemon(log, socket, dataplane);
            daemon.begin(file, new String(yaml, StandardCharsets.UTF_8), config);
            return daemon;
        } catch (final RuntimeException e) {
            closeAfter(e, dataplane);
            closeAfter(e, socket);
            throw e;
        }
    }

    /** Ends the API, then the packets; connections are kept in the table of record. Again is harmless. */
    @Override
    public void close() {
        if (closed.getAndSet(true)) {
            return;
        }
        try (dataplane) {
            api.close();
        }
        log.say("stopped; connections are in the table of record and go on with the next start");
    }

    private void begin(final Path file, final String yaml, final SluiceConfig config) {
        final AppliedFile applied = new AppliedFile(config.node().stateDirectory());
        final boolean another = applied.read().map(text -> !text.equals(yaml)).orElse(false);
        final RunningConfiguration configuration = new RunningConfiguration(dataplane, file, yaml, config, InstantSource.system());
        if (another) {
            log.warn(file + " differs from the configuration that was last in force on this node (" + applied.path()
                + "). The file is what counts, and is in force now");
        }
        configuration.remember().forEach(log::warn);
        api = ApiServer.start(socket, dataplane, configuration, Version.text(), InstantSource.system());
        final DataplaneStatus status = dataplane.status();
        final ForwardingSpec spec = SpecCompiler.compile(config, 1);
        log.say("running: " + count(spec.listeners().size(), "listener") + " on " + count(spec.virtualAddresses().size(),
            "virtual address") + ", " + count(status.restored(), "connection") + " restored, API on " + socket.path());
    }

    private static byte[] read(final Path file) throws IOException {
        try {
            return Files.readAllBytes(file);
        } catch (final NoSuchFileException e) {
            throw new IOException("there is no file " + file + ". Name one with --config FILE; examples are in tools/dist/samples", e);
        } catch (final IOException e) {
            throw new IOException("cannot read " + file + " (" + e + ")", e);
        }
    }

    private static void closeAfter(final RuntimeException failure, final AutoCloseable resource) {
        try {
            if (resource != null) {
                resource.close();
            }
        } catch (final Exception e) {
            failure.addSuppressed(e);
        }
    }

    private static String count(final long number, final String noun) {
        final String plural = noun.endsWith("s") ? noun + "es" : noun + "s";
        return number + " " + (number == 1 ? noun : plural);
    }
}
