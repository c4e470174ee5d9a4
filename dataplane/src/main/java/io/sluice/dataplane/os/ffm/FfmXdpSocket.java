package io.sluice.dataplane.os.ffm;

import io.sluice.dataplane.os.Errno;
import io.sluice.dataplane.os.SystemCallException;
import io.sluice.dataplane.os.XdpRing;
import io.sluice.dataplane.os.XdpSocket;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.ArrayList;
import java.util.List;

/** {@link XdpSocket} by system calls: linux/if_xdp.h. */
public final class FfmXdpSocket implements XdpSocket {
    private static final MethodHandle SENDTO = Downcall.of("sendto", Downcall.LONG, Downcall.INT, Downcall.LONG,
        Downcall.LONG, Downcall.INT, Downcall.LONG, Downcall.INT);
    private static final MethodHandle RECVFROM = Downcall.withoutErrno("recvfrom", Downcall.LONG, Downcall.INT, Downcall.LONG,
        Downcall.LONG, Downcall.INT, Downcall.LONG, Downcall.LONG);

    private static final int AF_XDP = 44;
    private static final int SOCK_RAW_CLOEXEC = 3 | 0x80000;
    private static final int SOCKADDR_LENGTH = 16;
    private static final int MSG_DONTWAIT = 0x40;
    private static final int SOL_SOCKET = 1;
    private static final int SO_SNDBUFFORCE = 32;
    /** In copy mode each frame becomes a socket buffer that counts until it is sent. */
    private static final int SEND_BUFFER_BYTES = 8 << 20;

    private static final int SOL_XDP = 283;
    private static final int XDP_MMAP_OFFSETS = 1;
    private static final int XDP_RX_RING = 2;
    private static final int XDP_TX_RING = 3;
    private static final int XDP_UMEM_REG = 4;
    private static final int XDP_UMEM_FILL_RING = 5;
    private static final int XDP_UMEM_COMPLETION_RING = 6;
    private static final int XDP_STATISTICS = 7;
    private static final long PAGE_RX = 0;
    private static final long PAGE_TX = 0x8000_0000L;
    private static final long PAGE_FILL = 0x1_0000_0000L;
    private static final long PAGE_COMPLETION = 0x1_8000_0000L;

    /** {@code struct xdp_umem_reg}, and without tx_metadata_len, which was padding before. */
    private static final int UMEM_LENGTH = 32;
    private static final int UMEM_LENGTH_WITHOUT_METADATA = 28;
    private static final int UMEM_METADATA_AT = 28;
    /** Linux 6.11 and newer want the length of metadata to be announced. */
    private static final int UMEM_TX_METADATA_LEN = 1 << 2;
    private static final int UMEM_FLAGS_AT = 24;

    private static final int OFFSETS_LENGTH = 128;
    private static final int STATISTICS_LENGTH = 48;
    private static final int RX_DROPPED = 0;
    private static final int RX_RING_FULL = 24;

    private final MemorySegment sendState = Arena.ofAuto().allocate(Downcall.STATE);
    private final List<MemorySegment> mappings = new ArrayList<>();
    private final int fd;
    private boolean metadata;
    private XdpRing fill;
    private XdpRing received;
    private XdpRing transmit;
    private XdpRing completion;
    private boolean closed;

    private FfmXdpSocket(final int fd) {
        this.fd = fd;
    }

    /**
     * Opens a socket in the network namespace of the calling thread.
     *
     * @return a socket without memory, rings and queue
     * @throws SystemCallException if the kernel refuses: {@code EPERM} without {@code CAP_NET_RAW}, {@code EAFNOSUPPORT}
     *     without {@code CONFIG_XDP_SOCKETS}
     */
    public static XdpSocket open() {
        final FfmXdpSocket socket = new FfmXdpSocket(Descriptor.socket("AF_XDP", AF_XDP, SOCK_RAW_CLOEXEC, 0));
        Descriptor.set(socket.fd, SOL_SOCKET, SO_SNDBUFFORCE, SEND_BUFFER_BYTES);
        return socket;
    }

    @Override
    public int fileDescriptor() {
        return fd;
    }

    @Override
    public int register(final MemorySegment memory, final int chunkLength) {
        try (Arena scratch = Arena.ofConfined()) {
            final MemorySegment umem = scratch.allocate(UMEM_LENGTH, 8);
            umem.set(ValueLayout.JAVA_LONG, 0, memory.address());
            umem.set(ValueLayout.JAVA_LONG, 8, memory.byteSize());
            umem.set(ValueLayout.JAVA_INT, 16, chunkLength);
            umem.set(ValueLayout.JAVA_INT, UMEM_METADATA_AT, XdpRing.METADATA_LENGTH);
            umem.set(ValueLayout.JAVA_INT, UMEM_FLAGS_AT, UMEM_TX_METADATA_LEN);
            int errno = Descriptor.set(fd, SOL_XDP, XDP_UMEM_REG, umem, UMEM_LENGTH);
            metadata = errno == 0;
            if (errno == Errno.EINVAL) {
                umem.set(ValueLayout.JAVA_INT, UMEM_FLAGS_AT, 0);
                errno = Descriptor.set(fd, SOL_XDP, XDP_UMEM_REG, umem, UMEM_LENGTH_WITHOUT_METADATA);
            }
            return -errno;
        }
    }

