package io.sluice.dataplane.os;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;

/**
 * A {@code NETLINK_ROUTE} or {@code NETLINK_GENERIC} socket: <a href="https://man7.org/linux/man-pages/man7/netlink.7.html">netlink(7)</a>.
 *
 * <p>One thread at a time; only {@link #wakeUp} may be called by any thread at any time, also after {@link #close}.
 */
public interface Netlink extends AutoCloseable {
    /** {@link #receive}: the socket's buffer overflowed and notifications were lost (ENOBUFS); everything has to be dumped again. */
    int OVERRUN = -1;

    /**
     * Subscribes to notifications.
     *
     * @param group one of {@link Rtnetlink}'s groups
     * @throws NetlinkException if the kernel refuses
     */
    void join(int group);

    /**
     * Sends one request.
     *
     * @param request from its position to its limit; both are left alone
     * @throws NetlinkException if the kernel does not take it
     */
    void send(ByteBuffer request);

    /**
     * Takes one datagram from the kernel, without waiting. What other processes send is dropped.
     *
     * @return bytes in {@link #buffer}, 0 if there is nothing, or {@link #OVERRUN}
     * @throws NetlinkException if the socket fails
     */
    int receive();

    /**
     * Where {@link #receive} puts a datagram: one or several messages.
     *
     * @return memory that stays valid until {@link #close}
     */
    MemorySegment buffer();

    /**
     * Waits until there is something to receive, {@link #wakeUp} is called, or the time is over.
     *
     * @param timeoutMs 0 or more
     * @return true if there is something to receive
     */
    boolean await(int timeoutMs);

    /** Ends a running or the next {@link #await}. Any thread; does not block, allocates nothing. */
    void wakeUp();

    @Override
    void close();
}
