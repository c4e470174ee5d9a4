package io.sluice.dataplane.os.ffm;

import io.sluice.dataplane.os.Errno;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;

/**
 * Moves the calling platform thread into a network namespace:
 * <a href="https://man7.org/linux/man-pages/man2/setns.2.html">setns(2)</a>. Sockets opened afterwards by that thread, and
 * threads it starts, belong to the namespace. Used by the lab tests, which run several hosts in one process.
 */
public final class ThreadNamespace {
    private static final int CLONE_NEWNET = 0x40000000;
    private static final int O_RDONLY_CLOEXEC = 0x80000;
    private static final MethodHandle OPEN = Downcall.variadic("open", 2, Downcall.INT, Downcall.POINTER, Downcall.INT);
    private static final MethodHandle SETNS = Downcall.of("setns", Downcall.INT, Downcall.INT, Downcall.INT);

    private ThreadNamespace() {
    }

    /**
     * Enters a namespace for the rest of the thread's life.
     *
     * @param file a namespace file such as {@code /run/netns/NAME}
     * @throws IllegalStateException if it cannot be entered
     */
    public static void enter(final Path file) {
        if (Thread.currentThread().isVirtual()) {
            throw new IllegalStateException("a virtual thread has no namespace of its own");
        }
        try (Arena arena = Arena.ofConfined()) {
            final MemorySegment state = arena.allocate(Downcall.STATE);
            final int fd = (int) OPEN.invokeExact(state, arena.allocateFrom(file.toString()), O_RDONLY_CLOEXEC);
            if (fd < 0) {
                throw new IllegalStateException("cannot open " + file + ": " + Errno.describe(Downcall.errno(state)));
            }
            final int result = (int) SETNS.invokeExact(state, fd, CLONE_NEWNET);
            final int errno = Downcall.errno(state);
            Descriptor.close(fd);
            if (result != 0) {
                throw new IllegalStateException("cannot enter " + file + ": " + Errno.describe(errno));
            }
        } catch (final IllegalStateException e) {
            throw e;
        } catch (final Throwable e) {
            throw Downcall.impossible(e);
        }
    }
}
