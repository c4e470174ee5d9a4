package io.sluice.control.store;

import io.sluice.control.compile.SpecCompiler;
import io.sluice.control.config.ConfigReader;
import io.sluice.control.model.SluiceConfig;
import io.sluice.control.yaml.InvalidConfigException;
import io.sluice.dataplane.api.DataplaneControl;
import io.sluice.dataplane.api.DataplaneException;
import io.sluice.dataplane.api.ForwardingSpec;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The configuration in force. May be called by any thread: applies wait for each other, readers never wait.
 *
 * <p>The file that the daemon was started with is the truth: a restart loads it, whatever was applied in between. An apply
 * whose text differs from that file says so.
 */
public final class RunningConfiguration {
    private final DataplaneControl dataplane;
    private final Path file;
    private final InstantSource clock;
    private final AppliedFile appliedFile;
    private final ReentrantLock applying = new ReentrantLock();
    private volatile Revision current;

    /**
     * Puts the first configuration into force.
     *
     * @param dataplane a running data plane
     * @param file      the file that the configuration was read from, which a restart loads again
     * @param yaml      its text
     * @param config    its meaning
     * @param clock     tells when revisions began
     * @throws DataplaneException if the data plane refuses it
     */
    public RunningConfiguration(final DataplaneControl dataplane, final Path file, final String yaml, final SluiceConfig config,
                                final InstantSource clock) {
        this.dataplane = dataplane;
        this.file = file;
        this.clock = clock;
        this.appliedFile = new AppliedFile(config.node().stateDirectory());
        dataplane.apply(SpecCompiler.compile(config, 1));
        current = new Revision(1, now(), config, yaml);
    }

    /**
     * Replaces the configuration in force, whole or not at all.
     *
     * @param yaml   the new configuration
     * @param dryRun only say what would happen; the data plane is not asked
     * @return what changed
     * @throws InvalidConfigException  if it is wrong; nothing changed
     * @throws RestartNeededException  if it differs in {@code node} or {@code dataplane}; nothing changed
     * @throws DataplaneException      if the data plane refuses it; nothing changed
     */
    public Outcome apply(final byte[] yaml, final boolean dryRun) throws InvalidConfigException, RestartNeededException {
        final SluiceConfig wanted = ConfigReader.read(yaml);
        final String text = new String(yaml, StandardCharsets.UTF_8);
        applying.lock();
        try {
            FixedSettings.check(current.config(), wanted);
            final ForwardingSpec before = SpecCompiler.compile(current.config(), current.number());
            final ForwardingSpec after = SpecCompiler.compile(wanted, current.number() + 1);
            final List<String> changes = Changes.between(before, after);
            if (dryRun) {
                return new Outcome(current.number(), true, changes, List.of());
            }
            dataplane.apply(after);
            current = new Revision(after.revision(), now(), wanted, text);
            return new Outcome(after.revision(), false, changes, remember());
        } finally {
            applying.unlock();
        }
    }

    private Instant now() {
        return clock.instant().truncatedTo(ChronoUnit.SECONDS);
    }

    /**
     * What is in force.
     *
     * @return the revision
     */
    public Revision current() {
        return current;
    }

    /**
     * The file that a restart loads.
     *
     * @return its path
     */
    public Path file() {
        return file;
    }

    /**
     * Whether a restart would change the configuration.
     *
     * @return true if the file's text is not the one in force, or it cannot be read
     */
    public boolean fileDiffers() {
        try {
            return !Files.readString(file).equals(current.yaml());
        } catch (final IOException e) {
            return true;
        }
    }

    /**
     * Stores the text in force in the state directory.
     *
     * @return warnings: it could not be stored, or a restart would load something else
     */
    public List<String> remember() {
        final List<String> warnings = new ArrayList<>();
        try {
            appliedFile.write(current.yaml());
        } catch (final IOException e) {
            warnings.add("the applied configuration could not be stored as " + appliedFile.path() + " (" + e
                + "); it is in force all the same");
        }
        if (fileDiffers()) {
            warnings.add("in force until the daemon restarts: a restart loads " + file + ", which is different; copy the new "
                + "configuration there to keep it");
        }
        return warnings;
    }
}
