package io.sluice.dataplane.port.impaired;

import io.sluice.dataplane.port.Burst;
import io.sluice.dataplane.port.Frames;
import io.sluice.dataplane.port.PacketPort;

/**
 * Another port on a bad day: loses, duplicates, reorders, corrupts and truncates frames in either direction, as a seed says.
 * The seed is in {@link #toString}, for repeating a failed test.
 *
 * <p>A frame held back for reordering passes after the next one; when none comes, it passes with the next poll that finds
 * nothing, or with the next flush that has nothing to send.
 *
 * <p>It takes and releases frames in both directions, so receiving and sending must be on one thread: SHARED or INVOKER.
 */
public final class ImpairedPort implements PacketPort {
    private final PacketPort inner;
    private final Frames frames;
    private final long seed;
    private final Impairments received;
    private final Impairments sent;
    private final Impairer receiving;
    private final Impairer sending;
    private final Burst polled = new Burst();
    private final Burst leaving = new Burst();
    private int nextPolled;
    private boolean transmitted;

    /**
     * Impairs a port, which it closes with itself.
     *
     * @param inner    the port that does the work
     * @param frames   the lane's frames
     * @param received what happens to frames that come in
     * @param sent     what happens to frames that go out
     * @param seed     the same seed and the same frames give the same misfortunes
     */
    public ImpairedPort(final PacketPort inner, final Frames frames, final Impairments received, final Impairments sent,
                        final long seed) {
        this.inner = inner;
        this.frames = frames;
        this.seed = seed;
        this.received = received;
        this.sent = sent;
        this.receiving = new Impairer(received, seed, frames);
        this.sending = new Impairer(sent, ~seed, frames);
    }

    @Override
    public int poll(final Burst burst) {
        final int before = burst.size();
        if (nextPolled == polled.size()) {
            polled.clear();
            nextPolled = 0;
            if (inner.poll(polled) == 0 && !burst.isFull()) {
                receiving.giveUpHeldBack(burst);
            }
        }
        while (nextPolled < polled.size() && burst.size() + Impairer.MOST <= Burst.CAPACITY) {
            receiving.pass(polled, nextPolled++, burst);
        }
        return burst.size() - before;
    }

    @Override
    public void transmit(final Burst burst, final int i) {
        transmitted = true;
        sending.pass(burst, i, leaving);
        handOn();
    }

    @Override
    public int flush() {
        if (!transmitted) {
            sending.giveUpHeldBack(leaving);
            handOn();
        }
        transmitted = false;
        return inner.flush();
    }

    /**
     * What has happened to frames that came in.
     *
     * @return counts so far
     */
    public Tally receivedTally() {
        return receiving.tally();
    }

    /**
     * What has happened to frames that went out.
     *
     * @return counts so far
     */
    public Tally sentTally() {
        return sending.tally();
    }

    @Override
    public int fileDescriptor() {
        return inner.fileDescriptor();
    }

    @Override
    public boolean isUp() {
        return inner.isUp();
    }

    @Override
    public void checkLink() {
        inner.checkLink();
    }

    @Override
    public String name() {
        return inner.name();
    }

    @Override
    public String kind() {
        return inner.kind();
    }

    @Override
    public String detail() {
        return inner.detail();
    }

    @Override
    public long transmitFailures() {
        return inner.transmitFailures();
    }

    @Override
    public long receiveFailures() {
        return inner.receiveFailures();
    }

    @Override
    public void close() {
        receiving.close();
        sending.close();
        while (nextPolled < polled.size()) {
            frames.release(polled.offset(nextPolled++));
        }
        inner.close();
    }

    @Override
    public String toString() {
        return inner.name() + " impaired with seed " + seed + ", received " + received + ", sent " + sent;
    }

    private void handOn() {
        for (int i = 0; i < leaving.size(); i++) {
            inner.transmit(leaving, i);
        }
        leaving.clear();
    }
}
