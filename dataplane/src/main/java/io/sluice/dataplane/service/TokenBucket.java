package io.sluice.dataplane.service;

/**
 * A rate limit with bursts: tokens flow in at a steady rate, up to the size of the bucket, and are taken by what is limited
 * (a connection: 1; a packet: its bytes). Starts full. Exact integer arithmetic: nothing is lost however often it is asked.
 *
 * <p>One thread. Time comes from the caller, from any clock that counts nanoseconds; steps backwards are taken as no step.
 */
public final class TokenBucket {
    /** Highest rate in tokens per second, and largest burst. */
    public static final long MAX = 8_000_000_000L;

    private static final long NANOS_PER_SECOND = 1_000_000_000L;
    // A debt is one packet at most; with it the product of tokens and nanoseconds still fits a long.
    private static final long MAX_DEBT = 1_000_000_000L;

    private final long rate;
    private final long burst;
    private final long longestStepNs;
    private long tokens;
    private long remainder;
    private long lastNs;

    /**
     * A full bucket.
     *
     * @param ratePerSecond tokens that flow in per second, 1 to {@link #MAX}
     * @param burst         tokens that it holds at most, 1 to {@link #MAX}
     * @param nowNs         the time
     * @throws IllegalArgumentException if rate or burst are out of range
     */
    public TokenBucket(final long ratePerSecond, final long burst, final long nowNs) {
        if (ratePerSecond < 1 || ratePerSecond > MAX || burst < 1 || burst > MAX) {
            throw new IllegalArgumentException("rate " + ratePerSecond + " per second and burst " + burst
                + " must be within 1 and " + MAX);
        }
        this.rate = ratePerSecond;
        this.burst = burst;
        this.longestStepNs = (Long.MAX_VALUE - NANOS_PER_SECOND) / ratePerSecond;
        this.tokens = burst;
        this.lastNs = nowNs;
    }

    /**
     * Takes tokens if there are enough.
     *
     * @param amount 0 or more; more than the burst never succeeds
     * @param nowNs  the time
     * @return false, and nothing is taken, if there are fewer
     */
    public boolean tryTake(final long amount, final long nowNs) {
        refill(nowNs);
        if (tokens < amount) {
            return false;
        }
        tokens -= amount;
        return true;
    }

    /**
     * Takes tokens if there is any, even more than there are: what is missing is paid back by waiting. For frames, which may
     * be larger than the burst: the rate holds in the long run and no frame is too large to pass ever.
     *
     * @param amount 0 to 1,000,000,000
     * @param nowNs  the time
     * @return false, and nothing is taken, if there is none
     */
    public boolean tryOverdraw(final long amount, final long nowNs) {
        refill(nowNs);
        if (tokens <= 0 || amount > MAX_DEBT) {
            return false;
        }
        tokens -= amount;
        return true;
    }

    /**
     * What there is to take, changing nothing.
     *
     * @param nowNs the time
     * @return whole tokens, negative after {@link #tryOverdraw}
     */
    public long available(final long nowNs) {
        final long elapsedNs = Math.max(0, nowNs - lastNs);
        return elapsedNs > longestStepNs ? burst : Math.min(burst, tokens + (elapsedNs * rate + remainder) / NANOS_PER_SECOND);
    }

    private void refill(final long nowNs) {
        final long elapsedNs = nowNs - lastNs;
        if (elapsedNs <= 0) {
            return;
        }
        lastNs = nowNs;
        if (elapsedNs > longestStepNs) {
            fill();
            return;
        }
        final long product = elapsedNs * rate + remainder;
        final long gained = product / NANOS_PER_SECOND;
        tokens += gained;
        remainder = product - gained * NANOS_PER_SECOND;
        if (tokens >= burst) {
            fill();
        }
    }

    private void fill() {
        tokens = burst;
        remainder = 0;
    }
}
