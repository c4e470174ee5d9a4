package io.sluice.dataplane.lab;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;

/** What the calling thread allocates on the heap, as the JVM counts it. */
public final class AllocatedBytes {
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private static final int ROUNDS = 5;

    private AllocatedBytes() {
    }

    /**
     * Runs an action some times and measures each; the least counts, because the JVM itself allocates now and then on a
     * thread (resolving a call site, compiling) but code that allocates does so every time.
     *
     * @param action long enough that a leak of one object shows, short enough to repeat
     * @return bytes of the most frugal run
     */
    public static long leastOf(final Runnable action) {
        long least = Long.MAX_VALUE;
        for (int i = 0; i < ROUNDS; i++) {
            final long before = THREADS.getCurrentThreadAllocatedBytes();
            action.run();
            least = Math.min(least, THREADS.getCurrentThreadAllocatedBytes() - before);
        }
        return least;
    }
}
