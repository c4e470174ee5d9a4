package io.sluice.control.store;

import io.sluice.control.model.SluiceConfig;
import java.time.Instant;

/**
 * A configuration that is, or was, in force.
 *
 * @param number 1 for the first since the daemon started
 * @param since  when it came into force
 * @param config the configuration
 * @param yaml   the text it was read from
 */
public record Revision(long number, Instant since, SluiceConfig config, String yaml) {
}
