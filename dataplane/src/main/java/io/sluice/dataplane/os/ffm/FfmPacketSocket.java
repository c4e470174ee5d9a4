package io.sluice.dataplane.os.ffm;

import io.sluice.dataplane.os.Errno;
import io.sluice.dataplane.os.MessageBatch;
import io.sluice.dataplane.os.PacketRing;
import io.sluice.dataplane.os.PacketSocket;
import io.sluice.dataplane.os.SystemCallException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/**
 * {@link PacketSocket} by system calls. Nothing is allocated or locked on the way into the kernel: pointers to batches are
 * passed as plain addresses, and errno goes into memory of an automatic arena, which a call need not pin.
 */
public final class FfmPacketSocket implements PacketSocket {
    private static final MethodHandle RECVMMSG = Downcall.of("recvmmsg", Downcall.INT, Downcall.INT, Downcall.LONG,
        Downcall.INT, Downcall.INT, Downcall.LONG);
    private static final MethodHandle SENDMMSG =
        Downcall.of("sendmmsg", Downcall.INT, Downcall.INT, Downcall.LONG, Downcall.INT, Downcall.INT);
    private static final MethodHandle DUP3 = Downcall.of("dup3", Downcall.INT, Downcall.INT, Downcall.INT, Downcall.INT);

    private static final int AF_PACKET = 17;
    private static final int SOCK_RAW_NONBLOCK_CLOEXEC = 3 | 0x800 | 0x80000;
    /** A socket of protocol 0 receives nothing; with another one it would hear every interface until it is bound. */
    private static final int NO_PROTOCOL = 0;
    private static final byte ETH_P_ALL = 3;
    private static final int SOCKADDR_LL_LENGTH = 20;

    private static final int SOL_SOCKET = 1;
    private static final int SO_ERROR = 4;
    private static final int SO_SNDBUF = 7;
    private static final int SO_RCVBUF = 8;
    private static final int SO_SNDBUFFORCE = 32;
    private static final int SO_RCVBUFFORCE = 33;
    /**
     * Room for 64 super-frames in each direction, which the kernel doubles for its overhead. Much more would only let
     * packets grow old in the queue.
     */
    private static final int BUFFER_BYTES = 4 << 20;

    private static final int SOL_PACKET = 263;
    private static final int PACKET_RX_RING = 5;
    private static final int PACKET_STATISTICS = 6;
    private static final int PACKET_COPY_THRESH = 7;
    private static final int PACKET_VERSION = 10;
    private static final int PACKET_VNET_HDR = 15;
    private static final int PACKET_IGNORE_OUTGOING = 23;
    private static final int PACKET_FANOUT = 18;
    private static final int PACKET_FANOUT_DATA = 22;
    /** PACKET_FANOUT_EBPF and PACKET_FANOUT_FLAG_IGNORE_OUTGOING: the group has that flag in place of its members. */
    private static final int FAN_OUT_MODE = 7 | 0x4000;
    /** Groups are numbered per network namespace: by the interface, beside the small numbers that others choose. */
    private static final int FAN_OUT_GROUPS = 0x5100;
    private static final int TP_DROPS = 4;
    private static final int TPACKET_V2 = 1;
    /** 8 MiB: at a million packets a second, four milliseconds in which the lane does something else. */
    private static final int RING_SLOTS = 4096;
    private static final int RING_BYTES = RING_SLOTS * PacketRing.SLOT_LENGTH;
    private static final int RING_BLOCK_BYTES = 64 << 10;

    private static final int MSG_DONTWAIT = 0x40;
    private static final long NO_TIMEOUT = 0;
    private static final int O_CLOEXEC = 0x80000;
    private static final int NO_PROGRAM = -1;

    private final MemorySegment receiveState = Arena.ofAuto().allocate(Downcall.STATE);
    private final MemorySegment sendState = Arena.ofAuto().allocate(Downcall.STATE);
    private final int fd;
    private final int fanOutProgram;
    private MemorySegment mapping;
    private MemorySegment oldMapping;
    private volatile PacketRing ring;
    private volatile PacketRing ringInUse;
    private boolean joined;
    private boolean closed;

