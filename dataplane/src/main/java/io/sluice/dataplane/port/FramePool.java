package io.sluice.dataplane.port;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * The free frames of one purpose (a port's receive buffers, or frames for packets that we make ourselves).
 *
 * <p>One thread takes, one thread releases; they may be the same. What was released last is taken first, since it is most likely
 * to be in a cache still; frames that are never needed are never touched.
 *
 * <pre>
 *   releasing thread -- release --> ring -- take --> stack of the taking thread -- take -->
 * </pre>
 */
public final class FramePool {
    private static final VarHandle SEQUENCE = MethodHandles.arrayElementVarHandle(long[].class);

    // Two counters, eight longs apart from each other and from the array's ends, so that they do not share a cache line.
    private static final int TAKEN = 8;
    private static final int RELEASED = 24;

    private final long[] sequences = new long[40];
    private final int[] ring;
    private final int mask;
    private final int[] stack;
    private int top;
    private long drained;
    private final FrameArena arena;
    private final int firstFrame;
    private final int count;

    /**
     * A pool that owns a range of an arena's frames, all free.
     *
     * @param arena      the memory
     * @param firstFrame first frame of the range
     * @param count      number of frames in it
     * @throws IllegalArgumentException if the range is not within the arena
     */
    public FramePool(final FrameArena arena, final int firstFrame, final int count) {
        if (firstFrame < 0 || count < 1 || firstFrame + count > arena.frameCount()) {
            throw new IllegalArgumentException("frames " + firstFrame + " to " + (firstFrame + count - 1) + " of "
                + arena.frameCount());
        }
        this.arena = arena;
        this.firstFrame = firstFrame;
        this.count = count;
        this.ring = new int[Integer.highestOneBit(Math.max(1, count * 2 - 1))];
        this.mask = ring.length - 1;
        this.stack = new int[count];
        for (int i = 0; i < count; i++) {
            ring[i] = firstFrame + count - 1 - i;
        }
        SEQUENCE.setRelease(sequences, RELEASED, (long) count);
    }

    /**
     * Takes a free frame. Called by the taking thread only.
     *
     * @return the offset of its data, or -1 if none is free
     */
    public long take() {
        final long released = (long) SEQUENCE.getAcquire(sequences, RELEASED);
        while (drained != released) {
            stack[top++] = ring[(int) drained++ & mask];
        }
        if (top == 0) {
            return -1;
        }
        SEQUENCE.setRelease(sequences, TAKEN, sequences[TAKEN] + 1);
        return arena.dataOffset(stack[--top]);
    }

    /**
     * Gives a frame back. Called by the releasing thread only; each taken frame exactly once.
     *
     * @param offset any offset within a frame of this pool
     */
    public void release(final long offset) {
        final long released = sequences[RELEASED];
        ring[(int) released & mask] = arena.frameAt(offset);
        SEQUENCE.setRelease(sequences, RELEASED, released + 1);
    }

    /**
     * Whether a frame belongs to this pool.
     *
     * @param offset any offset within the frame
     * @return true if it was taken from here
     */
    public boolean owns(final long offset) {
        final int frame = arena.frameAt(offset);
        return frame >= firstFrame && frame < firstFrame + count;
    }

    /**
     * Free frames, exact for the taking thread, a lower bound for others.
     *
     * @return 0 to the size of the pool
     */
    public int available() {
        return (int) ((long) SEQUENCE.getAcquire(sequences, RELEASED) - (long) SEQUENCE.getAcquire(sequences, TAKEN));
    }

    /**
     * The memory that the frames are in.
     *
     * @return the arena
     */
    public FrameArena arena() {
        return arena;
    }
}
