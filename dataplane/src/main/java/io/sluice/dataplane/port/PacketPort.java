package io.sluice.dataplane.port;

/**
 * One interface's way in and out: a raw socket, an AF_XDP socket, a capture file, or memory.
 *
 * <pre>
 *   receiving thread   poll --> Burst ... path ... Burst --> transmit, flush   sending thread
 *   control thread     checkLink, about once a second
 *   any thread         isUp, name, fileDescriptor, transmitFailures, receiveFailures
 * </pre>
 *
 * <p>Life of a frame: {@link #poll} takes it from the port's {@link FramePool} and puts it into a burst; from then on the
 * pipeline owns it, until it is either {@link #transmit transmitted} by some port or released to its pool. A port that has
 * sent a frame releases it to the pool that {@link Frames#release} finds, at once or (AF_XDP) when the kernel completes it.
 *
 * <p>{@link #poll} is called by the lane's receiving thread, {@link #transmit} and {@link #flush} by its sending thread;
 * in SHARED mode these are one. {@link #close} comes after both have ended.
 */
public interface PacketPort extends AutoCloseable {
    /**
     * Receives what is there, without waiting, and appends it to the burst up to the burst's capacity. Called when the port's
     * {@link #fileDescriptor} is ready, and some times a second in any case.
     *
     * @param burst where the frames go, with this port's index
     * @return frames appended, 0 if there was nothing
     */
    int poll(Burst burst);

    /**
     * Queues one frame for sending. Ownership passes to the port, also when it cannot be sent.
     *
     * @param burst the burst that describes the frame
     * @param i     its index there
     */
    void transmit(Burst burst, int i);

    /**
     * Sends everything queued, and releases frames that have gone.
     *
     * @return frames sent by this call
     */
    int flush();

    /**
     * A file descriptor that poll(2) reports readable when there is something to receive. It stays the same for the life of
     * the port, also when the interface goes away and comes back.
     *
     * @return descriptor, or -1 if the port has none and must be polled
     */
    int fileDescriptor();

    /**
     * Whether the port can receive and send: false after the interface went away or down. Turns true again only in
     * {@link #checkLink}.
     *
     * @return true while usable
     */
    boolean isUp();

    /**
     * Looks whether the interface went away, went down or came back, also as a new one of the same name, and picks it up.
     * Called by the control thread about once a second, or when told that a link changed; the packet threads go on
     * meanwhile. Costs a few system calls and may allocate.
     *
     * @throws io.sluice.dataplane.api.DataplaneException if the interface is there but can not be used, or loses packets for
     *     a reason that people can remove; the message says which. The port goes on, and tries again at the next call
     */
    default void checkLink() {
    }

    /**
     * The interface or file.
     *
     * @return name for messages
     */
    String name();

    /**
     * What kind of port it is.
     *
     * @return {@code afpacket}, {@code afxdp}, {@code pcap}, {@code memory}
     */
    String kind();

    /**
     * How it has come to terms with the interface, for people.
     *
     * @return such as {@code native mode, copy, 2 queues}; may change in {@link #checkLink}; empty if there is nothing to say
     */
    default String detail() {
        return "";
    }

    /**
     * Frames that could not be sent, since the start.
     *
     * @return count, for any thread
     */
    long transmitFailures();

    /**
     * Frames that were there to receive but were lost before {@link #poll} could return them, since the start.
     *
     * @return count, for any thread; what only the kernel knows is up to date as of the last {@link #checkLink}
     */
    long receiveFailures();

    /** Closes the port and releases the frames it holds. Closing again does nothing. */
    @Override
    void close();
}
