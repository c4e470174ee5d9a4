package io.sluice.dataplane.pipeline;

import io.sluice.dataplane.port.FrameArena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.List;

/** Fills the memory around frames with a pattern, and sees afterwards whether anybody wrote there. */
final class FrameGuard {
    private final FrameArena arena;
    private final PathHarness path;
    private final byte pattern;
    private final MemorySegment untouched;

    FrameGuard(final PathHarness path, final byte pattern) {
        this.path = path;
        this.arena = path.onlyLane().frames().arena();
        this.pattern = pattern;
        final byte[] bytes = new byte[(int) frameBytes()];
        Arrays.fill(bytes, pattern);
        this.untouched = MemorySegment.ofArray(bytes);
    }

    private long frameBytes() {
        return arena.capacity() + FrameArena.HEADROOM;
    }

    /** Before a turn: nothing of any frame is in memory. */
    void set() {
        arena.memory().fill(pattern);
    }

    /**
     * After a turn with one frame: headroom and frame may have changed, and the frames that were made.
     *
     * @param received bytes of the frame as it came
     * @param made     frames of the path's own making
     */
    void check(final int received, final List<TestFrame> made) {
        final int longest = made.stream().mapToInt(frame -> frame.bytes().length).max().orElse(0);
        int receivedFrames = 0;
        int madeFrames = 0;
        for (int frame = 0; frame < arena.frameCount(); frame++) {
            final long start = arena.dataOffset(frame) - FrameArena.HEADROOM;
            final boolean spare = path.onlyLane().frames().spare().owns(start);
            if (changed(start, frameBytes()) < 0) {
                continue;
            }
            receivedFrames += spare ? 0 : 1;
            madeFrames += spare ? 1 : 0;
            if (spare) {
                expectUnchanged(start, FrameArena.HEADROOM, "before a made frame");
            }
            final int length = spare ? longest : received;
            expectUnchanged(arena.dataOffset(frame) + length, arena.capacity() - length,
                spare ? "behind a made frame" : "behind the frame");
        }
        if (receivedFrames > 1 || madeFrames > made.size()) {
            throw new AssertionError(receivedFrames + " received and " + madeFrames + " other frames were written to");
        }
    }

    private void expectUnchanged(final long offset, final long length, final String where) {
        final long at = changed(offset, length);
        if (at >= 0) {
            throw new AssertionError("wrote " + where + ", " + at + " bytes away: "
                + Integer.toHexString(arena.memory().get(ValueLayout.JAVA_BYTE, offset + at) & 0xff));
        }
    }

    /** Offset of the first byte that is not the pattern, or -1. */
    private long changed(final long offset, final long length) {
        return MemorySegment.mismatch(arena.memory(), offset, offset + length, untouched, 0, length);
    }
}
