package io.sluice.dataplane.port.afpacket;

import io.sluice.dataplane.os.Errno;
import io.sluice.dataplane.os.MessageBatch;
import io.sluice.dataplane.os.PacketSocket;
import io.sluice.dataplane.port.Burst;
import io.sluice.dataplane.port.FrameArena;
import io.sluice.dataplane.port.FramePool;
import io.sluice.dataplane.port.Frames;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The receiving half of a port.
 *
 * <p>It always holds frames to receive into, so that one poll is one system call. Messages are used from {@code empty}
 * upwards, and the holes that leaves are filled from the top down; messages {@code empty} to the last always have a frame:
 *
 * <pre>
 *   message   0 ............ empty ........ 63        recvmmsg(messages empty .. empty + n)
 *             [ no frame yet | frame | frame ]        empty += n: their frames are now the burst's
 *                       &lt;-- fill
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
    private final long base;
    private final MessageBatch batch;
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
        this.base = frames.arena().memory().address();
        this.batch = MessageBatch.forReceiving();
    }

    /** {@link io.sluice.dataplane.port.PacketPort#poll}. */
    int poll(final Burst burst) {
        fill();
        final int room = Math.min(CAPACITY - empty, Burst.CAPACITY - burst.size());
        if (room == 0) {
            return 0;
        }
        final int received = socket.receive(batch, empty, room);
        if (received <= 0) {
            failed(-received);
            return 0;
        }
        final int before = burst.size();
        for (int i = empty; i < empty + received; i++) {
            take(i, burst);
            batch.rearm(i);
        }
        empty += received;
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
     * @param drops frames that found the receive buffer full
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

    private void fill() {
        while (empty > 0) {
            final long frame = keptCount > 0 ? kept[--keptCount] : pool.take();
            if (frame < 0) {
                return;
            }
            empty--;
            held[empty] = frame;
            batch.buffer(empty, base + frame, frames.capacity());
        }
    }

    private void take(final int message, final Burst burst) {
        // The socket ignores outgoing frames; looking at the type costs nothing here, and a loop of our own frames would.
        final int type = batch.packetType(message);
        final int length = batch.length(message);
        if (type == MessageBatch.PACKET_OUTGOING || batch.isTruncated(message) || length < 0) {
            if (type != MessageBatch.PACKET_OUTGOING) {
                failures.getAndIncrement();
            }
            kept[keptCount++] = held[message];
            return;
        }
        final int i = burst.add(held[message], length, portIndex);
        VnetHeader.read(batch.memory(), batch.vnetHeader(message), burst, i);
        if (type == MessageBatch.PACKET_OTHERHOST) {
            burst.otherHost(i);
        }
        if (batch.vlanId(message) != 0) {
            burst.vlanStripped(i);
        }
    }

    /** A frame whose GSO kind the virtio header cannot express (SCTP, for one) is lost with EINVAL. */
    private void failed(final int errno) {
        if (errno != Errno.EAGAIN && errno != Errno.EINTR && !link.failed(errno)) {
            failures.getAndIncrement();
        }
    }
}
