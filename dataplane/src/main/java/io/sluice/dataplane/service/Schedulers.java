package io.sluice.dataplane.service;

import io.sluice.dataplane.api.SchedulerKind;

/** The registry: which class is which {@link SchedulerKind}. */
public final class Schedulers {
    private Schedulers() {
    }

    /**
     * Makes a scheduler for one lane. Control thread: a consistent hash takes some milliseconds for a group's first.
     *
     * @param kind  as configured
     * @param group the members
     * @return a scheduler whose turns start anew
     */
    public static Scheduler create(final SchedulerKind kind, final ServerGroup group) {
        return switch (kind) {
            case ROUND_ROBIN -> new RoundRobin(group);
            case WEIGHTED_ROUND_ROBIN -> new WeightedRoundRobin(group);
            case WEIGHTED_LEAST_CONNECTIONS -> new WeightedLeastConnections(group);
            case SOURCE_HASH -> new ConsistentHash(group, false);
            case SOURCE_PORT_HASH -> new ConsistentHash(group, true);
        };
    }
}
