package io.sluice.bench.lane;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/** Counts what a lane has sent, and lets somebody wait for it without using a core. The lane's sending thread counts. */
final class Meter {
    private static final long PATIENCE_NS = TimeUnit.SECONDS.toNanos(60);

    private final AtomicLong seen = new AtomicLong();
    private long sent;
    private volatile long goal;
    private volatile Thread waiter;

    /** One frame. Sending thread. */
    void count() {
        sent++;
    }

    /** Shows what has been counted. Sending thread. */
    void flush() {
        if (sent != seen.getPlain()) {
            seen.set(sent);
            if (sent >= goal) {
                LockSupport.unpark(waiter);
            }
        }
    }

    /** Raises the goal, before the lane may send more. */
    void expect(final long more) {
        waiter = Thread.currentThread();
        goal += more;
    }

    /** Waits for the goal. The thread that has raised it. */
    void await() {
        final long deadline = System.nanoTime() + PATIENCE_NS;
        while (seen.get() < goal) {
            if (System.nanoTime() - deadline > 0) {
                throw new IllegalStateException("the lane has sent " + seen.get() + " of " + goal + " frames and is stuck:"
                    + " it lost some, or its threads died; see the messages above");
            }
            LockSupport.parkNanos(this, PATIENCE_NS);
        }
    }
}
