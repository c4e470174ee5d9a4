package io.sluice.dataplane.os.ffm;

import io.sluice.dataplane.os.Errno;
import io.sluice.dataplane.os.Netlink;
import io.sluice.dataplane.os.NetlinkException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.ByteBuffer;

/** {@link Netlink} over the C library. The socket belongs to the network namespace of the thread that opens it. */
public final class NetlinkSocket implements Netlink {
    /** Enough for the notifications of some ten thousand changes at once. */
    public static final int DEFAULT_RECEIVE_BUFFER = 4 << 20;

    private static final int AF_NETLINK = 16;
    private static final int SOCK_RAW_NONBLOCK_CLOEXEC = 3 | 0x800 | 0x80000;
    private static final int NETLINK_ROUTE = 0;
    private static final int NETLINK_GENERIC = 16;
    private static final int SOL_SOCKET = 1;
    private static final int SO_RCVBUF = 8;
    private static final int SO_RCVBUFFORCE = 33;
    private static final int SOL_NETLINK = 270;
    private static final int NETLINK_ADD_MEMBERSHIP = 1;
    private static final int NETLINK_CAP_ACK = 10;
    private static final int NETLINK_EXT_ACK = 11;
    private static final int MSG_TRUNC = 0x20;
    private static final short POLLIN = 1;
    private static final int POLLFD_LENGTH = 8;
    private static final int SOCKADDR_LENGTH = 12;
    private static final int SOCKADDR_PORT_ID = 4;
    /** The kernel builds dumps in pieces of at most 32 KiB; one link with hundreds of virtual functions can be longer. */
    private static final int BUFFER_LENGTH = 256 << 10;
    private static final int REQUEST_LENGTH = 16 << 10;

    private static final MethodHandle SOCKET =
        Downcall.of("socket", Downcall.INT, Downcall.INT, Downcall.INT, Downcall.INT);
    private static final MethodHandle SEND =
        Downcall.of("send", Downcall.LONG, Downcall.INT, Downcall.POINTER, Downcall.LONG, Downcall.INT);
    private static final MethodHandle RECVFROM = Downcall.of("recvfrom", Downcall.LONG, Downcall.INT, Downcall.POINTER,
        Downcall.LONG, Downcall.INT, Downcall.POINTER, Downcall.POINTER);
    private static final MethodHandle POLL = Downcall.of("poll", Downcall.INT, Downcall.POINTER, Downcall.LONG, Downcall.INT);

    private final Arena arena = Arena.ofShared();
    private final MemorySegment state = arena.allocate(Downcall.STATE);
    private final MemorySegment buffer = arena.allocate(BUFFER_LENGTH, 8);
    private final MemorySegment request = arena.allocate(REQUEST_LENGTH, 8);
    private final MemorySegment sender = arena.allocate(SOCKADDR_LENGTH, 8);
    private final MemorySegment senderLength = arena.allocate(ValueLayout.JAVA_INT);
    private final MemorySegment polled = arena.allocate(2 * POLLFD_LENGTH, 8);
    private final NetlinkWakeUp wakeUp = new NetlinkWakeUp();
    private final int fd;
    private boolean closed;

    private NetlinkSocket(final int protocol) {
        try {
            fd = (int) SOCKET.invokeExact(state, AF_NETLINK, SOCK_RAW_NONBLOCK_CLOEXEC, protocol);
            if (fd < 0) {
                throw new NetlinkException("cannot open a netlink socket", Downcall.errno(state));
            }
        } catch (final NetlinkException e) {
            throw e;
        } catch (final Throwable e) {
            throw Downcall.impossible(e);
        }
        sender.fill((byte) 0);
        sender.set(ValueLayout.JAVA_SHORT, 0, (short) AF_NETLINK);
        final int errno = Descriptor.bind(fd, sender, SOCKADDR_LENGTH);
        if (errno != 0) {
            throw new NetlinkException("cannot bind a netlink socket", errno);
        }
        polled.setAtIndex(ValueLayout.JAVA_INT, 0, fd);
        polled.setAtIndex(ValueLayout.JAVA_INT, 2, wakeUp.fileDescriptor());
        polled.setAtIndex(ValueLayout.JAVA_SHORT, 2, POLLIN);
        polled.setAtIndex(ValueLayout.JAVA_SHORT, 6, POLLIN);
    }

