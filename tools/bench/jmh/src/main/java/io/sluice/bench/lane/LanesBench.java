package io.sluice.bench.lane;

import io.sluice.bench.traffic.Scene;
import io.sluice.dataplane.classify.LaneHash;
import io.sluice.dataplane.pipeline.HandOverRing;
import io.sluice.dataplane.pipeline.Steering;
import io.sluice.dataplane.port.FrameArena;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.concurrent.TimeUnit;
import org.agrona.collections.Long2LongHashMap;
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
 * Lanes side by side, one thread each, that get only what is theirs. The figure is the time between two packets of all lanes
 * together at full speed: two lanes on two idle cores should need half the time of one.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class LanesBench {
    private static final int PACKETS = 1 << 18;

    /** Lanes. */
    @Param({"1", "2"})
    public int lanes;
    /** Protocol and families. */
    @Param("TCP_4TO4")
    public Scene scene;
    /** Open connections of all lanes together. */
    @Param("100000")
    public int connections;

    private final List<LoopLane> running = new ArrayList<>();

    /** Opens the connections and starts the lanes. */
    @Setup
    public void start() {
        final LaneHash hash = new LaneHash(1);
        final Long2LongHashMap exceptions = Steering.exceptions();
        final List<HandOverRing> rings = lanes == 1 ? List.of()
            : IntStream.range(0, lanes).mapToObj(i -> new HandOverRing(FrameArena.SUPER_FRAME)).toList();
        for (int i = 0; i < lanes; i++) {
            running.add(new LoopLane(scene, connections / lanes, new Steering(i, lanes, hash, exceptions), Topology.SHARED, rings));
        }
    }

    /** From the first packet in to the last one out. */
    @Benchmark
    @OperationsPerInvocation(PACKETS)
    public void forward() {
        for (final LoopLane lane : running) {
            lane.offer(PACKETS / lanes);
        }
        for (final LoopLane lane : running) {
            lane.await();
        }
    }

    /** Fails unless every packet was forwarded. */
    @TearDown(Level.Iteration)
    public void check() {
        running.forEach(LoopLane::check);
    }

    /** Stops the lanes. */
    @TearDown
    public void stop() {
        running.forEach(LoopLane::close);
        running.clear();
    }
}
