package io.sluice.dataplane.pipeline;

import io.sluice.dataplane.verdict.DropReason;
import io.sluice.dataplane.verdict.Verdict;
import java.util.List;
import java.util.stream.Stream;

/**
 * What the path did with a frame.
 *
 * @param verdict a constant of {@link Verdict}
 * @param reason  why it was dropped, or null
 * @param frame   as it leaves, or as it was left if it does not
 * @param made    frames of the path's own making in the same turn
 */
public record PathResult(byte verdict, DropReason reason, TestFrame frame, List<TestFrame> made) {
    /**
     * Whether the frame leaves.
     *
     * @return true for {@link Verdict#FORWARD}
     */
    public boolean isForwarded() {
        return verdict == Verdict.FORWARD;
    }

    /**
     * Whether the frame is left to the kernel.
     *
     * @return true for {@link Verdict#PASS}
     */
    public boolean isPassed() {
        return verdict == Verdict.PASS;
    }

    /**
     * The frame that leaves, which must be sound.
     *
     * @return its fields
     */
    public Decoded out() {
        if (!isForwarded()) {
            throw new AssertionError("not forwarded: " + this);
        }
        return sound(frame);
    }

    /**
     * The one frame that was made, which must be sound.
     *
     * @return its fields
     */
    public Decoded answer() {
        if (made.size() != 1) {
            throw new AssertionError(made.size() + " frames made: " + this);
        }
        return sound(made.getFirst());
    }

    /**
     * Everything that leaves.
     *
     * @return the frame if it is forwarded, then those made
     */
    public List<TestFrame> leaving() {
        return isForwarded() ? Stream.concat(Stream.of(frame), made.stream()).toList() : made;
    }

    static Decoded sound(final TestFrame frame) {
        final Decoded decoded = Decoded.of(frame);
        if (!decoded.isSound()) {
            throw new AssertionError(decoded.defects + " in " + frame);
        }
        return decoded;
    }

    @Override
    public String toString() {
        return Verdict.name(verdict) + (reason == null ? "" : " " + reason) + " " + frame + ", made " + made;
    }
}
