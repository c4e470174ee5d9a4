package io.sluice.dataplane.port;

/**
 * All frames of one lane: its arena and the pools that the arena is divided into.
 *
 * <p>The receiving thread takes from the receive pool, the path from the spare pool, and the sending thread releases to
 * whichever pool a frame came from.
 */
public final class Frames {
    private final FrameArena arena;
    private final FramePool receive;
    private final FramePool spare;

    /**
     * Divides an arena.
     *
     * @param arena      memory of all frames
     * @param spareCount frames kept for packets that the path makes itself (ICMP errors, RSTs, fragments); the others are
     *                   receive buffers
     */
    public Frames(final FrameArena arena, final int spareCount) {
        this.arena = arena;
        final int receiveCount = arena.frameCount() - spareCount;
        this.receive = new FramePool(arena, 0, receiveCount);
        this.spare = new FramePool(arena, receiveCount, spareCount);
    }

    /**
     * The memory.
     *
     * @return the arena
     */
    public FrameArena arena() {
        return arena;
    }

    /**
     * Receive buffers.
     *
     * @return the pool that ports take from
     */
    public FramePool receive() {
        return receive;
    }

    /**
     * Frames for packets of our own making.
     *
     * @return the pool that the path takes from
     */
    public FramePool spare() {
        return spare;
    }

    /**
     * Gives a frame back to the pool it came from. Called by the sending thread only.
     *
     * @param offset any offset within the frame
     */
    public void release(final long offset) {
        if (spare.owns(offset)) {
            spare.release(offset);
        } else {
            receive.release(offset);
        }
    }
}