    /**
     * Opens a socket in the calling thread's network namespace.
     *
     * @param receiveBufferBytes wanted size of the kernel's queue; a process without CAP_NET_ADMIN may get less
     * @return an open socket that has joined no group
     * @throws NetlinkException if the kernel refuses
     */
    public static Netlink open(final int receiveBufferBytes) {
        return open(NETLINK_ROUTE, receiveBufferBytes);
    }

    /**
     * Opens a socket for generic netlink families ({@code NETLINK_GENERIC}) in the calling thread's network namespace.
     *
     * @return an open socket that has joined no group
     * @throws NetlinkException if the kernel refuses
     */
    public static Netlink openGeneric() {
        return open(NETLINK_GENERIC, DEFAULT_RECEIVE_BUFFER);
    }

    private static Netlink open(final int protocol, final int receiveBufferBytes) {
        final NetlinkSocket socket = new NetlinkSocket(protocol);
        if (socket.set(SOL_SOCKET, SO_RCVBUFFORCE, receiveBufferBytes) != 0) {
            socket.set(SOL_SOCKET, SO_RCVBUF, receiveBufferBytes);
        }
        // Both since Linux 4.x: shorter error answers, and words in them. Without them messages are poorer, nothing else.
        socket.set(SOL_NETLINK, NETLINK_CAP_ACK, 1);
        socket.set(SOL_NETLINK, NETLINK_EXT_ACK, 1);
        return socket;
    }

    @Override
    public void join(final int group) {
        final int errno = set(SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, group);
        if (errno != 0) {
            throw new NetlinkException("cannot subscribe to netlink group " + group, errno);
        }
    }

    @Override
    public void send(final ByteBuffer bytes) {
        final int length = bytes.remaining();
        MemorySegment.copy(MemorySegment.ofBuffer(bytes), 0, request, 0, length);
        try {
            final long sent = (long) SEND.invokeExact(state, fd, request, (long) length, 0);
            if (sent != length) {
                throw new NetlinkException("cannot send a netlink request", Downcall.errno(state));
            }
        } catch (final NetlinkException e) {
            throw e;
        } catch (final Throwable e) {
            throw Downcall.impossible(e);
        }
    }

    @Override
    public int receive() {
        try {
            while (true) {
                senderLength.set(ValueLayout.JAVA_INT, 0, SOCKADDR_LENGTH);
                final long received = (long) RECVFROM.invokeExact(state, fd, buffer, (long) BUFFER_LENGTH, MSG_TRUNC, sender, senderLength);
                if (received < 0) {
                    return failed(Downcall.errno(state));
                }
                if (received > BUFFER_LENGTH) {
                    // Cut: as good as lost.
                    return OVERRUN;
                }
                if (received > 0 && sender.get(ValueLayout.JAVA_INT, SOCKADDR_PORT_ID) == 0) {
                    return (int) received;
                }
            }
        } catch (final NetlinkException e) {
            throw e;
        } catch (final Throwable e) {
            throw Downcall.impossible(e);
        }
    }

    @Override
    public MemorySegment buffer() {
        return buffer;
    }

    @Override
    public boolean await(final int timeoutMs) {
        try {
            final int ready = (int) POLL.invokeExact(state, polled, 2L, timeoutMs);
            if (ready > 0 && polled.getAtIndex(ValueLayout.JAVA_SHORT, 7) != 0) {
                wakeUp.drain();
            }
            // POLLERR counts: it is how an overrun shows.
            return ready > 0 && polled.getAtIndex(ValueLayout.JAVA_SHORT, 3) != 0;
        } catch (final NetlinkException e) {
            throw e;
        } catch (final Throwable e) {
            throw Downcall.impossible(e);
        }
    }

    @Override
    public void wakeUp() {
        wakeUp.signal();
    }

    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        wakeUp.close();
        Descriptor.close(fd);
        arena.close();
    }

    private int failed(final int errno) {
        return switch (errno) {
            case Errno.EAGAIN, Errno.EINTR -> 0;
            case Errno.ENOBUFS -> OVERRUN;
            default -> throw new NetlinkException("cannot receive from a netlink socket", errno);
        };
    }

    private int set(final int level, final int name, final int value) {
        return Descriptor.set(fd, level, name, value);
    }
}
