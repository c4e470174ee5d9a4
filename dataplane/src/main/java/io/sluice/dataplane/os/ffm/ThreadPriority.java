package io.sluice.dataplane.os.ffm;

import io.sluice.dataplane.os.Errno;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Map;

/**
 * How the calling platform thread shares its core with others:
 * <a href="https://man7.org/linux/man-pages/man2/sched_setattr.2.html">sched_setattr(2)</a>, by way of syscall(2) since the C library
 * of many systems does not have it.
 */
public final class ThreadPriority {
    private static final MethodHandle SYSCALL = Downcall.variadic("syscall", 1, Downcall.LONG, Downcall.LONG, Downcall.INT,
        Downcall.POINTER, Downcall.INT);
    /** asm/unistd.h of each machine that Sluice runs on. */
    private static final Map<String, Long> NUMBERS = Map.of("amd64", 314L, "aarch64", 274L, "riscv64", 274L);
    private static final int CALLING_THREAD = 0;
    private static final int NO_FLAGS = 0;

    // struct sched_attr of linux/sched/types.h in its first version; the policy stays SCHED_OTHER, 0.
    private static final int LENGTH = 48;
    private static final int NICE = 16;
    private static final int RUNTIME = 24;

    private ThreadPriority() {
    }

    /**
     * Sets the weight and the slice of the calling thread for the rest of its life. A thread that wakes up need not wait for the end of
     * another one's slice if its own is shorter (Linux 6.12; older ones ignore the slice).
     *
     * @param nice    -20, the most weight, to 19
     * @param sliceNs nanoseconds, 100,000 to 100,000,000
     * @return 0, or errno: {@code EPERM} without {@code CAP_SYS_NICE}
     */
    public static int set(final int nice, final long sliceNs) {
        final Long number = NUMBERS.get(System.getProperty("os.arch"));
        if (number == null) {
            return Errno.ENOSYS;
        }
        try (Arena arena = Arena.ofConfined()) {
            final MemorySegment state = arena.allocate(Downcall.STATE);
            final MemorySegment attribute = arena.allocate(LENGTH, Long.BYTES);
            attribute.set(ValueLayout.JAVA_INT, 0, LENGTH);
            attribute.set(ValueLayout.JAVA_INT, NICE, nice);
            attribute.set(ValueLayout.JAVA_LONG, RUNTIME, sliceNs);
            final long result = (long) SYSCALL.invokeExact(state, (long) number, CALLING_THREAD, attribute, NO_FLAGS);
            return result == 0 ? 0 : Downcall.errno(state);
        } catch (final Throwable e) {
            throw Downcall.impossible(e);
        }
    }
}