    @Override
    public int makeRings(final int size) {
        try (Arena scratch = Arena.ofConfined()) {
            final MemorySegment count = scratch.allocateFrom(ValueLayout.JAVA_INT, size);
            for (final int ring : new int[] {XDP_UMEM_FILL_RING, XDP_UMEM_COMPLETION_RING, XDP_RX_RING, XDP_TX_RING}) {
                final int errno = Descriptor.set(fd, SOL_XDP, ring, count, Integer.BYTES);
                if (errno != 0) {
                    return -errno;
                }
            }
            final MemorySegment offsets = scratch.allocate(OFFSETS_LENGTH, 8);
            final int errno = get(XDP_MMAP_OFFSETS, offsets);
            if (errno != 0) {
                return -errno;
            }
            received = map(offsets, 0, XdpRing.DESCRIPTOR_LENGTH, size, PAGE_RX);
            transmit = map(offsets, 1, XdpRing.DESCRIPTOR_LENGTH, size, PAGE_TX);
            fill = map(offsets, 2, XdpRing.ADDRESS_LENGTH, size, PAGE_FILL);
            completion = map(offsets, 3, XdpRing.ADDRESS_LENGTH, size, PAGE_COMPLETION);
            return received == null || transmit == null || fill == null || completion == null ? -Errno.ENOMEM : 0;
        }
    }

    /** {@code struct xdp_mmap_offsets}: for rx, tx, fill and completion the offsets of producer, consumer, descriptors, flags. */
    private XdpRing map(final MemorySegment offsets, final int ring, final int descriptorLength, final int size, final long page) {
        final long[] at = offsets.asSlice(ring * 32L, 32).toArray(ValueLayout.JAVA_LONG);
        final long length = at[2] + (long) size * descriptorLength;
        final MemorySegment mapped = Descriptor.map(fd, length, page);
        if (mapped == null) {
            return null;
        }
        mappings.add(mapped);
        return new XdpRing(mapped, at, descriptorLength, size);
    }

    @Override
    public int bind(final int interfaceIndex, final int queue, final int flags, final int sharedWith) {
        try (Arena scratch = Arena.ofConfined()) {
            final MemorySegment address = scratch.allocate(SOCKADDR_LENGTH, 4);
            address.set(ValueLayout.JAVA_SHORT, 0, (short) AF_XDP);
            address.set(ValueLayout.JAVA_SHORT, 2, (short) flags);
            address.set(ValueLayout.JAVA_INT, 4, interfaceIndex);
            address.set(ValueLayout.JAVA_INT, 8, queue);
            address.set(ValueLayout.JAVA_INT, 12, sharedWith);
            return -Descriptor.bind(fd, address, SOCKADDR_LENGTH);
        }
    }

    @Override
    public boolean hasTransmitMetadata() {
        return metadata;
    }

    @Override
    public XdpRing fill() {
        return fill;
    }

    @Override
    public XdpRing received() {
        return received;
    }

    @Override
    public XdpRing transmit() {
        return transmit;
    }

    @Override
    public XdpRing completion() {
        return completion;
    }

    @Override
    public void wakeReceive() {
        try {
            // Whatever it says, the fill ring is looked at again before the next wait.
            final long ignored = (long) RECVFROM.invokeExact(fd, 0L, 0L, MSG_DONTWAIT, 0L, 0L);
        } catch (final Throwable e) {
            throw Downcall.impossible(e);
        }
    }

    @Override
    public int wakeTransmit() {
        try {
            final long result = (long) SENDTO.invokeExact(sendState, fd, 0L, 0L, MSG_DONTWAIT, 0L, 0);
            return result >= 0 ? 0 : -Downcall.errno(sendState);
        } catch (final Throwable e) {
            throw Downcall.impossible(e);
        }
    }

    @Override
    public long drops() {
        try (Arena scratch = Arena.ofConfined()) {
            final MemorySegment statistics = scratch.allocate(STATISTICS_LENGTH, 8);
            if (get(XDP_STATISTICS, statistics) != 0) {
                return 0;
            }
            // An empty fill ring shows in rx_dropped too, once for each frame that it costs.
            return statistics.get(ValueLayout.JAVA_LONG, RX_DROPPED) + statistics.get(ValueLayout.JAVA_LONG, RX_RING_FULL);
        }
    }

    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        mappings.forEach(AnonymousMemory::unmap);
        Descriptor.close(fd);
    }

    private int get(final int option, final MemorySegment value) {
        return Descriptor.get(fd, SOL_XDP, option, value);
    }
}
