package io.sluice.dataplane.port.afxdp;

import io.sluice.dataplane.port.FrameArena;

/** The frames that one direction of one socket has given to the kernel. One thread at a time; allocates nothing. */
final class HeldFrames {
    private final FrameArena arena;
    private final long[] bits;
    private int count;

    HeldFrames(final FrameArena arena) {
        this.arena = arena;
        this.bits = new long[(arena.frameCount() + 63) / 64];
    }

    void add(final long offset) {
        final int frame = arena.frameAt(offset);
        bits[frame >> 6] |= 1L << frame;
        count++;
    }

    void remove(final long offset) {
        final int frame = arena.frameAt(offset);
        bits[frame >> 6] &= ~(1L << frame);
        count--;
    }

    int count() {
        return count;
    }

    /** Removes any frame: the offset of its data, or -1 if there is none. */
    long removeAny() {
        for (int i = 0; i < bits.length && count > 0; i++) {
            if (bits[i] != 0) {
                final long offset = arena.dataOffset((i << 6) + Long.numberOfTrailingZeros(bits[i]));
                remove(offset);
                return offset;
            }
        }
        return -1;
    }
}
