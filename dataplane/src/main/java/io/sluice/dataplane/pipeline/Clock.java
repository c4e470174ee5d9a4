package io.sluice.dataplane.pipeline;

import java.util.function.LongSupplier;

/**
 * The lane's clock: nanoseconds since 1970 that never go backwards. Wall-clock time at the start, monotonic from then on, so
 * that idle times and initial sequence numbers go on over a restart and are not disturbed by steps of the wall clock.
 */
public final class Clock {
    private static final long NANOS_PER_SECOND = 1_000_000_000L;
    private final LongSupplier ticks;
    private final long offsetNs;

    /** The machine's clock. */
    public Clock() {
        this(System::nanoTime, System.currentTimeMillis() * 1_000_000L);
    }

    /**
     * A clock that somebody else turns: captures are replayed at the times they were taken.
     *
     * @param ticks   nanoseconds, never going backwards
     * @param startNs what the clock shows now, nanoseconds since 1970
     */
    public Clock(final LongSupplier ticks, final long startNs) {
        this.ticks = ticks;
        this.offsetNs = startNs - ticks.getAsLong();
    }

    /**
     * Reads the clock. Any thread; once per turn.
     *
     * @return nanoseconds since 1970
     */
    public long nowNs() {
        return ticks.getAsLong() + offsetNs;
    }

    /**
     * Whole seconds of a time.
     *
     * @param nowNs nanoseconds since 1970
     * @return seconds since 1970 as an unsigned 32-bit number
     */
    public static int seconds(final long nowNs) {
        return (int) (nowNs / NANOS_PER_SECOND);
    }
}
