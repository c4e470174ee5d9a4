package io.sluice.dataplane.nat;

/**
 * Which local ports are a lane's: those whose number leaves the lane's number when divided by the number of lanes. So whoever
 * sees the destination port of a real server's answer knows the lane, whatever pool the port is from.
 *
 * @param lane  number of the lane, from 0
 * @param lanes number of lanes, 1 or more
 */
public record PortShare(int lane, int lanes) {
    /** Every port: there is one lane. */
    public static final PortShare ALL = new PortShare(0, 1);

    /**
     * Checks the numbers.
     *
     * @throws IllegalArgumentException if there is no such lane
     */
    public PortShare {
        if (lanes < 1 || lane < 0 || lane >= lanes) {
            throw new IllegalArgumentException("lane " + lane + " of " + lanes);
        }
    }

    /**
     * The first port of the share within a range.
     *
     * @param first first port of the range
     * @return the smallest port of the lane that is not below it
     */
    int firstFrom(final int first) {
        return first + Math.floorMod(lane - first, lanes);
    }
}
