package io.sluice.dataplane.service;

/**
 * Picks the backend of a new connection among the members of one {@link ServerGroup}. Members with weight 0 are never picked.
 *
 * <p>Belongs to one lane; keeps its turn between picks; allocates nothing. Made by {@link Schedulers#create}.
 */
public interface Scheduler {
    /** No member has a weight above 0. */
    int NONE = -1;

    /**
     * Picks a member and takes its turn. Lane thread.
     *
     * @param clientHigh client's address, first eight bytes
     * @param clientLow  client's address, last eight bytes
     * @param clientPort client's port, 0 to 65535
     * @return index of the member in the group, or {@link #NONE}
     */
    int pick(long clientHigh, long clientLow, int clientPort);

    /**
     * What {@link #pick} would give now, changing nothing. Exact on the lane thread; from any other a good guess.
     *
     * @param clientHigh client's address, first eight bytes
     * @param clientLow  client's address, last eight bytes
     * @param clientPort client's port, 0 to 65535
     * @return index of the member in the group, or {@link #NONE}
     */
    int peek(long clientHigh, long clientLow, int clientPort);
}
