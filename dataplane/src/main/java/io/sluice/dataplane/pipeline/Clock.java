package io.sluice.dataplane.pipeline;

/**
 * The lane's clock: nanoseconds since 1970 that never go backwards. Wall-clock time at the start, monotonic from then on, so
 * that idle times and initial sequence numbers go on over a restart and are not disturbed by steps of the wall clock.
 */
public final class Clock {
    private static final long NANOS_PER_SECOND = 1_000_000_000L;
    private final long offsetNs = System.currentTimeMillis() * 1_000_000L - System.nanoTime();

    /**
     * Reads the clock. Any thread; once per turn.
     *
     * @return nanoseconds since 1970
     */
    public long nowNs() {
        return System.nanoTime() + offsetNs;
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
