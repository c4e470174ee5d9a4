package io.sluice.dataplane.os;

/**
 * One descriptor that is readable when any of a changing set of descriptors is:
 * <a href="https://man7.org/linux/man-pages/man7/epoll.7.html">epoll(7)</a>. A descriptor leaves the set when it is closed.
 */
public interface ReadySet extends AutoCloseable {
    /**
     * The descriptor, for poll(2).
     *
     * @return the same for the life of the set
     */
    int fileDescriptor();

    /**
     * Puts a descriptor into the set.
     *
     * @param fileDescriptor open, and not in the set yet
     * @throws SystemCallException if the kernel refuses
     */
    void add(int fileDescriptor);

    /** Closes the set's own descriptor. Closing again does nothing. */
    @Override
    void close();
}
