package io.sluice.dataplane.port.afxdp;

import io.sluice.dataplane.os.NetworkDevice;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A port's sockets on one life of its interface. The control thread makes it and takes it away; in between the packet threads
 * use it.
 *
 * <pre>
 *   state, for each of the two packet threads
 *
 *   FREE ---- the thread finds the binding in force ----> USING
 *    ^                                                      | the thread finds it no longer in force
 *    +------ closed, and the thread has its frames ---- LEFT
 *            back
 * </pre>
 *
 * <p>Sockets are closed and rings unmapped only when neither thread is USING, so no thread ever touches an unmapped ring or
 * a descriptor that has become somebody else's, and no thread waits for that.
 */
final class Binding {
    private static final int FREE = 0;
    private static final int USING = 1;
    private static final int LEFT = 2;
    private static final int ZERO_COPY_SETTLES_AFTER = 2;

    private final int interfaceIndex;
    private final int deviceQueues;
    private final XskQueue[] queues;
    private final boolean unfinishedChecksums;
    private final AtomicInteger receiver = new AtomicInteger(FREE);
    private final AtomicInteger sender = new AtomicInteger(FREE);
    private volatile int longestFrame;
    private volatile boolean closed;
    private int timesAsked;

    Binding(final int interfaceIndex, final int deviceQueues, final XskQueue[] queues, final NetworkDevice.Driver driver) {
        this.interfaceIndex = interfaceIndex;
        this.deviceQueues = deviceQueues;
        this.queues = queues;
        this.unfinishedChecksums = Checksums.mayBePartial(driver);
    }

    int interfaceIndex() {
        return interfaceIndex;
    }

    /** Receive queues that the interface had, those of other lanes included. */
    int deviceQueues() {
        return deviceQueues;
    }

    /** The lane's share of the queues, at least one. */
    XskQueue[] queues() {
        return queues;
    }

    /** The queue by which the lane sends: one for all frames keeps them in order. */
    XskQueue transmitQueue() {
        return queues[0];
    }

    /** Whether a frame may come in whose transport checksum its sender has left to hardware that there never was. */
    boolean hasUnfinishedChecksums() {
        return unfinishedChecksums;
    }

    /** Bytes that a frame has at most if it is one packet. */
    int longestFrame() {
        return longestFrame;
    }

    void longestFrame(final int bytes) {
        longestFrame = bytes;
    }

    AtomicInteger receiver() {
        return receiver;
    }

    AtomicInteger sender() {
        return sender;
    }

    static void use(final AtomicInteger state) {
        state.set(USING);
    }

    static void leave(final AtomicInteger state) {
        state.set(LEFT);
    }

    static void free(final AtomicInteger state) {
        state.set(FREE);
    }

    boolean isInUse() {
        return receiver.get() == USING || sender.get() == USING;
    }

    boolean isFree() {
        return receiver.get() == FREE && sender.get() == FREE;
    }

    boolean isClosed() {
        return closed;
    }

    /** Neither packet thread uses it. */
    void closeSockets(final Umem umem) {
        for (final XskQueue queue : queues) {
            umem.close(queue);
        }
    }

    /**
     * Whether the kernel has given up the frames of the closed sockets, so that the packet threads may have them back. A copying
     * socket has when it is closed. A device that reads and writes frames by itself is stopped by a kernel thread soon after:
     * that is given as long as this is asked for, about half a second each time.
     */
    boolean settle() {
        closed = !transmitQueue().zeroCopy() || ++timesAsked > ZERO_COPY_SETTLES_AFTER;
        return closed;
    }
}
