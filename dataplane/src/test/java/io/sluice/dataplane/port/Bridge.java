package io.sluice.dataplane.port;

import java.util.List;

/** The smallest lane there can be: what comes in by one of two ports leaves by the other, on a thread of its own. */
public final class Bridge implements AutoCloseable {
    private static final long WAIT_NS = 100_000_000;
    private static final int ETHERNET_HEADER = 14;

    private final Frames frames;
    private final PacketPort left;
    private final PacketPort right;
    private final PortPoller poller;
    private final Thread thread = Thread.ofPlatform().name("bridge").unstarted(this::run);
    private volatile boolean stopped;
    private volatile Throwable failure;

    private long superFrames;
    private long partialChecksums;
    private int longest;

    /**
     * Starts to carry.
     *
     * @param frames of both ports
     * @param left   closed with this
     * @param right  closed with this
     */
    public Bridge(final Frames frames, final PacketPort left, final PacketPort right) {
        this.frames = frames;
        this.left = left;
        this.right = right;
        this.poller = new PortPoller(List.of(left, right));
        thread.start();
    }

    private void run() {
        try {
            final Burst burst = new Burst();
            while (!stopped) {
                if (carry(burst, left, right) + carry(burst, right, left) == 0) {
                    poller.await(WAIT_NS);
                }
            }
        } catch (final RuntimeException | Error e) {
            failure = e;
        }
    }

    private int carry(final Burst burst, final PacketPort from, final PacketPort to) {
        burst.clear();
        final int received = from.poll(burst);
        for (int i = 0; i < received; i++) {
            if (burst.gsoType(i) != Burst.GSO_NONE && burst.length(i) > burst.gsoSize(i) + ETHERNET_HEADER + 120) {
                superFrames++;
            }
            if (burst.isChecksumPartial(i)) {
                partialChecksums++;
            }
            longest = Math.max(longest, burst.length(i));
            to.transmit(burst, i);
        }
        to.flush();
        return received;
    }

    /**
     * Frames of more than one segment. To be read after {@link #close}.
     *
     * @return count
     */
    public long superFrames() {
        return superFrames;
    }

    /**
     * Frames with a partial checksum. To be read after {@link #close}.
     *
     * @return count
     */
    public long partialChecksums() {
        return partialChecksums;
    }

    /**
     * The longest frame. To be read after {@link #close}.
     *
     * @return bytes
     */
    public int longest() {
        return longest;
    }

    @Override
    public void close() {
        stopped = true;
        poller.wakeUp();
        try {
            thread.join(10_000);
        } catch (final InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        poller.close();
        if (failure != null || thread.isAlive()) {
            throw new IllegalStateException("the bridge failed", failure);
        }
        left.close();
        right.close();
        if (frames.receive().available() + frames.spare().available() != frames.arena().frameCount()) {
            throw new IllegalStateException("frames were lost");
        }
    }
}
