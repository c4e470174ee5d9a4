package io.sluice.dataplane.port.afxdp;

/**
 * Which queues of an interface are a lane's: every {@code lanes}-th one, beginning with its own number.
 *
 * @param lane  0 to {@code lanes} - 1
 * @param lanes 1 or more
 */
public record LaneShare(int lane, int lanes) {
    /** The only lane has all queues. */
    public static final LaneShare ALL = new LaneShare(0, 1);

    /**
     * How many queues the lane has.
     *
     * @param queues receive queues of the interface
     * @return 0 if there are more lanes than queues
     */
    public int count(final int queues) {
        return (queues - lane + lanes - 1) / lanes;
    }

    /**
     * One of the lane's queues.
     *
     * @param i 0 to {@link #count} - 1
     * @return its number at the interface
     */
    int queue(final int i) {
        return lane + i * lanes;
    }
}
