package io.sluice.dataplane.port.afxdp;

import io.sluice.dataplane.os.Errno;
import io.sluice.dataplane.os.XdpRing;
import io.sluice.dataplane.port.Burst;
import io.sluice.dataplane.port.FrameArena;
import io.sluice.dataplane.port.Frames;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;

/**
 * The sending half of a port: frames go into the tx ring where they lie, and are released when the completion ring returns
 * them.
 *
 * <p>A partial checksum is asked for in the metadata before the frame:
 * <pre>
 *   struct xsk_tx_metadata, {@value XdpRing#METADATA_LENGTH} bytes before the frame
 *    0               2               4               6
 *   +---------------------------------------------------------------+
 *   | flags: 2 = checksum                                           |
 *   +-------------------------------+-------------------------------+
 *   | start         | offset        | launch time ...               |
 *   +-------------------------------+-------------------------------+
 * </pre>
 * Where the kernel or the driver has no such thing, the checksum is completed here.
 */
final class AfXdpTransmitter {
    private static final long METADATA_CHECKSUM = 2;
    private static final int METADATA_START = 8;
    private static final int METADATA_OFFSET = 10;
    /** Calls without progress before the rest waits for the next flush. */
    private static final int FRUITLESS_CALLS = 3;

    private final AtomicLong failures = new AtomicLong();
    private final Frames frames;
    private final FrameArena arena;
    private final MemorySegment memory;
    private final Runnable linkIsDown;
    private final BindingUser user;
    private int queued;

    AfXdpTransmitter(final AtomicReference<Binding> binding, final Frames frames, final Runnable linkIsDown) {
        this.frames = frames;
        this.arena = frames.arena();
        this.memory = arena.memory();
        this.linkIsDown = linkIsDown;
        this.user = new BindingUser(binding, Binding::sender, this::reclaim);
    }

    /** {@link io.sluice.dataplane.port.PacketPort#transmit}. */
    void transmit(final Burst burst, final int i) {
        final Binding binding = user.get();
        if (binding == null || !isSendable(binding, burst, i)) {
            fail(burst.offset(i));
            return;
        }
        final XskQueue queue = binding.transmitQueue();
        final XdpRing ring = queue.socket().transmit();
        if (ring.free() == 0) {
            send(queue);
            if (ring.free() == 0) {
                fail(burst.offset(i));
                return;
            }
        }
        final int options = checksum(queue, burst, i);
        queue.transmitting().add(burst.offset(i));
        ring.put(burst.offset(i), burst.length(i), options);
        queued++;
    }

    /** What the kernel would refuse for ever stays out of the ring, and so does what is not one packet. */
    private boolean isSendable(final Binding binding, final Burst burst, final int i) {
        return burst.gsoType(i) == Burst.GSO_NONE && burst.length(i) <= binding.longestFrame()
            && (!burst.isChecksumPartial(i) || Checksums.isWithinFrame(burst, i));
    }

    private int checksum(final XskQueue queue, final Burst burst, final int i) {
        final long metadata = burst.offset(i) - XdpRing.METADATA_LENGTH;
        if (!burst.isChecksumPartial(i)) {
            return 0;
        }
        if (!queue.metadata() || metadata < arena.frameStart(burst.offset(i))) {
            Checksums.complete(memory, burst, i);
            return 0;
        }
        memory.set(ValueLayout.JAVA_LONG_UNALIGNED, metadata, METADATA_CHECKSUM);
        memory.set(ValueLayout.JAVA_SHORT_UNALIGNED, metadata + METADATA_START, (short) burst.checksumStart(i));
        memory.set(ValueLayout.JAVA_SHORT_UNALIGNED, metadata + METADATA_OFFSET, (short) burst.checksumOffset(i));
        memory.set(ValueLayout.JAVA_INT_UNALIGNED, metadata + METADATA_OFFSET + 2, 0);
        memory.set(ValueLayout.JAVA_LONG_UNALIGNED, metadata + METADATA_OFFSET + 6, 0L);
        return XdpRing.TRANSMIT_METADATA;
    }

    /** {@link io.sluice.dataplane.port.PacketPort#flush}. */
    int flush() {
        final Binding binding = user.get();
        if (binding == null) {
            return 0;
        }
        send(binding.transmitQueue());
        final int sent = queued;
        queued = 0;
        return sent;
    }

    private void send(final XskQueue queue) {
        final XdpRing ring = queue.socket().transmit();
        ring.publish();
        complete(queue);
        int fruitless = 0;
        while (!ring.isTaken() && ring.needsWakeup() && fruitless < FRUITLESS_CALLS) {
            final int free = ring.free();
            final int result = queue.socket().wakeTransmit();
            complete(queue);
            if (result == -Errno.ENETDOWN || result == -Errno.ENXIO || result == -Errno.ENODEV) {
                linkIsDown.run();
                return;
            }
            fruitless = ring.free() == free ? fruitless + 1 : 0;
        }
    }

    private void complete(final XskQueue queue) {
        final XdpRing ring = queue.socket().completion();
        final int count = ring.available();
        for (int k = 0; k < count; k++) {
            final long offset = ring.address(k);
            queue.transmitting().remove(offset);
            frames.release(offset);
        }
        if (count > 0) {
            ring.release(count);
        }
    }

    private void fail(final long offset) {
        failures.setOpaque(failures.getPlain() + 1);
        frames.release(offset);
    }

    /** What a closed socket had not completed is lost, or at least nobody knows. */
    private void reclaim(final Binding closed) {
        final HeldFrames held = closed.transmitQueue().transmitting();
        for (long frame = held.removeAny(); frame >= 0; frame = held.removeAny()) {
            fail(frame);
        }
        queued = 0;
    }

    /** {@link io.sluice.dataplane.port.PacketPort#transmitFailures}. */
    long failures() {
        return failures.getOpaque();
    }

    /** Gives all frames back. The packet threads have ended, and the last binding is closed. */
    void close() {
        user.close();
    }
}
