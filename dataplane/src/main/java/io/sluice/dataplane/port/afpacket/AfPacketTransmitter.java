package io.sluice.dataplane.port.afpacket;

import io.sluice.dataplane.os.Errno;
import io.sluice.dataplane.os.MessageBatch;
import io.sluice.dataplane.os.PacketSocket;
import io.sluice.dataplane.port.Burst;
import io.sluice.dataplane.port.Frames;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The sending half of a port: a queue of up to 64 messages, sent by one system call when all goes well.
 *
 * <p>What happens to a frame that the kernel refuses:
 * <pre>
 *   EAGAIN, ENOBUFS           the queue below us is full: the rest is tried once more, then dropped
 *   ENETDOWN, ENXIO, ENODEV   the interface is down or away: the rest is dropped
 *   anything else             it is this frame's fault (EMSGSIZE: longer than the MTU and no GSO): it alone is dropped
 * </pre>
 *
 * <p>The kernel copies while it sends, so every queued frame is released at the end of the flush, sent or not.
 */
final class AfPacketTransmitter {
    private final AtomicLong failures = new AtomicLong();
    private final PacketSocket socket;
    private final Link link;
    private final Frames frames;
    private final MemorySegment memory;
    private final long base;
    private final MessageBatch batch;
    private final long[] queue = new long[MessageBatch.CAPACITY];
    private int queued;
    private int sentEarly;

    AfPacketTransmitter(final PacketSocket socket, final Link link, final Frames frames) {
        this.socket = socket;
        this.link = link;
        this.frames = frames;
        this.memory = frames.arena().memory();
        this.base = memory.address();
        this.batch = new MessageBatch();
    }

    /** {@link io.sluice.dataplane.port.PacketPort#transmit}. */
    void transmit(final Burst burst, final int i) {
        if (queued == MessageBatch.CAPACITY) {
            sentEarly += drain();
        }
        queue[queued] = burst.offset(i);
        batch.buffer(queued, base + burst.offset(i), burst.length(i));
        VnetHeader.write(batch.memory(), batch.vnetHeader(queued), burst, i, memory);
        queued++;
    }

    /** {@link io.sluice.dataplane.port.PacketPort#flush}. */
    int flush() {
        final int sent = sentEarly + drain();
        sentEarly = 0;
        return sent;
    }

    /** {@link io.sluice.dataplane.port.PacketPort#transmitFailures}. */
    long failures() {
        return failures.getOpaque();
    }

    /** Gives all queued frames back unsent. The packet threads have ended. */
    void close() {
        release();
    }

    private int drain() {
        int sent = 0;
        int next = 0;
        boolean retried = false;
        while (next < queued) {
            final int result = socket.send(batch, next, queued - next);
            if (result > 0) {
                sent += result;
                next += result;
            } else if (isFull(-result) && !retried) {
                retried = true;
            } else {
                final int lost = concernsAll(-result) ? queued - next : 1;
                failures.setOpaque(failures.getPlain() + lost);
                next += lost;
            }
        }
        release();
        return sent;
    }

    private static boolean isFull(final int errno) {
        return errno == Errno.EAGAIN || errno == Errno.ENOBUFS || errno == Errno.EINTR;
    }

    private boolean concernsAll(final int errno) {
        return link.failed(errno) || isFull(errno) || errno == 0;
    }

    private void release() {
        for (int i = 0; i < queued; i++) {
            frames.release(queue[i]);
        }
        queued = 0;
    }
}
