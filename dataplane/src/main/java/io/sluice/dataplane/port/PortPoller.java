package io.sluice.dataplane.port;

import io.sluice.dataplane.os.PollSet;
import io.sluice.dataplane.os.ffm.FfmPollSet;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Where a lane with nothing to do waits: until one of its ports has something to receive, another thread wakes it up, or
 * the time is over.
 *
 * <pre>
 *            await                  wakeUp (writes the eventfd)
 *   AWAKE ----------> WAITING -----------------------------+
 *     |  ^               | port ready, or time over        v
 *     |  +---------------+                             SIGNALLED
 *     |  +---- await: does not wait ---------------------| ^
 *     +------------- wakeUp (no system call) --------------+
 * </pre>
 *
 * <p>A wake-up is never lost: what comes before {@link #await} keeps it from waiting. {@link #await} belongs to one
 * thread, {@link #wakeUp} to any. Neither allocates.
 */
public final class PortPoller implements AutoCloseable {
    /** With a port that has no descriptor, a wait lasts no longer than this. */
    public static final long LONGEST_BLIND_WAIT_NS = 1_000_000;

    private static final int AWAKE = 0;
    private static final int WAITING = 1;
    private static final int SIGNALLED = 2;

    private final AtomicInteger state = new AtomicInteger(AWAKE);
    private final PollSet set;
    private final boolean[] blind;
    private final long longestWaitNs;

    /**
     * Waits for ports.
     *
     * @param ports all ports of a lane; they stay the caller's
     */
    public PortPoller(final List<? extends PacketPort> ports) {
        final int[] descriptors = ports.stream().mapToInt(PacketPort::fileDescriptor).toArray();
        this.blind = new boolean[descriptors.length];
        boolean anyBlind = false;
        for (int i = 0; i < descriptors.length; i++) {
            blind[i] = descriptors[i] < 0;
            anyBlind |= blind[i];
        }
        this.longestWaitNs = anyBlind ? LONGEST_BLIND_WAIT_NS : Long.MAX_VALUE;
        this.set = FfmPollSet.open(descriptors);
    }

    /**
     * Waits. May return early without a cause.
     *
     * @param timeoutNs nanoseconds, 0 or more
     * @return ports that are ready; 0 after a wake-up or when the time is over
     */
    public int await(final long timeoutNs) {
        final boolean signalled = !state.compareAndSet(AWAKE, WAITING);
        final int ready = set.await(signalled ? 0 : Math.min(timeoutNs, longestWaitNs));
        // Read and written in one, so that what a waking thread published before its signal is seen from here on.
        state.getAndSet(AWAKE);
        return ready;
    }

    /**
     * Whether a port may have something to receive, as of the last {@link #await}.
     *
     * @param port index in the list of ports
     * @return true if it was reported ready, or if it has no descriptor
     */
    public boolean isReady(final int port) {
        return blind[port] || set.isReady(port);
    }

    /** Ends the wait of the lane's thread. A system call only if that thread waits and nobody has woken it yet. */
    public void wakeUp() {
        if (state.getAndSet(SIGNALLED) == WAITING) {
            set.signal();
        }
    }

    /** Gives the eventfd back. The lane's thread has ended, and nobody calls {@link #wakeUp} any more. */
    @Override
    public void close() {
        set.close();
    }
}
