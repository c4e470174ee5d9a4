package io.sluice.dataplane.os.ffm;

import io.sluice.dataplane.os.SystemCallException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/**
 * What is done with file descriptors and sockets of every kind: made, set up, bound, closed. Off the packet's way: each call
 * has scratch memory of its own. Any thread.
 */
@SuppressWarnings("restricted")
final class Descriptor {
    private static final MethodHandle SOCKET = Downcall.of("socket", Downcall.INT, Downcall.INT, Downcall.INT, Downcall.INT);
    private static final MethodHandle BIND = Downcall.of("bind", Downcall.INT, Downcall.INT, Downcall.POINTER, Downcall.INT);
    private static final MethodHandle SETSOCKOPT = Downcall.of("setsockopt", Downcall.INT, Downcall.INT, Downcall.INT,
        Downcall.INT, Downcall.POINTER, Downcall.INT);
    private static final MethodHandle GETSOCKOPT = Downcall.of("getsockopt", Downcall.INT, Downcall.INT, Downcall.INT,
        Downcall.INT, Downcall.POINTER, Downcall.POINTER);
    private static final MethodHandle MMAP =
        Downcall.of("mmap", Downcall.POINTER, Downcall.LONG, Downcall.LONG, Downcall.INT, Downcall.INT, Downcall.INT, Downcall.LONG);
    private static final MethodHandle CLOSE = Downcall.of("close", Downcall.INT, Downcall.INT);

    private static final int PROT_READ_WRITE = 1 | 2;
    private static final int MAP_SHARED_POPULATE = 0x01 | 0x8000;
    private static final long MAP_FAILED = -1L;

    private Descriptor() {
    }

    /** socket(2), in the network namespace of the calling thread; {@code what} is said when the kernel refuses. */
    static int socket(final String what, final int family, final int type, final int protocol) {
        try (Arena scratch = Arena.ofConfined()) {
            final MemorySegment state = scratch.allocate(Downcall.STATE);
            final int fd = (int) SOCKET.invokeExact(state, family, type, protocol);
            if (fd < 0) {
                throw new SystemCallException("socket(" + what + ")", Downcall.errno(state));
            }
            return fd;
        } catch (final SystemCallException e) {
            throw e;
        } catch (final Throwable e) {
            throw Downcall.impossible(e);
        }
    }

    /** bind(2): 0 or a number of errno(3). */
    static int bind(final int fd, final MemorySegment address, final int length) {
        try (Arena scratch = Arena.ofConfined()) {
            final MemorySegment state = scratch.allocate(Downcall.STATE);
            return (int) BIND.invokeExact(state, fd, address, length) == 0 ? 0 : Downcall.errno(state);
        } catch (final Throwable e) {
            throw Downcall.impossible(e);
        }
    }

    /** setsockopt(2): 0 or a number of errno(3). */
    static int set(final int fd, final int level, final int option, final MemorySegment value, final int length) {
        try (Arena scratch = Arena.ofConfined()) {
            final MemorySegment state = scratch.allocate(Downcall.STATE);
            return (int) SETSOCKOPT.invokeExact(state, fd, level, option, value, length) == 0 ? 0 : Downcall.errno(state);
        } catch (final Throwable e) {
            throw Downcall.impossible(e);
        }
    }

    /** setsockopt(2) with an int: 0 or a number of errno(3). */
    static int set(final int fd, final int level, final int option, final int value) {
        try (Arena scratch = Arena.ofConfined()) {
            return set(fd, level, option, scratch.allocateFrom(ValueLayout.JAVA_INT, value), Integer.BYTES);
        }
    }

    /** getsockopt(2), which fills at most the whole value: 0 or a number of errno(3). */
    static int get(final int fd, final int level, final int option, final MemorySegment value) {
        try (Arena scratch = Arena.ofConfined()) {
            final MemorySegment state = scratch.allocate(Downcall.STATE);
            final MemorySegment length = scratch.allocateFrom(ValueLayout.JAVA_INT, (int) value.byteSize());
            return (int) GETSOCKOPT.invokeExact(state, fd, level, option, value, length) == 0 ? 0 : Downcall.errno(state);
        } catch (final Throwable e) {
            throw Downcall.impossible(e);
        }
    }

    /** mmap(2), shared with the kernel and there at once, until {@link AnonymousMemory#unmap}: null if the kernel refuses. */
    static MemorySegment map(final int fd, final long length, final long offset) {
        try (Arena scratch = Arena.ofConfined()) {
            final MemorySegment state = scratch.allocate(Downcall.STATE);
            final MemorySegment mapped =
                (MemorySegment) MMAP.invokeExact(state, 0L, length, PROT_READ_WRITE, MAP_SHARED_POPULATE, fd, offset);
            return mapped.address() == MAP_FAILED ? null : mapped.reinterpret(length);
        } catch (final Throwable e) {
            throw Downcall.impossible(e);
        }
    }

    /** close(2). */
    static void close(final int fd) {
        try (Arena scratch = Arena.ofConfined()) {
            final int ignored = (int) CLOSE.invokeExact(scratch.allocate(Downcall.STATE), fd);
        } catch (final Throwable e) {
            throw Downcall.impossible(e);
        }
    }
}
