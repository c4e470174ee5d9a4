package io.sluice.dataplane.port.afxdp;

import io.sluice.dataplane.os.XdpRing;
import io.sluice.dataplane.port.Burst;
import io.sluice.dataplane.port.FrameArena;
import io.sluice.dataplane.port.FramePool;
import io.sluice.dataplane.port.Frames;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;

/**
 * The receiving half of a port. It keeps each queue's kernel side supplied with as many free frames as a ring has places.
 *
 * <p>Frames that come back without having been passed on (too long, or of sockets that were closed) are kept for the next
 * fill: only the sending thread may release to a pool.
 */
final class AfXdpReceiver {
    private final AtomicLong failures = new AtomicLong();
    private final AtomicLong tooLong = new AtomicLong();
    private final int portIndex;
    private final FramePool pool;
    private final FrameArena arena;
    private final MemorySegment memory;
    private final int ringSize;
    private final long[] kept;
    private final BindingUser user;
    private int keptCount;
    private int firstQueue;

    AfXdpReceiver(final AtomicReference<Binding> binding, final int portIndex, final Frames frames, final int ringSize) {
        this.portIndex = portIndex;
        this.pool = frames.receive();
        this.arena = frames.arena();
        this.memory = arena.memory();
        this.ringSize = ringSize;
        this.kept = new long[arena.frameCount()];
        this.user = new BindingUser(binding, Binding::receiver, this::reclaim);
    }

    /** {@link io.sluice.dataplane.port.PacketPort#poll}. */
    int poll(final Burst burst) {
        final Binding binding = user.get();
        if (binding == null) {
            return 0;
        }
        final int before = burst.size();
        final XskQueue[] queues = binding.queues();
        // Queues take turns to be first, so that a busy one cannot keep the others out of the burst.
        firstQueue = firstQueue + 1 >= queues.length ? 0 : firstQueue + 1;
        for (int i = 0; i < queues.length; i++) {
            final int at = firstQueue + i;
            final XskQueue queue = queues[at < queues.length ? at : at - queues.length];
            if (!burst.isFull()) {
                take(binding, queue, burst);
            }
            fill(queue);
        }
        return burst.size() - before;
    }

    private void take(final Binding binding, final XskQueue queue, final Burst burst) {
        final XdpRing ring = queue.socket().received();
        final int count = Math.min(ring.available(), Burst.CAPACITY - burst.size());
        if (count == 0) {
            return;
        }
        for (int k = 0; k < count; k++) {
            final long offset = ring.address(k);
            final int length = ring.length(k);
            queue.receiving().remove(offset);
            if (length > binding.longestFrame()) {
                tooLong.getAndIncrement();
                kept[keptCount++] = offset;
                continue;
            }
            final int i = burst.add(offset, length, portIndex);
            if (binding.hasUnfinishedChecksums()) {
                Checksums.mark(memory, burst, i);
            }
        }
        ring.release(count);
    }

    private void fill(final XskQueue queue) {
        final HeldFrames held = queue.receiving();
        final XdpRing ring = queue.socket().fill();
        if (held.count() < ringSize) {
            final int room = Math.min(ring.free(), ringSize - held.count());
            int put = 0;
            while (put < room) {
                final long frame = keptCount > 0 ? kept[--keptCount] : pool.take();
                if (frame < 0) {
                    break;
                }
                held.add(frame);
                ring.put(arena.frameStart(frame));
                put++;
            }
            if (put > 0) {
                ring.publish();
            }
        }
        if (queue.zeroCopy() && ring.needsWakeup()) {
            queue.socket().wakeReceive();
        }
    }

    private void reclaim(final Binding closed) {
        for (final XskQueue queue : closed.queues()) {
            for (long frame = queue.receiving().removeAny(); frame >= 0; frame = queue.receiving().removeAny()) {
                kept[keptCount++] = frame;
            }
        }
    }

    /** Frames lost on the way to a burst: too long, and what {@link #countDrops} added. */
    long failures() {
        return failures.getOpaque() + tooLong.getOpaque();
    }

    /** Frames longer than the interface's MTU: their sender's kernel has left cutting them to hardware that there is not. */
    long tooLong() {
        return tooLong.getOpaque();
    }

    /** Adds what the kernel lost. Control thread. */
    void countDrops(final long drops) {
        failures.getAndAdd(drops);
    }

    /** Gives all frames back. The packet threads have ended, and the last binding is closed. */
    void close(final Frames owner) {
        user.close();
        while (keptCount > 0) {
            owner.release(kept[--keptCount]);
        }
    }
}
