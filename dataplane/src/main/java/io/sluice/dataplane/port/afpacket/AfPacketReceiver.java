package io.sluice.dataplane.port.afpacket;

import io.sluice.dataplane.os.Errno;
import io.sluice.dataplane.os.MessageBatch;
import io.sluice.dataplane.os.PacketRing;
import io.sluice.dataplane.os.PacketSocket;
import io.sluice.dataplane.port.Burst;
import io.sluice.dataplane.port.FrameArena;
import io.sluice.dataplane.port.FramePool;
import io.sluice.dataplane.port.Frames;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The receiving half of a port.
 *
 * <p>Frames of the usual MTU are copied out of the socket's ring, which costs no system call, and their slots are free again at once,
 * however long a packet waits for a neighbour or another lane. What is longer, GSO super-frames above all, the kernel writes to
 * the arena itself. Both come out in the order in which they arrived:
 *
 * <pre>
 *   ring    | short | short | long | long | short |        recvmmsg(messages empty .. empty + 2)
 *             copy    copy    '--.---'      copy
 *   message   0 ............ empty .... 63                 empty += 2: their frames are now the burst's
 *             [ no frame    | frame | frame ]
 *                     &lt;-- fill
 * </pre>
 *
 * <p>Frames of messages that were not passed on (truncated, or our own) are kept for the next fill: only the sending thread
 * may release to a pool.
 */
final class AfPacketReceiver {
    private static final int CAPACITY = MessageBatch.CAPACITY;

    private final AtomicLong failures = new AtomicLong();
    private final PacketSocket socket;
    private final Link link;
    private final int portIndex;
    private final FramePool pool;
    private final FrameArena frames;
    private final MemorySegment memory;
    private final long base;
    private final MessageBatch batch = new MessageBatch();
    private final long[] held = new long[CAPACITY];
    private final long[] kept = new long[CAPACITY];
    private int empty = CAPACITY;
    private int keptCount;

    AfPacketReceiver(final PacketSocket socket, final Link link, final int portIndex, final Frames frames) {
        this.socket = socket;
        this.link = link;
        this.portIndex = portIndex;
        this.pool = frames.receive();
        this.frames = frames.arena();
        this.memory = frames.arena().memory();
        this.base = memory.address();
    }

    /** {@link io.sluice.dataplane.port.PacketPort#poll}. */
    int poll(final Burst burst) {
        final PacketRing ring = socket.ring();
        if (!ring.isFilled()) {
            takeError();
            return 0;
        }
        final int before = burst.size();
        boolean goOn = true;
        while (goOn && !burst.isFull() && ring.isFilled()) {
            goOn = ring.isQueued() ? fetch(ring, burst) : copy(ring, burst);
        }
        return burst.size() - before;
    }

    /**
     * Frames lost on the way to a burst.
     *
     * @return truncated frames, frames of GSO kinds that the header cannot express, and what {@link #countDrops} added
     */
    long failures() {
        return failures.getOpaque();
    }

    /**
     * Adds what the kernel lost. The one method for the control thread.
     *
     * @param drops frames that found the ring full
     */
    void countDrops(final int drops) {
        failures.getAndAdd(drops);
    }

    /** Gives all held frames back. The packet threads have ended. */
    void close(final Frames owner) {
        for (int i = empty; i < CAPACITY; i++) {
            owner.release(held[i]);
        }
        empty = CAPACITY;
        while (keptCount > 0) {
            owner.release(kept[--keptCount]);
        }
    }

    /** The short frame whose turn it is; false if there is no memory for it now. */
    private boolean copy(final PacketRing ring, final Burst burst) {
        final int length = ring.length();
        if (ring.isTruncated() || length > frames.capacity()) {
            lost();
        } else if (ring.packetType() != PacketSocket.PACKET_OUTGOING) {
            final long frame = takeFrame();
            if (frame < 0) {
                return false;
            }
            MemorySegment.copy(ring.memory(), ring.frame(), memory, frame, length);
            final int i = burst.add(frame, length, portIndex);
            VnetHeader.read(ring.memory(), ring.vnetHeader(), burst, i);
            describe(ring, burst, i);
        }
        ring.release();
        return true;
    }

    /** The long frames that are next, as many as come in a row; false if there is none to be had now. */
    private boolean fetch(final PacketRing ring, final Burst burst) {
        final int count = fill(ring.queuedInARow(Math.min(CAPACITY, Burst.CAPACITY - burst.size())));
        if (count == 0) {
            return false;
        }
        final int received = socket.receive(batch, empty, count);
        for (int i = 0; i < received; i++) {
            ring.isFilled();
            take(empty++, ring, burst);
            ring.release();
        }
        return received > 0 || failed(-received, ring);
    }

    private void take(final int message, final PacketRing ring, final Burst burst) {
        final int length = batch.length(message);
        // The socket ignores outgoing frames; looking at the type costs nothing here, and a loop of our own frames would.
        final boolean ours = ring.packetType() == PacketSocket.PACKET_OUTGOING;
        if (ours || length < 0 || batch.isTruncated(message)) {
            if (!ours) {
                lost();
            }
            kept[keptCount++] = held[message];
            return;
        }
        final int i = burst.add(held[message], length, portIndex);
        VnetHeader.read(batch.memory(), batch.vnetHeader(message), burst, i);
        describe(ring, burst, i);
    }

    private static void describe(final PacketRing ring, final Burst burst, final int i) {
        if (ring.packetType() == PacketSocket.PACKET_OTHERHOST) {
            burst.otherHost(i);
        }
        if (ring.vlanId() != 0) {
            burst.vlanStripped(i);
        }
    }

    /** Gives frames to the last messages; how many of those wanted have one then. */
    private int fill(final int wanted) {
        while (CAPACITY - empty < wanted) {
            final long frame = takeFrame();
            if (frame < 0) {
                return CAPACITY - empty;
            }
            held[--empty] = frame;
            batch.buffer(empty, base + frame, frames.capacity());
        }
        return wanted;
    }

    private long takeFrame() {
        return keptCount > 0 ? kept[--keptCount] : pool.take();
    }

    /**
     * The frame whose turn it is was lost: with EINVAL if the virtio header cannot express its GSO kind (SCTP, for one), with EAGAIN
     * if the queue lost it. False if the error says nothing about it.
     */
    private boolean failed(final int errno, final PacketRing ring) {
        if (errno == Errno.EINTR || link.failed(errno)) {
            return false;
        }
        lost();
        ring.release();
        return true;
    }

    /** An error that waits on the socket, such as ENETDOWN: poll(2) reports it until it is taken. */
    private void takeError() {
        link.failed(-socket.receive(batch, 0, 0));
    }

    private void lost() {
        failures.getAndIncrement();
    }
}
