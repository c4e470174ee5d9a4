package io.sluice.bench.path;

import io.sluice.bench.traffic.Clients;
import io.sluice.bench.traffic.Rig;
import io.sluice.bench.traffic.Scene;
import io.sluice.bench.traffic.Trace;
import io.sluice.dataplane.pipeline.LaneEvent;
import io.sluice.dataplane.pipeline.Steering;
import io.sluice.dataplane.port.Burst;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
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

/** Data of connections that are open, in bursts of 64 packets of random connections: what a load balancer does all day. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class DataBench {
    /** Protocol and families. */
    @Param({"TCP_4TO4", "TCP_6TO4", "UDP_4TO4"})
    public Scene scene;
    /** Open connections. */
    @Param({"1", "1000000"})
    public int connections;
    /** Who sends: client, server or both. */
    @Param("both")
    public String from;

    private final LaneEvent event = new LaneEvent();
    private Rig rig;
    private Trace trace;
    private int next;

    /** Opens the connections. */
    @Setup(Level.Trial)
    public void open() {
        rig = new Rig(scene, connections, Steering.ALONE);
        final Clients clients = new Clients(rig, Scene.LASTING, IntStream.range(0, connections).toArray());
        clients.open();
        trace = clients.data(Math.max(connections / Burst.CAPACITY, 16) * Burst.CAPACITY, !from.equals("server"), !from.equals("client"));
    }

    /** Restores 64 frames. */
    @Setup(Level.Invocation)
    public void lay() {
        rig.lay(trace, next, event);
        next = next + Burst.CAPACITY == trace.size() ? 0 : next + Burst.CAPACITY;
    }

    /** One turn of the path; the figure is for each packet. */
    @Benchmark
    @OperationsPerInvocation(Burst.CAPACITY)
    public void data() {
        rig.parts().path().process(event);
    }

    /** Fails unless every packet was forwarded. */
    @TearDown(Level.Iteration)
    public void check() {
        rig.requireAllForwarded();
    }

    /** Removes what is on disk. */
    @TearDown(Level.Trial)
    public void close() {
        rig.close();
    }
}
