package io.sluice.control.store;

import io.sluice.control.config.ConfigDocument;
import io.sluice.control.model.SluiceConfig;
import io.sluice.control.yaml.Position;
import io.sluice.control.yaml.Violation;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** The sections that hold for the life of the process. */
final class FixedSettings {
    private static final List<String> SECTIONS = List.of("node", "dataplane");

    private FixedSettings() {
    }

    static void check(final SluiceConfig running, final SluiceConfig wanted) throws RestartNeededException {
        final Map<String, Object> now = ConfigDocument.of(running);
        final Map<String, Object> then = ConfigDocument.of(wanted);
        final List<Violation> violations = new ArrayList<>();
        for (final String section : SECTIONS) {
            final Map<?, ?> settings = (Map<?, ?>) now.get(section);
            final Map<?, ?> others = (Map<?, ?>) then.get(section);
            settings.forEach((key, value) -> {
                final Object other = others.get(key);
                if (!Objects.equals(value, other)) {
                    violations.add(new Violation(Position.START, section + "." + key, String.valueOf(other), "is " + value
                        + " while the daemon runs; put it back, or restart the daemon with the new file to get " + other));
                }
            });
        }
        if (!violations.isEmpty()) {
            throw new RestartNeededException(violations);
        }
    }
}
