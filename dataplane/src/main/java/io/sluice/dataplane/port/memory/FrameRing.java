package io.sluice.dataplane.port.memory;

import io.sluice.dataplane.port.Burst;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Frames on their way between a test and a port: a ring of slots, each with its own bytes. One thread puts, one takes.
 *
 * <pre>
 *   taken ... [ to be taken ] ... published ... [ put, not to be seen yet ] ... put
 * </pre>
 *
 * <p>A slot's bytes grow to the longest frame it ever held, so that a ring that has gone round once allocates no more.
 */
final class FrameRing {
    private final AtomicLong taken = new AtomicLong();
    private final AtomicLong published = new AtomicLong();
    private final Slot[] slots;
    private long put;

    FrameRing(final int capacity) {
        slots = new Slot[capacity];
        for (int i = 0; i < capacity; i++) {
            slots[i] = new Slot();
        }
    }

    /** Copies a frame in; false if the ring is full. Seen by the other side after {@link #publish}. */
    boolean put(final MemorySegment source, final Burst burst, final int i) {
        final Slot slot = nextFree(burst.length(i));
        if (slot == null) {
            return false;
        }
        MemorySegment.copy(source, ValueLayout.JAVA_BYTE, burst.offset(i), slot.bytes, 0, slot.length);
        slot.partialChecksum = burst.isChecksumPartial(i);
        slot.checksumStart = burst.checksumStart(i);
        slot.checksumOffset = burst.checksumOffset(i);
        slot.gsoType = burst.gsoType(i);
        slot.gsoSize = burst.gsoSize(i);
        slot.vlanStripped = burst.isVlanStripped(i);
        slot.otherHost = burst.isOtherHost(i);
        return true;
    }

    /** Copies a frame in; false if the ring is full. Seen by the other side after {@link #publish}. */
    boolean put(final MemoryFrame frame) {
        final Slot slot = nextFree(frame.bytes().length);
        if (slot == null) {
            return false;
        }
        System.arraycopy(frame.bytes(), 0, slot.bytes, 0, slot.length);
        slot.partialChecksum = frame.partialChecksum();
        slot.checksumStart = frame.checksumStart();
        slot.checksumOffset = frame.checksumOffset();
        slot.gsoType = frame.gsoType();
        slot.gsoSize = frame.gsoSize();
        slot.vlanStripped = frame.vlanStripped();
        slot.otherHost = frame.otherHost();
        return true;
    }

    /** Shows the other side what was put; returns how many frames that were. */
    int publish() {
        final int count = (int) (put - published.getPlain());
        published.setRelease(put);
        return count;
    }

    /** Frames to be taken. */
    int size() {
        return (int) (published.getAcquire() - taken.getAcquire());
    }

    /** The oldest frame, or null. It stays there until {@link #advance}. */
    Slot peek() {
        return size() == 0 ? null : slots[(int) (taken.getPlain() % slots.length)];
    }

    /** Makes room for another frame where the oldest was. */
    void advance() {
        taken.setRelease(taken.getPlain() + 1);
    }

    private Slot nextFree(final int length) {
        if (put - taken.getAcquire() == slots.length) {
            return null;
        }
        final Slot slot = slots[(int) (put++ % slots.length)];
        if (slot.bytes.length < length) {
            slot.bytes = new byte[length];
        }
        slot.length = length;
        return slot;
    }

    /** One frame in the ring. */
    static final class Slot {
        private byte[] bytes = new byte[0];
        private int length;
        private boolean partialChecksum;
        private int checksumStart;
        private int checksumOffset;
        private byte gsoType;
        private int gsoSize;
        private boolean vlanStripped;
        private boolean otherHost;

        int length() {
            return length;
        }

        /** Copies the frame to where there is room for it, and appends it to a burst. */
        void copyTo(final MemorySegment target, final long offset, final Burst burst, final int portIndex) {
            MemorySegment.copy(bytes, 0, target, ValueLayout.JAVA_BYTE, offset, length);
            final int i = burst.add(offset, length, portIndex);
            burst.gso(i, gsoType, gsoSize);
            if (partialChecksum) {
                burst.partialChecksum(i, checksumStart, checksumOffset);
            }
            if (vlanStripped) {
                burst.vlanStripped(i);
            }
            if (otherHost) {
                burst.otherHost(i);
            }
        }

        MemoryFrame toFrame() {
            return new MemoryFrame(Arrays.copyOf(bytes, length), partialChecksum, partialChecksum ? checksumStart : 0,
                partialChecksum ? checksumOffset : 0, gsoType, gsoSize, vlanStripped, otherHost);
        }
    }
}
