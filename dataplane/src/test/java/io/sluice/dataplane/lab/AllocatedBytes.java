package io.sluice.dataplane.lab;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.concurrent.TimeUnit;

/** What the calling thread allocates on the heap, as the JVM counts it. */
public final class AllocatedBytes {
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private static final int ROUNDS = 5;
    /** A starved machine compiles late, and what is not compiled allocates around system calls. */
    private static final long PATIENCE_NS = TimeUnit.SECONDS.toNanos(30);

    private AllocatedBytes() {
    }

    /**
     * Runs an action some times, and while it allocates for up to half a minute, and measures each run; the least counts, because
     * the JVM itself allocates now and then on a thread (resolving a call site, compiling) but code that allocates does so every
     * time.
     *
     * @param action long enough that a leak of one object shows, short enough to repeat
     * @return bytes of the most frugal run
     */
    public static long leastOf(final Runnable action) {
        long least = Long.MAX_VALUE;
        final long start = System.nanoTime();
        for (int i = 0; i < ROUNDS || least > 0 && System.nanoTime() - start < PATIENCE_NS; i++) {
            final long before = THREADS.getCurrentThreadAllocatedBytes();
            action.run();
            least = Math.min(least, THREADS.getCurrentThreadAllocatedBytes() - before);
        }
        return least;
    }
}
