package io.sluice.dataplane.port.memory;

import io.sluice.dataplane.port.Burst;
import io.sluice.dataplane.port.FramePool;
import io.sluice.dataplane.port.Frames;
import io.sluice.dataplane.port.PacketPort;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A port between a lane and a test:
 *
 * <pre>
 *   test  inject --> [ ring ] --> poll        lane
 *   test  take   &lt;-- [ ring ] &lt;-- flush       lane
 * </pre>
 *
 * <p>Frames are copied at the border and travel in the arena within the lane, as with every port. The test's side may be
 * another thread than the lane's, but only one. Once the rings have gone round, only {@link #take} allocates.
 */
public final class MemoryPort implements PacketPort {
    private final AtomicLong receiveFailures = new AtomicLong();
    private final AtomicLong transmitFailures = new AtomicLong();
    private final String name;
    private final int index;
    private final Frames frames;
    private final FrameRing toLane;
    private final FrameRing fromLane;
    private volatile boolean up = true;

    /**
     * An empty port that is up.
     *
     * @param name     for messages
     * @param index    of this port in its lane's list of ports
     * @param frames   the lane's frames
     * @param capacity frames that each direction holds
     */
    public MemoryPort(final String name, final int index, final Frames frames, final int capacity) {
        this.name = name;
        this.index = index;
        this.frames = frames;
        this.toLane = new FrameRing(capacity);
        this.fromLane = new FrameRing(capacity);
    }

    /**
     * Gives the lane a frame to receive. Test's thread.
     *
     * @param frame bytes and metadata, copied
     * @return false if the ring is full
     */
    public boolean inject(final MemoryFrame frame) {
        final boolean done = toLane.put(frame);
        toLane.publish();
        return done;
    }

    /**
     * Takes the oldest frame that the lane sent. Test's thread.
     *
     * @return a copy, or null if there is none
     */
    public MemoryFrame take() {
        final FrameRing.Slot slot = fromLane.peek();
        if (slot == null) {
            return null;
        }
        final MemoryFrame frame = slot.toFrame();
        fromLane.advance();
        return frame;
    }

    /**
     * Throws away what the lane sent, without allocating. Test's thread.
     *
     * @return frames thrown away
     */
    public int discard() {
        final int count = fromLane.size();
        for (int i = 0; i < count; i++) {
            fromLane.advance();
        }
        return count;
    }

    /**
     * Sets the link up or down. Any thread. While it is down nothing is received, and what is sent is lost.
     *
     * @param state true for up
     */
    public void setUp(final boolean state) {
        up = state;
    }

    @Override
    public int poll(final Burst burst) {
        final FramePool pool = frames.receive();
        int count = 0;
        while (up && !burst.isFull() && toLane.peek() != null) {
            final FrameRing.Slot slot = toLane.peek();
            if (slot.length() > frames.arena().capacity()) {
                receiveFailures.setOpaque(receiveFailures.getPlain() + 1);
            } else {
                final long offset = pool.take();
                if (offset < 0) {
                    return count;
                }
                slot.copyTo(frames.arena().memory(), offset, burst, index);
                count++;
            }
            toLane.advance();
        }
        return count;
    }

    @Override
    public void transmit(final Burst burst, final int i) {
        if (!up || !fromLane.put(frames.arena().memory(), burst, i)) {
            transmitFailures.setOpaque(transmitFailures.getPlain() + 1);
        }
        frames.release(burst.offset(i));
    }

    @Override
    public int flush() {
        return fromLane.publish();
    }

    @Override
    public int fileDescriptor() {
        return -1;
    }

    @Override
    public boolean isUp() {
        return up;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public String kind() {
        return "memory";
    }

    @Override
    public long transmitFailures() {
        return transmitFailures.getOpaque();
    }

    @Override
    public long receiveFailures() {
        return receiveFailures.getOpaque();
    }

    @Override
    public void close() {
        up = false;
    }
}
