package io.sluice.dataplane.service;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * A rate limit with bursts: tokens flow in at a steady rate, up to the size of the bucket, and are taken by what is limited
 * (a connection: 1; a packet: its bytes). Starts full.
 *
 * <p>One number says it all: the time at which the bucket was, or will be, empty (the generic cell rate algorithm, ITU-T I.371,
 * annex A). Taking tokens moves it on by the time that they need to flow in, so several lanes share a bucket without a lock.
 * Its unit is 1/64 ns, at which the largest rate is exact for a token, and others are as near as anybody can measure.
 *
 * <p>Thread-safe. Time comes from the caller, from any clock that counts nanoseconds; a step backwards means fewer tokens.
 */
public final class TokenBucket {
    /** Highest rate in tokens per second, and largest burst. */
    public static final long MAX = 8_000_000_000L;
    /** Most tokens that are taken at once. */
    public static final long MAX_AMOUNT = 100_000_000L;

    private static final int TICKS_PER_NS_SHIFT = 6;
    private static final long TICKS_PER_SECOND = 1_000_000_000L << TICKS_PER_NS_SHIFT;
    private static final VarHandle EMPTY_AT;

    static {
        try {
            EMPTY_AT = MethodHandles.lookup().findVarHandle(TokenBucket.class, "emptyAt", long.class);
        } catch (final ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final long rate;
    private final long burst;
    private final long burstTicks;
    private long emptyAt;

    /**
     * A full bucket.
     *
     * @param ratePerSecond tokens that flow in per second, 1 to {@link #MAX}
     * @param burst         tokens that it holds at most, 1 to {@link #MAX}, and no more than flow in within a year
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
        this.burstTicks = burst / rate * TICKS_PER_SECOND + (long) Math.ceil((double) (burst % rate) * TICKS_PER_SECOND / rate);
        this.emptyAt = ticks(nowNs) - burstTicks;
    }

    /**
     * Takes tokens if there are enough.
     *
     * @param amount 0 to {@link #MAX_AMOUNT}; more than the burst never succeeds
     * @param nowNs  the time
     * @return false, and nothing is taken, if there are fewer
     */
    public boolean tryTake(final long amount, final long nowNs) {
        return take(amount, amount, nowNs);
    }

    /**
     * Takes tokens if there is at least one, and leaves a debt if there are fewer: for packets, which cannot be cut.
     *
     * @param amount 0 to {@link #MAX_AMOUNT}
     * @param nowNs  the time
     * @return false, and nothing is taken, if the bucket is empty or in debt
     */
    public boolean tryOverdraw(final long amount, final long nowNs) {
        return take(amount, 1, nowNs);
    }

    private boolean take(final long amount, final long needed, final long nowNs) {
        if (amount > MAX_AMOUNT || needed > burst) {
            return false;
        }
        final long now = ticks(nowNs);
        while (true) {
            final long before = (long) EMPTY_AT.getOpaque(this);
            final long from = now - before > burstTicks ? now - burstTicks : before;
            if (now - from < cost(needed)) {
                return false;
            }
            if (EMPTY_AT.weakCompareAndSet(this, before, from + cost(amount))) {
                return true;
            }
        }
    }

    /**
     * Whole tokens that could be taken now.
     *
     * @param nowNs the time
     * @return up to the burst; negative when in debt
     */
    public long available(final long nowNs) {
        final long ticks = Math.min(ticks(nowNs) - (long) EMPTY_AT.getOpaque(this), burstTicks);
        final long seconds = Math.floorDiv(ticks, TICKS_PER_SECOND);
        return Math.min(burst, seconds * rate + (long) Math.floor((double) (ticks - seconds * TICKS_PER_SECOND) * rate / TICKS_PER_SECOND));
    }

    /** The time that tokens need to flow in; a hundred million times 64 nanoseconds still fits. */
    private long cost(final long amount) {
        return amount * TICKS_PER_SECOND / rate;
    }

    private static long ticks(final long nowNs) {
        return nowNs << TICKS_PER_NS_SHIFT;
    }
}
