package io.sluice.control.store;

import io.sluice.control.yaml.Violation;
import java.util.List;

/** A valid configuration that changes what cannot change while the daemon runs. Nothing was changed. */
public final class RestartNeededException extends Exception {
    private static final long serialVersionUID = 1L;

    private final transient List<Violation> violations;

    /**
     * With the settings that differ.
     *
     * @param violations at least one
     */
    public RestartNeededException(final List<Violation> violations) {
        super("the configuration changes settings that hold until the daemon is restarted");
        this.violations = List.copyOf(violations);
    }

    /**
     * The settings that differ.
     *
     * @return at least one
     */
    public List<Violation> violations() {
        return violations;
    }
}
