package io.sluice.dataplane.port;

import io.sluice.dataplane.os.ffm.AnonymousMemory;
import java.lang.foreign.MemorySegment;

/**
 * The one memory in which all frames of a lane live. Only offsets into it travel.
 *
 * <pre>
 *   frame i starts at i * stride
 *   +----------+-----------------------------------------+
 *   | headroom | data: received from here on (capacity)  |
 *   +----------+-----------------------------------------+
 *              ^ dataOffset(i)
 * </pre>
 *
 * <p>The headroom lets a header grow in place: it is moved towards the start, the payload stays. The stride is a multiple
 * of 64 and for large frames not of 4096, so that the first lines of all frames do not fall into the same cache sets.
 *
 * <p>Thread-safe: it is immutable; what is in the memory belongs to whoever holds the frame.
 */
public final class FrameArena {
    /** Bytes before the received data: room for IPv4 to IPv6 (20 + 8), the TTM option (20) and two VLAN tags, rounded up. */
    public static final int HEADROOM = 128;
    /** A GSO super-frame: 64 KiB of IP packet, the Ethernet header and a VLAN tag. */
    public static final int SUPER_FRAME = 65_535 + 18;
    /** What one AF_XDP chunk of 4096 bytes leaves beside the headroom. */
    public static final int SMALL_FRAME = 4096 - HEADROOM;

    private final MemorySegment memory;
    private final int frameCount;
    private final int stride;

    /**
     * Frames in memory that somebody else made, for example an AF_XDP UMEM.
     *
     * @param memory     at least {@code frameCount * stride} bytes, readable and writable
     * @param frameCount number of frames, 1 or more
     * @param stride     bytes from one frame to the next, more than {@link #HEADROOM}
     * @throws IllegalArgumentException if the memory is too small
     */
    public FrameArena(final MemorySegment memory, final int frameCount, final int stride) {
        if (frameCount < 1 || stride <= HEADROOM || memory.byteSize() < (long) frameCount * stride) {
            throw new IllegalArgumentException(
                frameCount + " frames of " + stride + " bytes do not fit in " + memory.byteSize() + " bytes");
        }
        this.memory = memory;
        this.frameCount = frameCount;
        this.stride = stride;
    }

    /**
     * Allocates off-heap memory that lives as long as the process.
     *
     * @param frameCount number of frames
     * @param capacity   bytes of received data a frame must hold at least
     * @return a new arena
     */
    public static FrameArena allocate(final int frameCount, final int capacity) {
        final int stride = strideFor(capacity);
        return new FrameArena(AnonymousMemory.map((long) frameCount * stride), frameCount, stride);
    }

    private static int strideFor(final int capacity) {
        final int rounded = (HEADROOM + capacity + 63) & ~63;
        return rounded > 4096 && rounded % 4096 == 0 ? rounded + 64 : rounded;
    }

    /**
     * The memory of all frames.
     *
     * @return the segment that every offset of this arena is relative to
     */
    public MemorySegment memory() {
        return memory;
    }

    /**
     * Number of frames.
     *
     * @return 1 or more
     */
    public int frameCount() {
        return frameCount;
    }

    /**
     * Where a frame's received data starts.
     *
     * @param frame 0 to {@link #frameCount()} - 1
     * @return offset in {@link #memory()}
     */
    public long dataOffset(final int frame) {
        return (long) frame * stride + HEADROOM;
    }

    /**
     * The frame that an offset lies in.
     *
     * @param offset any offset within the frame, headroom included
     * @return frame number
     */
    public int frameAt(final long offset) {
        return (int) (offset / stride);
    }

    /**
     * The first byte of the frame that an offset lies in: headers cannot grow beyond it.
     *
     * @param offset any offset within the frame
     * @return offset of the frame's headroom
     */
    public long frameStart(final long offset) {
        return (long) frameAt(offset) * stride;
    }

    /**
     * Bytes of data that fit behind the headroom.
     *
     * @return capacity of each frame in bytes
     */
    public int capacity() {
        return stride - HEADROOM;
    }
}
