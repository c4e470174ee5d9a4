package io.sluice.dataplane.os.ffm;

import io.sluice.dataplane.os.ReadySet;
import io.sluice.dataplane.os.SystemCallException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/** {@link ReadySet} by epoll_create1(2) and epoll_ctl(2). */
public final class FfmReadySet implements ReadySet {
    private static final MethodHandle EPOLL_CREATE1 = Downcall.of("epoll_create1", Downcall.INT, Downcall.INT);
    private static final MethodHandle EPOLL_CTL =
        Downcall.of("epoll_ctl", Downcall.INT, Downcall.INT, Downcall.INT, Downcall.INT, Downcall.POINTER);
    private static final int EPOLL_CLOEXEC = 0x80000;
    private static final int EPOLL_CTL_ADD = 1;
    private static final int EPOLLIN = 1;
    /** {@code struct epoll_event} is packed on x86 only; events come first on every machine. */
    private static final int EVENT_LENGTH = 16;

    private final int fd;
    private boolean closed;

    private FfmReadySet(final int fd) {
        this.fd = fd;
    }

    /**
     * Makes an empty set.
     *
     * @return a set that is never readable until something is added
     * @throws SystemCallException if there is no descriptor left
     */
    public static ReadySet open() {
        try (Arena scratch = Arena.ofConfined()) {
            final MemorySegment state = scratch.allocate(Downcall.STATE);
            final int fd = (int) EPOLL_CREATE1.invokeExact(state, EPOLL_CLOEXEC);
            if (fd < 0) {
                throw new SystemCallException("epoll_create1", Downcall.errno(state));
            }
            return new FfmReadySet(fd);
        } catch (final SystemCallException e) {
            throw e;
        } catch (final Throwable e) {
            throw Downcall.impossible(e);
        }
    }

    @Override
    public int fileDescriptor() {
        return fd;
    }

    @Override
    public void add(final int fileDescriptor) {
        try (Arena scratch = Arena.ofConfined()) {
            final MemorySegment state = scratch.allocate(Downcall.STATE);
            final MemorySegment event = scratch.allocate(EVENT_LENGTH, 8);
            event.set(ValueLayout.JAVA_INT, 0, EPOLLIN);
            if ((int) EPOLL_CTL.invokeExact(state, fd, EPOLL_CTL_ADD, fileDescriptor, event) != 0) {
                throw new SystemCallException("epoll_ctl(EPOLL_CTL_ADD)", Downcall.errno(state));
            }
        } catch (final SystemCallException e) {
            throw e;
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
        Descriptor.close(fd);
    }
}
