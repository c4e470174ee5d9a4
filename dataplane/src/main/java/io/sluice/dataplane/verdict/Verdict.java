package io.sluice.dataplane.verdict;

/**
 * What happens to a frame after the packet path has looked at it.
 *
 * <p>Stored as one byte per frame in a {@link io.sluice.dataplane.port.Burst}; the codes are an implementation detail of
 * one process and never leave it.
 */
public final class Verdict {
    /** Not ours: the kernel has its own copy, the frame is released. */
    public static final byte PASS = 0;
    /** Rewritten in place: leaves by the port named in the burst. */
    public static final byte FORWARD = 1;
    /** Dropped for the {@link DropReason} named in the burst. */
    public static final byte DROP = 2;

    /** Goes to the lane named in the burst, which owns it. */
    public static final byte HAND_OVER = 3;

    private Verdict() {
    }

    /**
     * The word used in traces.
     *
     * @param verdict one of the constants of this class
     * @return {@code pass}, {@code forward}, {@code drop} or {@code hand over}
     */
    public static String name(final byte verdict) {
        return switch (verdict) {
            case PASS -> "pass";
            case FORWARD -> "forward";
            case DROP -> "drop";
            case HAND_OVER -> "hand over";
            default -> throw new IllegalArgumentException("no verdict " + verdict);
        };
    }
}
