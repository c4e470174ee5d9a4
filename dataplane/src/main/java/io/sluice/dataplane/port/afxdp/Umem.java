package io.sluice.dataplane.port.afxdp;

import io.sluice.dataplane.os.Errno;
import io.sluice.dataplane.os.SystemCallException;
import io.sluice.dataplane.os.XdpSocket;
import io.sluice.dataplane.os.ffm.FfmXdpSocket;
import io.sluice.dataplane.port.FrameArena;
import java.util.ArrayList;
import java.util.List;

/**
 * A lane's frames as the kernel knows them, shared by the sockets of all interfaces and queues of the lane.
 *
 * <p>The first socket registers the memory, the others share it. The kernel wants one kind for all that share: zero-copy
 * and copying sockets therefore each have a registration of their own, of the same memory. When all sockets of a kind have
 * lost their interface there is nobody left to share with, and the next one registers again.
 *
 * <p>Control thread.
 */
public final class Umem {
    /** Bytes of a frame: what the kernel calls an aligned chunk, and never more than a page. */
    public static final int CHUNK_LENGTH = 4096;
    /** The longest frame that can be received: a chunk without the kernel's headroom. */
    public static final int LONGEST_FRAME = CHUNK_LENGTH - XdpSocket.HEADROOM;

    private final FrameArena arena;
    private final int ringSize;
    private final List<Member> members = new ArrayList<>();

    private record Member(XdpSocket socket, boolean zeroCopy, boolean metadata) {
    }

    /**
     * Memory that no socket uses yet.
     *
     * @param arena    frames with a stride of {@link #CHUNK_LENGTH}, beginning on a page
     * @param ringSize descriptors of each ring, a power of two
     * @throws IllegalArgumentException if the arena is not like that
     */
    public Umem(final FrameArena arena, final int ringSize) {
        if (arena.capacity() + FrameArena.HEADROOM != CHUNK_LENGTH || arena.memory().address() % CHUNK_LENGTH != 0) {
            throw new IllegalArgumentException("AF_XDP needs frames of " + CHUNK_LENGTH + " bytes that begin on a page");
        }
        this.arena = arena;
        this.ringSize = ringSize;
    }

    FrameArena arena() {
        return arena;
    }

    int ringSize() {
        return ringSize;
    }

    /**
     * Opens a socket and takes over a queue with it.
     *
     * @param interfaceIndex of the interface
     * @param queue          number of the queue
     * @param zeroCopy       without copying, or else with
     * @param offloads       whether the driver fills in checksums when asked, in zero-copy mode
     * @return the queue
     * @throws SystemCallException if the kernel refuses, naming the call
     */
    XskQueue bind(final int interfaceIndex, final int queue, final boolean zeroCopy, final boolean offloads) {
        while (true) {
            final Member partner = members.stream().filter(member -> member.zeroCopy == zeroCopy).findFirst().orElse(null);
            final XdpSocket socket = FfmXdpSocket.open();
            try {
                final boolean metadata = partner == null ? register(socket) : partner.metadata;
                check("making the rings of an AF_XDP socket", socket.makeRings(ringSize));
                final int result = partner == null
                    ? socket.bind(interfaceIndex, queue, (zeroCopy ? XdpSocket.ZERO_COPY : XdpSocket.COPY) | XdpSocket.USE_NEED_WAKEUP, 0)
                    : socket.bind(interfaceIndex, queue, XdpSocket.SHARED_UMEM, partner.socket.fileDescriptor());
                if (result == -Errno.EBADF && partner != null) {
                    // Its interface is gone, which its owner has not noticed yet.
                    members.remove(partner);
                    socket.close();
                    continue;
                }
                check("bind(AF_XDP, queue " + queue + ")", result);
                members.add(new Member(socket, zeroCopy, metadata));
                return XskQueue.of(queue, socket, zeroCopy, metadata && (!zeroCopy || offloads), arena);
            } catch (final SystemCallException e) {
                socket.close();
                throw e;
            }
        }
    }

    /** Closes a socket; closing again does nothing. */
    void close(final XskQueue queue) {
        members.removeIf(member -> member.socket == queue.socket());
        queue.socket().close();
    }

    private boolean register(final XdpSocket socket) {
        check("setsockopt(XDP_UMEM_REG) for " + (arena.memory().byteSize() >> 10) + " KiB",
            socket.register(arena.memory(), CHUNK_LENGTH));
        return socket.hasTransmitMetadata();
    }

    private static void check(final String call, final int result) {
        if (result < 0) {
            throw new SystemCallException(call, -result);
        }
    }
}
