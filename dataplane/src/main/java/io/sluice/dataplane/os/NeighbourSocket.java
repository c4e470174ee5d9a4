package io.sluice.dataplane.os;

import java.lang.foreign.MemorySegment;

/**
 * A raw packet socket for ARP and IPv6 neighbour discovery on all interfaces of a network namespace:
 * <a href="https://man7.org/linux/man-pages/man7/packet.7.html">packet(7)</a> with a socket filter, so that nothing but ARP,
 * neighbour solicitations and neighbour advertisements comes up, and none of what this host sends. Frames with a VLAN tag belong
 * to the VLAN's interface and come up from there.
 *
 * <p>One thread at a time.
 */
public interface NeighbourSocket extends AutoCloseable {
    /** {@link #receive}: nothing there. */
    int NOTHING = -1;

    /**
     * Sends a frame.
     *
     * @param interfaceIndex by which interface
     * @param frame          memory that starts with the Ethernet header; off-heap
     * @param length         bytes of it
     * @return 0, or a negative errno: {@code ENETDOWN} if the interface is down, {@code ENXIO} if it is gone, {@code EAGAIN} or
     *     {@code ENOBUFS} if there is no room at the moment
     */
    int send(int interfaceIndex, MemorySegment frame, int length);

    /**
     * Hears every interface from now on. While it does, the kernel runs the filter over every packet that arrives.
     *
     * @throws SystemCallException if the kernel refuses
     */
    void listen();

    /** Stops hearing, at no cost for other packets until {@link #listen} is called again; forgets what has not been received. */
    void rest();

    /**
     * Takes a frame without waiting.
     *
     * @param frame off-heap memory for it; what does not fit is cut off
     * @return bytes in the memory, or {@link #NOTHING}
     */
    int receive(MemorySegment frame);

    /**
     * By which interface the last frame came.
     *
     * @return its index
     */
    int receivedBy();

    /**
     * Waits until there is something to receive, or the time is over.
     *
     * @param timeoutNs nanoseconds, 0 or more
     */
    void await(long timeoutNs);

    /** Closes the socket; closing again does nothing. */
    @Override
    void close();
}
