package io.sluice.dataplane.os.ffm;

import io.sluice.dataplane.os.NetlinkException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Ends a poll(2) of another thread: <a href="https://man7.org/linux/man-pages/man2/eventfd.2.html">eventfd(2)</a>.
 *
 * <p>{@link #signal} may race with {@link #close}: the descriptor is closed only when no signal is under way, so a number
 * that the kernel has given to someone else is never written to.
 */
final class NetlinkWakeUp {
    private static final int EFD_NONBLOCK_CLOEXEC = 0x800 | 0x80000;
    private static final int CLOSED = 1 << 30;
    private static final MethodHandle EVENTFD = Downcall.of("eventfd", Downcall.INT, Downcall.INT, Downcall.INT);
    private static final MethodHandle WRITE =
        Downcall.withoutErrno("write", Downcall.LONG, Downcall.INT, Downcall.POINTER, Downcall.LONG);
    private static final MethodHandle READ =
        Downcall.withoutErrno("read", Downcall.LONG, Downcall.INT, Downcall.POINTER, Downcall.LONG);

    private final Arena arena = Arena.ofAuto();
    private final MemorySegment ownerState = arena.allocate(Downcall.STATE);
    private final MemorySegment one = arena.allocateFrom(ValueLayout.JAVA_LONG, 1L);
    private final MemorySegment drained = arena.allocate(ValueLayout.JAVA_LONG);
    private final AtomicBoolean signalled = new AtomicBoolean();
    private final AtomicInteger users = new AtomicInteger();
    private final int fd;

    NetlinkWakeUp() {
        try {
            fd = (int) EVENTFD.invokeExact(ownerState, 0, EFD_NONBLOCK_CLOEXEC);
        } catch (final Throwable e) {
            throw Downcall.impossible(e);
        }
        if (fd < 0) {
            throw new NetlinkException("cannot make an eventfd", Downcall.errno(ownerState));
        }
    }

    int fileDescriptor() {
        return fd;
    }

    /** Any thread: makes the descriptor readable, unless it is already. */
    void signal() {
        if (signalled.get() || !signalled.compareAndSet(false, true)) {
            return;
        }
        if (users.getAndIncrement() < CLOSED) {
            try {
                // The counter cannot overflow: one write per drain. A failure leaves the owner to its timeout.
                final long ignored = (long) WRITE.invokeExact(fd, one, 8L);
            } catch (final Throwable e) {
                throw Downcall.impossible(e);
            }
        }
        users.decrementAndGet();
    }

    /** The owner, when the descriptor is readable and before it looks for what the signal was about. */
    void drain() {
        try {
            // Can only fail for being empty already.
            final long ignored = (long) READ.invokeExact(fd, drained, 8L);
        } catch (final Throwable e) {
            throw Downcall.impossible(e);
        }
        signalled.set(false);
    }

    /** The owner, once. */
    void close() {
        users.getAndAdd(CLOSED);
        while (users.get() != CLOSED) {
            Thread.onSpinWait();
        }
        Descriptor.close(fd);
    }
}
