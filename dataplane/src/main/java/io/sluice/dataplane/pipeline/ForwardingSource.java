package io.sluice.dataplane.pipeline;

import io.sluice.dataplane.service.ForwardingTable;

/**
 * The newest configuration, and the lane's word that it has taken it. One release store by the control thread, one acquire
 * load per turn by the lane.
 */
public final class ForwardingSource {
    private volatile ForwardingTable newest;
    private volatile ForwardingTable taken;

    /**
     * With a first configuration.
     *
     * @param first what holds from the start
     */
    public ForwardingSource(final ForwardingTable first) {
        this.newest = first;
        this.taken = first;
    }

    /**
     * Puts a configuration into force. Control thread.
     *
     * @param table compiled
     */
    public void publish(final ForwardingTable table) {
        newest = table;
    }

    /**
     * The newest configuration. Any thread.
     *
     * @return never null
     */
    public ForwardingTable newest() {
        return newest;
    }

    /**
     * Whether the lane has taken the newest configuration. Any thread.
     *
     * @return true once no older one is in use
     */
    public boolean isTaken() {
        return taken == newest;
    }

    /** The configuration for this turn: what the lane held before is no longer in use. Path thread. */
    ForwardingTable current() {
        final ForwardingTable table = newest;
        if (table != taken) {
            taken = table;
        }
        return table;
    }
}
