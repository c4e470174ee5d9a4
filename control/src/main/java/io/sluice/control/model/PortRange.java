package io.sluice.control.model;

import io.sluice.dataplane.api.LocalPoolSpec;

/**
 * Ports from first to last, both included.
 *
 * @param first 1 to 65535
 * @param last  first to 65535
 */
public record PortRange(int first, int last) {
    /** The range of a local pool when nothing is configured. */
    public static final PortRange DEFAULT = new PortRange(LocalPoolSpec.DEFAULT_FIRST_PORT, LocalPoolSpec.DEFAULT_LAST_PORT);

    @Override
    public String toString() {
        return first + "-" + last;
    }
}
