package io.sluice.dataplane.os.ffm;

import io.sluice.dataplane.os.PollSet;
import io.sluice.dataplane.os.SystemCallException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/** {@link PollSet} by ppoll(2), whose timeout is in nanoseconds, and an eventfd(2). */
public final class FfmPollSet implements PollSet {
    private static final MethodHandle PPOLL =
        Downcall.of("ppoll", Downcall.INT, Downcall.LONG, Downcall.LONG, Downcall.LONG, Downcall.LONG);
    private static final MethodHandle EVENTFD = Downcall.of("eventfd", Downcall.INT, Downcall.INT, Downcall.INT);
    private static final MethodHandle READ = Downcall.of("read", Downcall.LONG, Downcall.INT, Downcall.LONG, Downcall.LONG);
    private static final MethodHandle WRITE =
        Downcall.of("write", Downcall.LONG, Downcall.INT, Downcall.LONG, Downcall.LONG);

    private static final int EFD_NONBLOCK_CLOEXEC = 0x800 | 0x80000;
    private static final short POLLIN = 1;
    private static final int POLLFD_LENGTH = 8;
    private static final int POLLFD_EVENTS = 4;
    private static final int POLLFD_RETURNED = 6;
    private static final long NS_PER_SECOND = 1_000_000_000L;
    private static final long SAME_SIGNAL_MASK = 0;

    private final Arena memory = Arena.ofAuto();
    private final MemorySegment waitState = memory.allocate(Downcall.STATE);
    private final MemorySegment unread = memory.allocate(Downcall.STATE);
    private final MemorySegment timeout = memory.allocate(16, 8);
    private final MemorySegment one = memory.allocateFrom(ValueLayout.JAVA_LONG, 1);
    private final MemorySegment count = memory.allocate(ValueLayout.JAVA_LONG);
    private final MemorySegment descriptors;
    private final long size;
    private final int event;
    private boolean anyReady;
    private boolean closed;

    private FfmPollSet(final int event, final int... fds) {
        this.event = event;
        this.size = fds.length + 1L;
        this.descriptors = memory.allocate(size * POLLFD_LENGTH, 8);
        put(0, event);
        for (int i = 0; i < fds.length; i++) {
            put(i + 1, fds[i]);
        }
    }

    /**
     * A set of descriptors to wait for.
     *
     * @param fds open descriptors, which stay the caller's; negative ones are ignored
     * @return a set with an eventfd of its own
     * @throws SystemCallException if there is no descriptor left for the eventfd
     */
    public static FfmPollSet open(final int... fds) {
        try (Arena scratch = Arena.ofConfined()) {
            final MemorySegment state = scratch.allocate(Downcall.STATE);
            final int event = (int) EVENTFD.invokeExact(state, 0, EFD_NONBLOCK_CLOEXEC);
            if (event < 0) {
                throw new SystemCallException("eventfd", Downcall.errno(state));
            }
            return new FfmPollSet(event, fds);
        } catch (final SystemCallException e) {
            throw e;
        } catch (final Throwable e) {
            throw Downcall.impossible(e);
        }
    }

    @Override
    public int await(final long timeoutNs) {
        timeout.set(ValueLayout.JAVA_LONG, 0, timeoutNs / NS_PER_SECOND);
        timeout.set(ValueLayout.JAVA_LONG, 8, timeoutNs % NS_PER_SECOND);
        try {
            final int ready = (int) PPOLL.invokeExact(waitState, descriptors.address(), size, timeout.address(),
                SAME_SIGNAL_MASK);
            anyReady = ready > 0;
            if (!anyReady) {
                return 0;
            }
            if (descriptors.get(ValueLayout.JAVA_SHORT, POLLFD_RETURNED) == 0) {
                return ready;
            }
            final long ignored = (long) READ.invokeExact(waitState, event, count.address(), (long) Long.BYTES);
            return ready - 1;
        } catch (final Throwable e) {
            throw Downcall.impossible(e);
        }
    }

    @Override
    public boolean isReady(final int i) {
        return anyReady && descriptors.get(ValueLayout.JAVA_SHORT, (i + 1L) * POLLFD_LENGTH + POLLFD_RETURNED) != 0;
    }

    @Override
    public void signal() {
        // Any thread may come here, so errno goes where nobody reads it: the write can only fail by a full counter, and
        // then a signal is pending already.
        try {
            final long ignored = (long) WRITE.invokeExact(unread, event, one.address(), (long) Long.BYTES);
        } catch (final Throwable e) {
            throw Downcall.impossible(e);
        }
    }

    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        Descriptor.close(event);
    }

    private void put(final int i, final int fd) {
        descriptors.set(ValueLayout.JAVA_INT, (long) i * POLLFD_LENGTH, fd);
        descriptors.set(ValueLayout.JAVA_SHORT, (long) i * POLLFD_LENGTH + POLLFD_EVENTS, POLLIN);
    }
}
