package io.sluice.bench.traffic;

import io.sluice.dataplane.connection.ConnectionEventRing;
import io.sluice.dataplane.connection.EventLog;
import io.sluice.dataplane.counter.CountersFile;
import io.sluice.dataplane.counter.LaneCounters;
import io.sluice.dataplane.counter.SystemCounter;
import io.sluice.dataplane.nat.SequenceGenerator;
import io.sluice.dataplane.neighbour.TwoLinks;
import io.sluice.dataplane.pipeline.ForwardingSource;
import io.sluice.dataplane.pipeline.LaneEvent;
import io.sluice.dataplane.pipeline.LaneSizes;
import io.sluice.dataplane.pipeline.PathParts;
import io.sluice.dataplane.pipeline.Steering;
import io.sluice.dataplane.port.Burst;
import io.sluice.dataplane.port.FrameArena;
import io.sluice.dataplane.port.Frames;
import io.sluice.dataplane.service.ForwardingCompiler;
import io.sluice.dataplane.service.SharedLimits;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The real path of one lane with everything it owns, driven by the caller's thread. Time stands still.
 *
 * <p>The table of record is not there: connections are published to its Disruptor, from which nobody takes.
 */
public final class Rig implements AutoCloseable {
    /** The time, nanoseconds since 1970. */
    public static final long NOW_NS = 1_800_000_000_000_000_000L;
    /** Receive frames, as many as an af_packet port has. */
    public static final int RECEIVE_FRAMES = 1024;

    private static final int SPARE_FRAMES = 128;
    private static final int SPARE_CONNECTIONS = 256;
    private static final int FRAGMENTS = 1024;
    private static final int REFRESH_SECONDS = 30;
    private static final int COUNTERS = 1024;
    private static final int EVENTS = 4096;

    private final Scene scene;
    private final Path directory;
    private final CountersFile countersFile;
    private final LaneCounters counters;
    private final ForwardingSource forwarding;
    private final Frames frames = new Frames(FrameArena.allocate(RECEIVE_FRAMES + SPARE_FRAMES, FrameArena.SUPER_FRAME), SPARE_FRAMES);
    private final PathParts parts;
    private int nextFrame;

    /**
     * A lane without connections.
     *
     * @param scene       who talks to whom
     * @param connections to make room for
     * @param steering    which lane it is
     */
    public Rig(final Scene scene, final int connections, final Steering steering) {
        this.scene = scene;
        try {
            this.directory = Files.createTempDirectory("sluice-bench");
        } catch (final IOException e) {
            throw new UncheckedIOException(e);
        }
        this.countersFile = CountersFile.create(directory, COUNTERS);
        this.counters = countersFile.lane();
        this.forwarding = new ForwardingSource(
            new ForwardingCompiler(countersFile, steering.ports(), new SharedLimits(), bound -> 0).compile(scene.spec(), NOW_NS));
        this.parts = new PathParts(frames, new TwoLinks(), forwarding, counters, new ConnectionEventRing(EventLog.inMemory(EVENTS)),
            new SequenceGenerator(1, 2), steering, new LaneSizes(connections + SPARE_CONNECTIONS, FRAGMENTS, REFRESH_SECONDS), NOW_NS);
    }

    /** {@return who talks to whom} */
    public Scene scene() {
        return scene;
    }

    /** {@return the stages} */
    public PathParts parts() {
        return parts;
    }

    /** {@return all frames; their pools are full} */
    public Frames frames() {
        return frames;
    }

    /** {@return the configuration} */
    public ForwardingSource forwarding() {
        return forwarding;
    }

    /** {@return the lane's counters} */
    public LaneCounters counters() {
        return counters;
    }

    /**
     * Puts the next burst of a trace where a port would put it. Every burst has other frames, as the pool of a port deals them.
     *
     * @param trace whose frames come
     * @param from  first of {@value Burst#CAPACITY} frames
     * @param event emptied, and filled
     */
    public void lay(final Trace trace, final int from, final LaneEvent event) {
        clear(event);
        for (int i = 0; i < Burst.CAPACITY; i++) {
            trace.lay(from + i, frames.arena().memory(), nextOffset(), event.received());
        }
    }

    void clear(final LaneEvent event) {
        event.received().clear();
        event.made().clear();
        event.nowNs(NOW_NS);
    }

    long nextOffset() {
        nextFrame = nextFrame + 1 == RECEIVE_FRAMES ? 0 : nextFrame + 1;
        return frames.arena().dataOffset(nextFrame);
    }

    /**
     * Says when the path has done something else with a packet than forward it.
     *
     * @throws IllegalStateException if it has
     */
    public void requireAllForwarded() {
        final long dropped = counters.get(SystemCounter.PACKETS_DROPPED);
        final long passed = counters.get(SystemCounter.PACKETS_PASSED);
        final long handedOver = counters.get(SystemCounter.PACKETS_HANDED_OVER);
        final long received = counters.get(SystemCounter.PACKETS_RECEIVED);
        if (dropped + passed + handedOver != 0 || received != counters.get(SystemCounter.PACKETS_FORWARDED)) {
            throw new IllegalStateException("of " + received + " packets, " + dropped + " were dropped, " + passed + " passed and "
                + handedOver + " handed over: the figures mean nothing. All should have been forwarded, and none made");
        }
    }

    /** Removes what is on disk. */
    @Override
    public void close() {
        countersFile.close();
        try {
            Files.deleteIfExists(countersFile.file());
            Files.delete(directory);
        } catch (final IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
