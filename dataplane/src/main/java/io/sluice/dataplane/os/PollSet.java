package io.sluice.dataplane.os;

/**
 * Waiting for any of a fixed set of descriptors:
 * <a href="https://man7.org/linux/man-pages/man2/poll.2.html">ppoll(2)</a>, together with an
 * <a href="https://man7.org/linux/man-pages/man2/eventfd.2.html">eventfd(2)</a> of its own by which other threads end the
 * wait. Allocates nothing after construction.
 */
public interface PollSet extends AutoCloseable {
    /**
     * Waits until a descriptor is readable or has an error, {@link #signal} was called, or the time is over. One thread.
     * Takes the signal away.
     *
     * @param timeoutNs nanoseconds, 0 or more
     * @return descriptors that are ready, 0 if only the time is over, a signal arrived, or the wait was interrupted
     */
    int await(long timeoutNs);

    /**
     * Whether the last {@link #await} found a descriptor readable or in error.
     *
     * @param i index of the descriptor
     * @return true if so
     */
    boolean isReady(int i);

    /** Ends the wait that is under way, or else the next one. Any thread. */
    void signal();

    /** Closes the eventfd, not the other descriptors. No thread may be waiting. */
    @Override
    void close();
}
