package io.sluice.dataplane.os;

/**
 * A raw packet socket on one interface: <a href="https://man7.org/linux/man-pages/man7/packet.7.html">packet(7)</a>, of
 * type {@code SOCK_RAW}, non-blocking, with {@code PACKET_VNET_HDR} and {@code PACKET_IGNORE_OUTGOING}.
 *
 * <pre>
 *                 fits in a slot    {@link #ring}       read in place: no system call
 *   frames  -->
 *                 longer            {@link #receive}    its place is kept by a slot of the ring
 * </pre>
 *
 * <p>A new socket receives nothing until it is {@link #bind bound}. One thread may receive while another sends and a third
 * binds: the kernel serialises them. Calls that can fail return a negative number of errno(3).
 */
public interface PacketSocket extends AutoCloseable {
    /** {@code sll_pkttype}: the frame is addressed to another host. */
    int PACKET_OTHERHOST = 3;
    /** {@code sll_pkttype}: the frame was sent by this host. */
    int PACKET_OUTGOING = 4;

    /**
     * The descriptor, for poll(2).
     *
     * @return an open file descriptor, the same for the life of the socket
     */
    int fileDescriptor();

    /**
     * Receives all protocols of an interface from now on, and sends by it: bind(2) with {@code ETH_P_ALL}. A socket may be
     * bound again, for example to an interface that was made anew under the old name. One that is opened for a fan-out group
     * joins the interface's, as the member after those that joined before.
     *
     * @param interfaceIndex of the interface
     * @return 0, or a negative errno: {@code ENODEV} if it is gone
     */
    int bind(int interfaceIndex);

    /**
     * The ring that frames are received into. It is another one after {@link #bind} has moved a member of a fan-out group to a
     * new interface, so it has to be asked for each time. Receiving thread only.
     *
     * @return where the next frame will be, or its notice
     */
    PacketRing ring();

    /**
     * Receives what is longer than a slot of the ring, without waiting:
     * <a href="https://man7.org/linux/man-pages/man2/recvmmsg.2.html">recvmmsg(2)</a>. Receiving thread only.
     *
     * @param batch messages whose buffers are set
     * @param first index of the first message to fill
     * @param count messages to fill at most; 0 to learn only of an error that waits on the socket
     * @return messages filled, or a negative errno: {@code EAGAIN} when there are none, {@code ENETDOWN} once after the
     *     interface went down or away
     */
    int receive(MessageBatch batch, int first, int count);

    /**
     * Sends without waiting:
     * <a href="https://man7.org/linux/man-pages/man2/sendmmsg.2.html">sendmmsg(2)</a>. Sending thread only.
     *
     * @param batch messages whose buffers and headers are set
     * @param first index of the first message to send
     * @param count messages to send, 1 or more
     * @return messages sent, 1 or more; or a negative errno that concerns the first message alone, the others not having
     *     been tried
     */
    int send(MessageBatch batch, int first, int count);

    /**
     * Frames that the kernel dropped because the ring was full, since the last call of this method
     * ({@code PACKET_STATISTICS}).
     *
     * @return 0 or more
     */
    int takeDrops();

    /**
     * Takes away the error that is waiting on the socket for the next call of any kind ({@code SO_ERROR} of socket(7)).
     *
     * @return a number of errno(3), or 0
     */
    int takeError();

    /** Closes the descriptor. No other method may run then or later; closing again does nothing. */
    @Override
    void close();
}
