package io.sluice.bench.path;

import io.sluice.bench.traffic.Clients;
import io.sluice.bench.traffic.Rig;
import io.sluice.bench.traffic.Scene;
import io.sluice.bench.traffic.Step;
import io.sluice.bench.traffic.Trace;
import io.sluice.dataplane.counter.SystemCounter;
import io.sluice.dataplane.pipeline.LaneEvent;
import io.sluice.dataplane.pipeline.Steering;
import io.sluice.dataplane.port.Burst;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * Whole short connections, 8 packets each: handshake, request with TTM option, response, both sides' end. The next connection
 * of a client takes the place of its last one, as after TIME_WAIT.
 *
 * <p>Two rounds are played in full and noted. Then the local ports come round again, and with them every number in every packet,
 * so that the notes can be replayed for ever.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class CycleBench {
    private static final int STEPS = 8;
    private static final int ROUNDS = Scene.PASSING_PORTS / Burst.CAPACITY;
    private static final int ROUND_FRAMES = STEPS * Burst.CAPACITY;

    /** Families. */
    @Param({"TCP_4TO4", "TCP_6TO4"})
    public Scene scene;
    /** Other connections, open meanwhile. */
    @Param({"1", "1000000"})
    public int connections;

    private final LaneEvent[] events = Stream.generate(LaneEvent::new).limit(STEPS).toArray(LaneEvent[]::new);
    private final Trace trace = new Trace(ROUNDS * ROUND_FRAMES);
    private Rig rig;
    private int next;
    private long played;

    /** Opens the other connections, and notes two rounds. */
    @Setup(Level.Trial)
    public void open() {
        rig = new Rig(scene, connections, Steering.ALONE);
        new Clients(rig, Scene.LASTING, IntStream.range(0, connections).toArray()).open();
        final Clients clients = new Clients(rig, Scene.PASSING, IntStream.range(0, Burst.CAPACITY).toArray());
        for (int i = 0; i < ROUNDS; i++) {
            clients.openAndClose(trace);
        }
        played = rig.counters().get(SystemCounter.CONNECTIONS_OPENED);
    }

    /** Restores the frames of one round. */
    @Setup(Level.Invocation)
    public void lay() {
        for (int i = 0; i < STEPS; i++) {
            rig.lay(trace, next + i * Burst.CAPACITY, events[i]);
        }
        next = next + ROUND_FRAMES == trace.size() ? 0 : next + ROUND_FRAMES;
        played += Burst.CAPACITY;
    }

    /** One round of 64 connections; the figure is for each connection. */
    @Benchmark
    @OperationsPerInvocation(Burst.CAPACITY)
    public void openAndClose() {
        for (final LaneEvent event : events) {
            rig.parts().path().process(event);
        }
    }

    /** Fails unless every packet was forwarded and every SYN has opened a connection. */
    @TearDown(Level.Iteration)
    public void check() {
        rig.requireAllForwarded();
        final long opened = rig.counters().get(SystemCounter.CONNECTIONS_OPENED);
        if (opened != played || Step.CYCLE.size() != STEPS) {
            throw new IllegalStateException(opened + " connections were opened instead of " + played + ": the figures mean nothing");
        }
    }

    /** Removes what is on disk. */
    @TearDown(Level.Trial)
    public void close() {
        rig.close();
    }
}
