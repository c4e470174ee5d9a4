package io.sluice.dataplane.os.ffm;

import io.sluice.dataplane.os.NeighbourSocket;
import io.sluice.dataplane.os.SystemCallException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/**
 * {@link NeighbourSocket} by system calls.
 *
 * <p>A packet socket cannot be unbound. At rest it is bound to ARP on the loopback interface, which never carries any.
 */
public final class FfmNeighbourSocket implements NeighbourSocket {
    private static final MethodHandle SENDTO = Downcall.of("sendto", Downcall.LONG, Downcall.INT, Downcall.POINTER, Downcall.LONG,
        Downcall.INT, Downcall.POINTER, Downcall.INT);
    private static final MethodHandle RECVFROM = Downcall.of("recvfrom", Downcall.LONG, Downcall.INT, Downcall.POINTER, Downcall.LONG,
        Downcall.INT, Downcall.POINTER, Downcall.POINTER);

    private static final int AF_PACKET = 17;
    private static final int SOCK_RAW_NONBLOCK_CLOEXEC = 3 | 0x800 | 0x80000;
    /** A socket of protocol 0 receives nothing until it is bound. */
    private static final int NO_PROTOCOL = 0;
    private static final int ETH_P_ALL = 0x0003;
    private static final int ETH_P_ARP = 0x0806;
    private static final int EVERY_INTERFACE = 0;
    private static final int LOOPBACK = 1;

    private static final int SOL_SOCKET = 1;
    private static final int SO_ATTACH_FILTER = 26;
    private static final int SOL_PACKET = 263;
    private static final int PACKET_IGNORE_OUTGOING = 23;

    private static final int SOCKADDR_LL_LENGTH = 20;
    private static final int SLL_PROTOCOL = 2;
    private static final int SLL_IFINDEX = 4;
    private static final int ETHERTYPE = 12;

    /**
     * Classic BPF (linux/filter.h), {code, jump if true, jump if false, k}: untagged, and either ARP, or IPv6 whose next header is
     * ICMPv6 of type 135 or 136.
     */
    private static final int[][] FILTER = {
        {0x20, 0, 0, 0xffff_f000 + 44},  // ld vlan_tci, 0 without a tag (SKF_AD_VLAN_TAG)
        {0x54, 0, 0, 0xfff},             // and #0xfff: tag 0 is but a priority
        {0x15, 0, 8, 0},                 // jeq #0, else drop
        {0x28, 0, 0, ETHERTYPE},         // ldh [12]
        {0x15, 7, 0, ETH_P_ARP},         // jeq #arp, take
        {0x15, 0, 5, 0x86dd},            // jeq #ipv6, else drop
        {0x30, 0, 0, 20},                // ldb [14 + 6]
        {0x15, 0, 3, 58},                // jeq #icmp6, else drop
        {0x30, 0, 0, 54},                // ldb [14 + 40]
        {0x35, 0, 1, 135},               // jge #135, else drop
        {0x25, 0, 1, 136},               // jgt #136, drop, else take
        {0x06, 0, 0, 0},                 // drop
        {0x06, 0, 0, 0x40000},           // take
    };
    private static final int INSTRUCTION_LENGTH = 8;

    private final Arena memory = Arena.ofAuto();
    private final MemorySegment state = memory.allocate(Downcall.STATE);
    private final MemorySegment peer = memory.allocate(SOCKADDR_LL_LENGTH, 4);
    private final MemorySegment peerLength = memory.allocate(ValueLayout.JAVA_INT);
    private final MemorySegment scrap = memory.allocate(1);
    private final int fd;
    private final FfmPollSet poll;
    private int receivedBy;
    private boolean closed;

    private FfmNeighbourSocket(final int fd, final FfmPollSet poll) {
        this.fd = fd;
        this.poll = poll;
    }

    /**
     * Opens a socket in the network namespace of the calling thread, at rest.
     *
     * @return a socket that can send
     * @throws SystemCallException if the kernel refuses: {@code EPERM} without {@code CAP_NET_RAW}
     */
    public static FfmNeighbourSocket open() {
        final FfmNeighbourSocket socket = around(
            Descriptor.socket("AF_PACKET, SOCK_RAW", AF_PACKET, SOCK_RAW_NONBLOCK_CLOEXEC, NO_PROTOCOL));
        try {
            socket.attachFilter();
            socket.set("PACKET_IGNORE_OUTGOING", SOL_PACKET, PACKET_IGNORE_OUTGOING, socket.memory.allocateFrom(ValueLayout.JAVA_INT, 1));
            return socket;
        } catch (final SystemCallException e) {
            socket.close();
            throw e;
        }
    }

