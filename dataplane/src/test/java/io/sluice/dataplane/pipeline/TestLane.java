package io.sluice.dataplane.pipeline;

import io.sluice.dataplane.api.ForwardingSpec;
import io.sluice.dataplane.connection.ConnectionEvents;
import io.sluice.dataplane.counter.CountersFile;
import io.sluice.dataplane.counter.LaneCounters;
import io.sluice.dataplane.port.Burst;
import io.sluice.dataplane.port.FrameArena;
import io.sluice.dataplane.port.Frames;
import io.sluice.dataplane.service.ForwardingCompiler;
import io.sluice.dataplane.service.ForwardingTable;
import io.sluice.dataplane.service.SharedLimits;
import io.sluice.dataplane.verdict.DropReason;
import io.sluice.dataplane.verdict.Verdict;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;

/** One lane of a {@link PathHarness}: the real path with everything it owns, on the caller's thread. */
final class TestLane {
    private static final int FRAME_BYTES = FrameArena.HEADROOM + FrameArena.SUPER_FRAME + 63 & ~63;

    private final PathSizes sizes;
    private final ForwardingCompiler compiler;
    private final ForwardingSource source;
    private final LaneCounters counters;
    private final Frames frames;
    private final PathParts parts;
    private final Restorer restorer;
    private final HandOverRing handedOver;
    private final LaneEvent event = new LaneEvent();

    TestLane(final Steering steering, final ForwardingSpec spec, final PathSizes sizes, final StaticFib fib,
             final ConnectionEvents events, final SharedLimits limits, final CountersFile counters, final Arena arena, final long nowNs) {
        this.sizes = sizes;
        this.counters = counters.lane();
        this.compiler = new ForwardingCompiler(counters, steering.ports(), limits, bound -> 0);
        final ForwardingTable first = compiler.compile(spec, nowNs);
        this.source = new ForwardingSource(first);
        final int count = sizes.receiveFrames() + sizes.spareFrames();
        this.frames = new Frames(new FrameArena(arena.allocate((long) count * FRAME_BYTES, 64), count, FRAME_BYTES),
            sizes.spareFrames());
        this.parts = new PathParts(frames, fib, source, this.counters, events, PathHarness.sequences(), steering,
            new LaneSizes(sizes.connections(), sizes.fragments(), sizes.refreshSeconds()), nowNs);
        this.restorer = new Restorer(parts, compiler, first);
        this.handedOver = new HandOverRing(FRAME_BYTES);
    }

    /** Takes a stored connection over, before the first frame. */
    void restore(final MemorySegment record) {
        restorer.restore(record, 0);
        source.publish(compiler.refresh(source.newest()));
    }

    void apply(final ForwardingSpec next, final long nowNs) {
        source.publish(compiler.compile(next, nowNs));
    }

    /** An empty turn. */
    void begin(final long nowNs) {
        event.received().clear();
        event.made().clear();
        event.nowNs(nowNs);
    }

    void process() {
        parts.path().process(event);
    }

    /** Copies a frame in. */
    void place(final TestFrame frame) {
        final long offset = frames.receive().take();
        if (offset < 0) {
            throw new IllegalStateException("a burst of more than " + sizes.receiveFrames() + " frames");
        }
        MemorySegment.copy(frame.bytes(), 0, frames.arena().memory(), ValueLayout.JAVA_BYTE, offset, frame.bytes().length);
        frame.describe(event.received(), event.received().add(offset, frame.bytes().length, frame.port()));
    }

    /** Hands the only frame of the turn to another lane, which takes it into its turn. */
    void handTo(final TestLane other) {
        if (!other.handedOver.offer(frames.arena().memory(), event.received(), 0)) {
            throw new AssertionError("an empty ring is full");
        }
        frames.release(event.received().offset(0));
        Consistency.same(1, other.handedOver.poll(other.event.received(), other.frames.receive()), "frames taken over");
    }

    /** What became of a frame of the turn, without what was made. */
    PathResult result(final int i, final List<TestFrame> made) {
        final Burst burst = event.received();
        final byte verdict = burst.verdict(i);
        return new PathResult(verdict, verdict == Verdict.DROP ? burst.reason(i) : null, collect(burst, i), made);
    }

    byte verdict() {
        return event.received().verdict(0);
    }

    int target() {
        return event.received().lane(0);
    }

    private TestFrame collect(final Burst burst, final int i) {
        final TestFrame frame = TestFrame.of(frames.arena().memory().asSlice(burst.offset(i), burst.length(i))
            .toArray(ValueLayout.JAVA_BYTE), burst, i);
        frames.release(burst.offset(i));
        return frame;
    }

    List<TestFrame> collectMade() {
        final List<TestFrame> made = new ArrayList<>();
        for (int i = 0; i < event.made().size(); i++) {
            if (event.made().verdict(i) != Verdict.FORWARD) {
                throw new AssertionError("a made frame that is not forwarded");
            }
            made.add(collect(event.made(), i));
        }
        return made;
    }

    long drops(final DropReason reason) {
        return counters.get(reason);
    }

    LaneCounters counters() {
        return counters;
    }

    ForwardingTable forwarding() {
        return source.newest();
    }

    PathParts parts() {
        return parts;
    }

    Frames frames() {
        return frames;
    }

    /** Checks that everything in this lane that knows of connections agrees. */
    void checkConsistency() {
        Consistency.check(this);
        Consistency.same(sizes.receiveFrames(), frames.receive().available(), "free receive frames");
        Consistency.same(sizes.spareFrames(), frames.spare().available(), "free spare frames");
    }
}
