package io.sluice.dataplane.api;

import java.util.List;

/**
 * What the packet path would do with a new packet of a flow, stage by stage, from the live tables.
 *
 * @param steps   what each stage would decide, in the order of the path, up to the one that ends it
 * @param outcome the last word: forward, drop or pass, with where to or why
 */
public record Explanation(List<Step> steps, String outcome) {
    /** Copies the list. */
    public Explanation {
        steps = List.copyOf(steps);
    }

    /**
     * One stage.
     *
     * @param stage    name of the stage: classify, connection, listener, acl, limits, scheduler, lease, route, neighbour
     * @param decision what it says
     */
    public record Step(String stage, String decision) {
    }
}