    private FfmPacketSocket(final int fd, final int fanOutProgram) {
        this.fd = fd;
        this.fanOutProgram = fanOutProgram;
    }

    /**
     * Opens a socket in the network namespace of the calling thread and sets its options.
     *
     * @return a socket that is not bound yet
     * @throws SystemCallException if the kernel refuses: {@code EPERM} without {@code CAP_NET_RAW}, {@code ENOPROTOOPT} on a
     *     kernel before 4.20
     */
    public static FfmPacketSocket open() {
        return open(NO_PROGRAM);
    }

    /**
     * Opens a socket that joins a fan-out group of its interface as soon as it is bound.
     *
     * @param fanOutProgram descriptor of the group's eBPF program, which returns the number of the member that gets a packet
     * @return a socket that is not bound yet
     * @throws SystemCallException as {@link #open()} does
     */
    public static FfmPacketSocket openForFanOut(final int fanOutProgram) {
        return open(fanOutProgram);
    }

    private static FfmPacketSocket open(final int fanOutProgram) {
        final FfmPacketSocket socket = new FfmPacketSocket(
            Descriptor.socket("AF_PACKET, SOCK_RAW", AF_PACKET, SOCK_RAW_NONBLOCK_CLOEXEC, NO_PROTOCOL), fanOutProgram);
        try {
            socket.require("PACKET_VNET_HDR", PACKET_VNET_HDR, 1);
            socket.require("PACKET_IGNORE_OUTGOING", PACKET_IGNORE_OUTGOING, 1);
            socket.makeRing();
            socket.enlarge(SO_RCVBUFFORCE, SO_RCVBUF);
            socket.enlarge(SO_SNDBUFFORCE, SO_SNDBUF);
            return socket;
        } catch (final SystemCallException e) {
            socket.close();
            throw e;
        }
    }

    @Override
    public int fileDescriptor() {
        return fd;
    }

    /** The virtio header has to be asked for before there is a ring. */
    private void makeRing() {
        require("PACKET_VERSION", PACKET_VERSION, TPACKET_V2);
        require("PACKET_COPY_THRESH", PACKET_COPY_THRESH, 1);
        try (Arena scratch = Arena.ofConfined()) {
            final MemorySegment request = scratch.allocateFrom(ValueLayout.JAVA_INT, RING_BLOCK_BYTES, RING_BYTES / RING_BLOCK_BYTES,
                PacketRing.SLOT_LENGTH, RING_SLOTS);
            final int errno = Descriptor.set(fd, SOL_PACKET, PACKET_RX_RING, request, (int) request.byteSize());
            if (errno != 0) {
                throw new SystemCallException("setsockopt(PACKET_RX_RING)", errno);
            }
        }
        mapping = Descriptor.map(fd, RING_BYTES, 0);
        if (mapping == null) {
            throw new SystemCallException("mmap of the receive ring", Errno.ENOMEM);
        }
        ring = new PacketRing(mapping);
        ringInUse = ring;
    }

    @Override
    public PacketRing ring() {
        final PacketRing current = ring;
        if (current != ringInUse) {
            ringInUse = current;
        }
        return current;
    }

    @Override
    public int receive(final MessageBatch batch, final int first, final int count) {
        try {
            final int received =
                (int) RECVMMSG.invokeExact(receiveState, fd, batch.address(first), count, MSG_DONTWAIT, NO_TIMEOUT);
            return received >= 0 ? received : -Downcall.errno(receiveState);
        } catch (final Throwable e) {
            throw Downcall.impossible(e);
        }
    }

    @Override
    public int send(final MessageBatch batch, final int first, final int count) {
        try {
            final int sent = (int) SENDMMSG.invokeExact(sendState, fd, batch.address(first), count, MSG_DONTWAIT);
            return sent >= 0 ? sent : -Downcall.errno(sendState);
        } catch (final Throwable e) {
            throw Downcall.impossible(e);
        }
    }

