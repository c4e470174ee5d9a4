package io.sluice.dataplane.os;

import java.lang.foreign.MemorySegment;

/**
 * A socket on one receive and transmit queue of an interface:
 * <a href="https://docs.kernel.org/networking/af_xdp.html">AF_XDP</a>. Frames lie in memory that the process gives to the
 * kernel (UMEM); rings of descriptors in shared memory say whose they are.
 *
 * <pre>
 *            process                            kernel
 *   free frames --&gt; [ fill ] -------------------&gt; writes a frame into it
 *   received    &lt;-- [ rx ] &lt;--------------------- this is received
 *   to be sent  --&gt; [ tx ] ---------------------&gt; sends it
 *   free again  &lt;-- [ completion ] &lt;------------- has been sent
 * </pre>
 *
 * <p>Life: open; {@link #register} or nothing; {@link #makeRings}; {@link #bind}. One thread may use fill and rx while
 * another uses tx and completion. Calls that can fail return a negative number of errno(3).
 */
public interface XdpSocket extends AutoCloseable {
    /** Bytes that the kernel leaves free before a received frame ({@code XDP_PACKET_HEADROOM}). */
    int HEADROOM = 256;
    /** {@link #bind}: use the memory of another bound socket; excludes all other flags. */
    int SHARED_UMEM = 1;
    /** {@link #bind}: the kernel copies between its buffers and the frames; any driver. */
    int COPY = 2;
    /** {@link #bind}: the device reads and writes the frames; drivers that can. */
    int ZERO_COPY = 4;
    /** {@link #bind}: rings say whether the kernel wants to be woken up. */
    int USE_NEED_WAKEUP = 8;

    /**
     * The descriptor, for poll(2) and for the map of a steering program.
     *
     * @return an open file descriptor
     */
    int fileDescriptor();

    /**
     * Gives the kernel the memory of all frames. What it pins counts as locked memory, unless the process has
     * {@code CAP_IPC_LOCK}.
     *
     * @param memory      begins on a page
     * @param chunkLength bytes of a frame, a power of two from 2048 to the page size
     * @return 0, or a negative errno: {@code ENOBUFS} if the limit on locked memory is too low
     */
    int register(MemorySegment memory, int chunkLength);

    /**
     * Makes and maps the four rings. Each has room for as many frames.
     *
     * @param size a power of two
     * @return 0, or a negative errno
     */
    int makeRings(int size);

    /**
     * Takes over a queue.
     *
     * @param interfaceIndex of the interface
     * @param queue          0 or more
     * @param flags          {@link #SHARED_UMEM}, or {@link #COPY} or {@link #ZERO_COPY} with {@link #USE_NEED_WAKEUP}
     * @param sharedWith     descriptor of a bound socket for {@link #SHARED_UMEM}, else 0
     * @return 0, or a negative errno: {@code EBUSY} if the queue has a socket, also shortly after that was closed;
     *     {@code EINVAL} if there is no such queue; {@code EOPNOTSUPP} if the driver has no zero-copy
     */
    int bind(int interfaceIndex, int queue, int flags, int sharedWith);

    /**
     * Whether a transmit descriptor may carry metadata (see {@link XdpRing#TRANSMIT_METADATA}): Linux 6.11.
     *
     * @return true once {@link #register} of this socket has found it so; it holds for all that share the memory
     */
    boolean hasTransmitMetadata();

    /**
     * Free frames on their way to the kernel. Receiving thread.
     *
     * @return the ring
     */
    XdpRing fill();

    /**
     * Received frames. Receiving thread.
     *
     * @return the ring
     */
    XdpRing received();

    /**
     * Frames to be sent. Sending thread.
     *
     * @return the ring
     */
    XdpRing transmit();

    /**
     * Frames that have been sent. Sending thread.
     *
     * @return the ring
     */
    XdpRing completion();

    /**
     * Makes the kernel look at the fill ring: recvfrom(2) without a buffer. Receiving thread.
     */
    void wakeReceive();

    /**
     * Makes the kernel send what is in the transmit ring: sendto(2) without a buffer. Sending thread.
     *
     * @return 0, or a negative errno: {@code EAGAIN} if there is more to send, {@code EBUSY} and {@code ENOBUFS} if the
     *     device's queue is full, {@code ENETDOWN} and {@code ENXIO} if the interface is down or away
     */
    int wakeTransmit();

    /**
     * Frames for which the kernel had no room or no free frame, since the socket was bound ({@code XDP_STATISTICS}).
     *
     * @return 0 or more
     */
    long drops();

    /** Closes the descriptor and unmaps the rings. No other method may run then or later; closing again does nothing. */
    @Override
    void close();
}
