package io.sluice.dataplane.api;

/**
 * What one lane has of things that are numbered and dealt out one after the other: receive queues of an interface, local ports.
 * Lane {@code l} of {@code n} has those whose number leaves {@code l} when divided by {@code n}. So whoever sees the number
 * knows the lane.
 *
 * @param lane  number of the lane, from 0
 * @param lanes number of lanes, 1 or more
 */
public record LaneShare(int lane, int lanes) {
    /** Everything: there is one lane. */
    public static final LaneShare ALL = new LaneShare(0, 1);

    /**
     * Checks the numbers.
     *
     * @throws IllegalArgumentException if there is no such lane
     */
    public LaneShare {
        if (lanes < 1 || lane < 0 || lane >= lanes) {
            throw new IllegalArgumentException("lane " + lane + " of " + lanes);
        }
    }

    /**
     * How many of the numbers from 0 on are the lane's.
     *
     * @param total how many there are
     * @return 0 if there are too few for every lane to have one
     */
    public int count(final int total) {
        return (total - lane + lanes - 1) / lanes;
    }

    /**
     * One of the lane's numbers.
     *
     * @param i 0 or more
     * @return the number
     */
    public int number(final int i) {
        return lane + i * lanes;
    }

    /**
     * The first number of the lane within a range.
     *
     * @param first where the range begins
     * @return the smallest number of the lane that is not below it
     */
    public int firstFrom(final int first) {
        return first + Math.floorMod(lane - first, lanes);
    }
}