    @Override
    public int bind(final int interfaceIndex) {
        return fanOutProgram == NO_PROGRAM ? bindTo(interfaceIndex) : joined ? replace(interfaceIndex) : join(interfaceIndex);
    }

    private int bindTo(final int interfaceIndex) {
        try (Arena scratch = Arena.ofConfined()) {
            final MemorySegment address = scratch.allocate(SOCKADDR_LL_LENGTH, 4);
            address.set(ValueLayout.JAVA_SHORT, 0, (short) AF_PACKET);
            address.set(ValueLayout.JAVA_BYTE, 3, ETH_P_ALL);
            address.set(ValueLayout.JAVA_INT, 4, interfaceIndex);
            return -Descriptor.bind(fd, address, SOCKADDR_LL_LENGTH);
        }
    }

    private int join(final int interfaceIndex) {
        final int bound = bindTo(interfaceIndex);
        if (bound != 0) {
            return bound;
        }
        final int refused = set(SOL_PACKET, PACKET_FANOUT, FAN_OUT_GROUPS + interfaceIndex & 0xffff | FAN_OUT_MODE << 16);
        if (refused != 0) {
            return -refused;
        }
        joined = true;
        return -set(SOL_PACKET, PACKET_FANOUT_DATA, fanOutProgram);
    }

    /**
     * A member of a group is bound for ever: another socket takes its place under the same descriptor. The receiving thread may
     * still look at the old ring, so that one stays mapped until the next time.
     */
    private int replace(final int interfaceIndex) {
        if (ring != ringInUse) {
            return -Errno.EAGAIN;
        }
        try (FfmPacketSocket fresh = open(fanOutProgram); Arena scratch = Arena.ofConfined()) {
            final int result = fresh.join(interfaceIndex);
            if (result != 0) {
                return result;
            }
            final MemorySegment state = scratch.allocate(Downcall.STATE);
            final int moved = (int) DUP3.invokeExact(state, fresh.fd, fd, O_CLOEXEC);
            if (moved < 0) {
                return -Downcall.errno(state);
            }
            takeRingOf(fresh);
            return 0;
        } catch (final SystemCallException e) {
            return -e.errno();
        } catch (final Throwable e) {
            throw Downcall.impossible(e);
        }
    }

    private void takeRingOf(final FfmPacketSocket fresh) {
        unmap(oldMapping);
        oldMapping = mapping;
        mapping = fresh.mapping;
        fresh.mapping = null;
        ring = fresh.ring;
    }

    private static void unmap(final MemorySegment mapping) {
        if (mapping != null) {
            AnonymousMemory.unmap(mapping);
        }
    }

    @Override
    public int takeDrops() {
        return get(SOL_PACKET, PACKET_STATISTICS, TP_DROPS);
    }

    @Override
    public int takeError() {
        return get(SOL_SOCKET, SO_ERROR, 0);
    }

    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        unmap(oldMapping);
        unmap(mapping);
        Descriptor.close(fd);
    }

    private void require(final String option, final int number, final int value) {
        final int errno = set(SOL_PACKET, number, value);
        if (errno != 0) {
            throw new SystemCallException("setsockopt(" + option + ")", errno);
        }
    }

    private void enlarge(final int beyondTheLimit, final int withinTheLimit) {
        if (set(SOL_SOCKET, beyondTheLimit, BUFFER_BYTES) != 0) {
            set(SOL_SOCKET, withinTheLimit, BUFFER_BYTES);
        }
    }

    private int set(final int level, final int option, final int value) {
        return Descriptor.set(fd, level, option, value);
    }

    /** One int of a socket option, 0 if the kernel does not tell. */
    private int get(final int level, final int option, final int at) {
        try (Arena scratch = Arena.ofConfined()) {
            final MemorySegment value = scratch.allocate(ValueLayout.JAVA_INT, 2);
            return Descriptor.get(fd, level, option, value) == 0 ? value.get(ValueLayout.JAVA_INT, at) : 0;
        }
    }
}
