package io.sluice.dataplane.counter;

import io.sluice.dataplane.verdict.DropReason;
import org.agrona.concurrent.status.AtomicCounter;

/** The counters of one lane. Written by its path thread only, readable by any. */
public final class LaneCounters {
    private final AtomicCounter[] system;
    private final AtomicCounter[] drops;

    LaneCounters(final AtomicCounter[] system, final AtomicCounter[] drops) {
        this.system = system;
        this.drops = drops;
    }

    /**
     * Adds one.
     *
     * @param counter which
     */
    public void increment(final SystemCounter counter) {
        system[counter.ordinal()].incrementRelease();
    }

    /**
     * Adds a number.
     *
     * @param counter which
     * @param amount  how much
     */
    public void add(final SystemCounter counter, final long amount) {
        system[counter.ordinal()].getAndAddRelease(amount);
    }

    /**
     * Sets a level.
     *
     * @param counter which
     * @param value   its new value
     */
    public void set(final SystemCounter counter, final long value) {
        system[counter.ordinal()].setRelease(value);
    }

    /**
     * Counts a dropped frame.
     *
     * @param reason why
     */
    public void drop(final DropReason reason) {
        drops[reason.ordinal()].incrementRelease();
    }

    /**
     * Reads a counter.
     *
     * @param counter which
     * @return its value
     */
    public long get(final SystemCounter counter) {
        return system[counter.ordinal()].get();
    }

    /**
     * Reads a drop counter.
     *
     * @param reason which
     * @return frames dropped for it
     */
    public long get(final DropReason reason) {
        return drops[reason.ordinal()].get();
    }
}
