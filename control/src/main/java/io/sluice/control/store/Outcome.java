package io.sluice.control.store;

import java.util.List;

/**
 * What an apply did, or would have done.
 *
 * @param revision number of the revision in force now
 * @param dryRun   nothing was changed
 * @param changes  one short sentence per difference; empty if there is none
 * @param warnings what the operator should know
 */
public record Outcome(long revision, boolean dryRun, List<String> changes, List<String> warnings) {
    /** Copies the lists. */
    public Outcome {
        changes = List.copyOf(changes);
        warnings = List.copyOf(warnings);
    }
}
