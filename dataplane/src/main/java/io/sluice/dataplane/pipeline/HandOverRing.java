package io.sluice.dataplane.pipeline;

import com.lmax.disruptor.BusySpinWaitStrategy;
import com.lmax.disruptor.EventPoller;
import com.lmax.disruptor.InsufficientCapacityException;
import com.lmax.disruptor.RingBuffer;
import io.sluice.dataplane.port.Burst;
import io.sluice.dataplane.port.FrameArena;
import io.sluice.dataplane.port.FramePool;
import java.lang.foreign.MemorySegment;
import org.agrona.LangUtil;

/**
 * Where a lane takes over frames that arrived at other lanes: a Disruptor with many producers (sending stages of the others) and
 * one consumer (the lane's receiving stage).
 *
 * <p>Frames are copied in and out, since every lane has its own arena and gets each of its frames back. That is the price of
 * what should be rare: ports deliver to the owner what they can.
 */
public final class HandOverRing {
    private static final int CAPACITY = 512;
    private static final Runnable NOBODY_WAITS = () -> { };

    private final RingBuffer<Burst> ring = RingBuffer.createMultiProducer(() -> new Burst(1), CAPACITY, new BusySpinWaitStrategy());
    private final EventPoller<Burst> poller = ring.newPoller();
    private final EventPoller.Handler<Burst> taking = (frame, sequence, endOfBatch) -> take(frame);
    private final FrameArena copies;
    private volatile Runnable wakeUp = NOBODY_WAITS;
    private Burst target;
    private FramePool pool;

    /**
     * An empty ring. Its memory is taken when frames come.
     *
     * @param frameBytes the longest frame
     */
    public HandOverRing(final int frameBytes) {
        this.copies = FrameArena.allocate(CAPACITY, frameBytes);
        ring.addGatingSequences(poller.getSequence());
    }

    /** How the lane is woken when it waits. Control thread. */
    void onOffer(final Runnable action) {
        wakeUp = action;
    }

    /** Copies a frame in. Any lane's sending stage; {@link #wakeUp} is to follow. False if the ring is full. */
    boolean offer(final MemorySegment arena, final Burst burst, final int i) {
        final long sequence;
        try {
            sequence = ring.tryNext();
        } catch (final InsufficientCapacityException e) {
            // One shared instance without a stack trace: how this Disruptor says "full".
            return false;
        }
        final long at = copies.dataOffset((int) sequence & CAPACITY - 1);
        final int length = burst.length(i);
        MemorySegment.copy(arena, burst.offset(i), copies.memory(), at, length);
        final Burst frame = ring.get(sequence);
        frame.clear();
        frame.append(burst, i);
        frame.resize(0, at, length);
        frame.pass(0);
        ring.publish(sequence);
        return true;
    }

    /** Wakes the lane. */
    void wakeUp() {
        wakeUp.run();
    }

    /**
     * Appends frames to a burst, as many as are there and find room. The lane's receiving stage.
     *
     * @param burst where they go
     * @param free  frames to copy them to
     * @return number of frames
     */
    int poll(final Burst burst, final FramePool free) {
        if (burst.isFull() || free.available() == 0) {
            return 0;
        }
        final int before = burst.size();
        target = burst;
        pool = free;
        try {
            poller.poll(taking);
        } catch (final Exception e) {
            LangUtil.rethrowUnchecked(e);
        }
        return burst.size() - before;
    }

    /** Takes one frame, for which there is room; says whether there is room for another. */
    private boolean take(final Burst frame) {
        final FrameArena arena = pool.arena();
        final long offset = pool.take();
        final int length = frame.length(0);
        MemorySegment.copy(copies.memory(), frame.offset(0), arena.memory(), offset, length);
        target.resize(target.append(frame, 0), offset, length);
        return !target.isFull() && pool.available() > 0;
    }
}