    @Override
    public int send(final int interfaceIndex, final MemorySegment frame, final int length) {
        address(interfaceIndex, frame.get(ValueLayout.JAVA_SHORT_UNALIGNED, ETHERTYPE));
        try {
            final long sent = (long) SENDTO.invokeExact(state, fd, frame, (long) length, 0, peer, SOCKADDR_LL_LENGTH);
            return sent >= 0 ? 0 : -Downcall.errno(state);
        } catch (final Throwable e) {
            throw Downcall.impossible(e);
        }
    }

    @Override
    public void listen() {
        final int errno = bind(EVERY_INTERFACE, ETH_P_ALL);
        if (errno != 0) {
            throw new SystemCallException("bind(AF_PACKET, ETH_P_ALL)", errno);
        }
    }

    @Override
    public void rest() {
        bind(LOOPBACK, ETH_P_ARP);
        while (receive(scrap) != NOTHING) {
            // Nothing arrives any more, so this ends.
            receivedBy = 0;
        }
    }

    @Override
    public int receive(final MemorySegment frame) {
        peerLength.set(ValueLayout.JAVA_INT, 0, SOCKADDR_LL_LENGTH);
        try {
            final long received = (long) RECVFROM.invokeExact(state, fd, frame, frame.byteSize(), 0, peer, peerLength);
            receivedBy = peer.get(ValueLayout.JAVA_INT, SLL_IFINDEX);
            return received < 0 ? NOTHING : (int) received;
        } catch (final Throwable e) {
            throw Downcall.impossible(e);
        }
    }

    @Override
    public int receivedBy() {
        return receivedBy;
    }

    @Override
    public void await(final long timeoutNs) {
        poll.await(timeoutNs);
    }

    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        poll.close();
        Descriptor.close(fd);
    }

    private static FfmNeighbourSocket around(final int fd) {
        try {
            return new FfmNeighbourSocket(fd, FfmPollSet.open(fd));
        } catch (final SystemCallException e) {
            Descriptor.close(fd);
            throw e;
        }
    }

    private int bind(final int interfaceIndex, final int protocol) {
        address(interfaceIndex, Short.reverseBytes((short) protocol));
        return Descriptor.bind(fd, peer, SOCKADDR_LL_LENGTH);
    }

    /** Fills in {@code struct sockaddr_ll}. */
    private void address(final int interfaceIndex, final short protocolInNetworkOrder) {
        peer.fill((byte) 0);
        peer.set(ValueLayout.JAVA_SHORT, 0, (short) AF_PACKET);
        peer.set(ValueLayout.JAVA_SHORT, SLL_PROTOCOL, protocolInNetworkOrder);
        peer.set(ValueLayout.JAVA_INT, SLL_IFINDEX, interfaceIndex);
    }

    /** {@code struct sock_fprog}: how many instructions, and where. */
    private void attachFilter() {
        final MemorySegment instructions = memory.allocate((long) FILTER.length * INSTRUCTION_LENGTH, 8);
        for (int i = 0; i < FILTER.length; i++) {
            final long at = (long) i * INSTRUCTION_LENGTH;
            instructions.set(ValueLayout.JAVA_SHORT, at, (short) FILTER[i][0]);
            instructions.set(ValueLayout.JAVA_BYTE, at + 2, (byte) FILTER[i][1]);
            instructions.set(ValueLayout.JAVA_BYTE, at + 3, (byte) FILTER[i][2]);
            instructions.set(ValueLayout.JAVA_INT, at + 4, FILTER[i][3]);
        }
        final MemorySegment program = memory.allocate(16, 8);
        program.set(ValueLayout.JAVA_SHORT, 0, (short) FILTER.length);
        program.set(ValueLayout.ADDRESS, 8, instructions);
        set("SO_ATTACH_FILTER", SOL_SOCKET, SO_ATTACH_FILTER, program);
    }

    private void set(final String name, final int level, final int option, final MemorySegment value) {
        final int errno = Descriptor.set(fd, level, option, value, (int) value.byteSize());
        if (errno != 0) {
            throw new SystemCallException("setsockopt(" + name + ")", errno);
        }
    }
}
