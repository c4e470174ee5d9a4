package io.sluice.dataplane.port.impaired;

import io.sluice.dataplane.port.Burst;
import io.sluice.dataplane.port.FrameArena;
import io.sluice.dataplane.port.Frames;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.SplittableRandom;

/** One direction of an impaired port: a frame comes in, none to {@link #MOST} come out. */
final class Impairer {
    /** The frame, its copy, and one that was held back. */
    static final int MOST = 3;

    private final Impairments rates;
    private final SplittableRandom random;
    private final Frames frames;
    private final MemorySegment memory;
    private final Burst heldBack = new Burst();
    private long total;
    private long lost;
    private long duplicated;
    private long reordered;
    private long corrupted;
    private long truncated;

    Impairer(final Impairments rates, final long seed, final Frames frames) {
        this.rates = rates;
        this.random = new SplittableRandom(seed);
        this.frames = frames;
        this.memory = frames.arena().memory();
    }

    /** Lets a frame of one burst through to another, which has room for {@link #MOST}. */
    void pass(final Burst from, final int i, final Burst to) {
        total++;
        if (happens(rates.loss())) {
            lost++;
            frames.release(from.offset(i));
            return;
        }
        if (happens(rates.corruption()) && from.length(i) > 0) {
            corrupted++;
            corrupt(from.offset(i) + random.nextInt(from.length(i)));
        }
        if (happens(rates.truncation()) && from.length(i) > 0) {
            truncated++;
            from.resize(i, from.offset(i), random.nextInt(from.length(i)));
        }
        if (happens(rates.reordering()) && heldBack.size() == 0) {
            reordered++;
            heldBack.append(from, i);
            return;
        }
        to.append(from, i);
        if (happens(rates.duplication())) {
            duplicate(from, i, to);
        }
        giveUpHeldBack(to);
    }

    /** Lets the frame through that was held back, if there is one. */
    void giveUpHeldBack(final Burst to) {
        if (heldBack.size() == 1) {
            to.append(heldBack, 0);
            heldBack.clear();
        }
    }

    void close() {
        for (int i = 0; i < heldBack.size(); i++) {
            frames.release(heldBack.offset(i));
        }
        heldBack.clear();
    }

    Tally tally() {
        return new Tally(total, lost, duplicated, reordered, corrupted, truncated);
    }

    private boolean happens(final double rate) {
        return rate > 0 && random.nextDouble() < rate;
    }

    private void corrupt(final long at) {
        memory.set(ValueLayout.JAVA_BYTE, at, (byte) (memory.get(ValueLayout.JAVA_BYTE, at) ^ 1 << random.nextInt(8)));
    }

    private void duplicate(final Burst from, final int i, final Burst to) {
        final FrameArena arena = frames.arena();
        final long copy = from.length(i) <= arena.capacity() ? frames.receive().take() : -1;
        if (copy < 0) {
            return;
        }
        duplicated++;
        MemorySegment.copy(memory, from.offset(i), memory, copy, from.length(i));
        final int twin = to.append(from, i);
        to.resize(twin, copy, from.length(i));
    }
}
