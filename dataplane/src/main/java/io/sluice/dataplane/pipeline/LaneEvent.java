package io.sluice.dataplane.pipeline;

import io.sluice.dataplane.port.Burst;

/**
 * A slot of a lane's Disruptor: the frames received in one turn, those the path made itself, and the time of the turn.
 *
 * <p>Belongs to the receiving, the path and the sending stage one after the other.
 */
public final class LaneEvent {
    private final Burst received = new Burst();
    private final Burst made = new Burst();
    private long nowNs;

    /**
     * Frames taken from the ports; the path decides on each.
     *
     * @return the burst
     */
    public Burst received() {
        return received;
    }

    /**
     * Frames of the path's own making, all to be forwarded.
     *
     * @return the burst
     */
    public Burst made() {
        return made;
    }

    /**
     * The time of the turn: read once.
     *
     * @return nanoseconds since 1970, never going backwards
     */
    public long nowNs() {
        return nowNs;
    }

    /**
     * Sets the time. Receiving stage.
     *
     * @param value nanoseconds since 1970
     */
    public void nowNs(final long value) {
        nowNs = value;
    }
}
