package io.sluice.dataplane.os.ffm;

import io.sluice.dataplane.os.SystemCallException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A packet socket on the loopback interface of a network namespace that holds nothing else and goes with the socket. It can send;
 * since it is bound to no protocol, nothing is delivered to it.
 */
public final class PrivateLoopback {
    private static final MethodHandle UNSHARE = Downcall.of("unshare", Downcall.INT, Downcall.INT);
    private static final MethodHandle BIND = Downcall.of("bind", Downcall.INT, Downcall.INT, Downcall.POINTER, Downcall.INT);
    private static final MethodHandle IOCTL =
        Downcall.variadic("ioctl", 2, Downcall.INT, Downcall.INT, Downcall.LONG, Downcall.POINTER);

    private static final int CLONE_NEWNET = 0x40000000;
    private static final long SIOCSIFFLAGS = 0x8914;
    private static final short IFF_UP = 1;
    private static final int IFREQ_LENGTH = 40;
    private static final int IFREQ_FLAGS = 16;
    private static final short AF_PACKET = 17;
    private static final int SOCKADDR_LL_LENGTH = 20;
    /** The loopback interface is the first one of every namespace. */
    private static final int LO = 1;

    private PrivateLoopback() {
    }

    /**
     * Makes the namespace and the socket.
     *
     * @return a descriptor for the rest of the process, or a negative number of errno(3): {@code EPERM} without rights
     */
    public static int open() {
        final AtomicInteger descriptor = new AtomicInteger();
        // A thread that has left its namespace must not do anything else.
        final Thread thread = Thread.ofPlatform().start(() -> descriptor.set(openHere()));
        try {
            thread.join();
        } catch (final InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return descriptor.get();
    }

    private static int openHere() {
        try (Arena arena = Arena.ofConfined()) {
            final MemorySegment state = arena.allocate(Downcall.STATE);
            if ((int) UNSHARE.invokeExact(state, CLONE_NEWNET) != 0) {
                return -Downcall.errno(state);
            }
            final int fd = FfmPacketSocket.open().fileDescriptor();
            final MemorySegment ifreq = arena.allocate(IFREQ_LENGTH, 8);
            ifreq.setString(0, "lo");
            ifreq.set(ValueLayout.JAVA_SHORT, IFREQ_FLAGS, IFF_UP);
            if ((int) IOCTL.invokeExact(state, fd, SIOCSIFFLAGS, ifreq) != 0) {
                return -Downcall.errno(state);
            }
            final MemorySegment address = arena.allocate(SOCKADDR_LL_LENGTH, 4);
            address.set(ValueLayout.JAVA_SHORT, 0, AF_PACKET);
            address.set(ValueLayout.JAVA_INT, 4, LO);
            return (int) BIND.invokeExact(state, fd, address, SOCKADDR_LL_LENGTH) == 0 ? fd : -Downcall.errno(state);
        } catch (final SystemCallException e) {
            return -e.errno();
        } catch (final Throwable e) {
            throw Downcall.impossible(e);
        }
    }
}
