package io.sluice.bench.lane;

import io.sluice.bench.traffic.Scene;
import io.sluice.dataplane.pipeline.Steering;
import java.util.List;
import java.util.concurrent.TimeUnit;
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
 * One lane on one, two or three threads. The figure is the time between two packets at full speed, not the work for each: more
 * threads than idle cores make it worse.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class TopologyBench {
    private static final int PACKETS = 1 << 18;

    /** How stages are put on threads. */
    @Param
    public Topology topology;
    /** Protocol and families. */
    @Param("TCP_4TO4")
    public Scene scene;
    /** Open connections. */
    @Param("100000")
    public int connections;

    private LoopLane lane;

    /** Opens the connections and starts the lane. */
    @Setup
    public void start() {
        lane = new LoopLane(scene, connections, Steering.ALONE, topology, List.of());
    }

    /** From the first packet in to the last one out. */
    @Benchmark
    @OperationsPerInvocation(PACKETS)
    public void forward() {
        lane.offer(PACKETS);
        lane.await();
    }

    /** Fails unless every packet was forwarded. */
    @TearDown(Level.Iteration)
    public void check() {
        lane.check();
    }

    /** Stops the lane. */
    @TearDown
    public void stop() {
        lane.close();
    }
}
