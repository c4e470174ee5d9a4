package io.sluice.bench.traffic;

import io.sluice.dataplane.port.Burst;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Frames in the order in which they come, over and over: complete and untouched, to be copied to where the path changes them.
 * Two cache lines each, one after the other.
 */
public final class Trace {
    /** Longest frame. */
    public static final int FRAME_BYTES = 128;

    private final MemorySegment memory;
    private final byte[] lengths;
    private final byte[] ports;
    private int size;

    /**
     * An empty trace.
     *
     * @param capacity frames
     */
    public Trace(final int capacity) {
        this.memory = Arena.ofAuto().allocate((long) capacity * FRAME_BYTES, 64);
        this.lengths = new byte[capacity];
        this.ports = new byte[capacity];
    }

    /** {@return the number of frames} */
    public int size() {
        return size;
    }

    /**
     * Appends a frame.
     *
     * @param source where it is
     * @param at     offset of the frame
     * @param length bytes, up to {@link #FRAME_BYTES}
     * @param port   index of the port it comes in by
     */
    void add(final MemorySegment source, final long at, final int length, final int port) {
        MemorySegment.copy(source, at, memory, (long) size * FRAME_BYTES, length);
        lengths[size] = (byte) length;
        ports[size++] = (byte) port;
    }

    /**
     * Puts a frame into an arena and appends it to a burst.
     *
     * @param i      number of the frame
     * @param arena  memory of all frames
     * @param offset where the frame goes
     * @param burst  gets its description
     */
    public void lay(final int i, final MemorySegment arena, final long offset, final Burst burst) {
        MemorySegment.copy(memory, (long) i * FRAME_BYTES, arena, offset, lengths[i]);
        burst.add(offset, lengths[i], ports[i]);
    }
}
