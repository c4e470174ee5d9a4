package io.sluice.dataplane.port;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.concurrent.TimeUnit;

/** Asserts that code allocates nothing once it is compiled: before, the JVM itself makes objects around system calls. */
public final class AllocationFree {
    /** A starved machine compiles late. */
    private static final long PATIENCE_NS = TimeUnit.SECONDS.toNanos(60);
    private static final int CALLS = 200;
    private static final int CLEAN_ROUNDS = 10;
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private AllocationFree() {
    }

    /**
     * Runs code until several rounds in a row have allocated nothing.
     *
     * @param code what a packet thread does
     */
    public static void assertThatNothingIsAllocatedBy(final Runnable code) {
        int clean = 0;
        long allocated = 0;
        final long start = System.nanoTime();
        while (clean < CLEAN_ROUNDS && System.nanoTime() - start < PATIENCE_NS) {
            final long before = THREADS.getCurrentThreadAllocatedBytes();
            for (int i = 0; i < CALLS; i++) {
                code.run();
            }
            allocated = THREADS.getCurrentThreadAllocatedBytes() - before;
            clean = allocated == 0 ? clean + 1 : 0;
        }
        assertThat(allocated).as("bytes allocated by %d calls", CALLS).isZero();
        assertThat(clean).as("rounds without allocation").isEqualTo(CLEAN_ROUNDS);
    }
}
