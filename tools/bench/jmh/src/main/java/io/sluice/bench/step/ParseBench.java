package io.sluice.bench.step;

import io.sluice.bench.traffic.Clients;
import io.sluice.bench.traffic.Rig;
import io.sluice.bench.traffic.Scene;
import io.sluice.dataplane.classify.Classifier;
import io.sluice.dataplane.classify.Packet;
import io.sluice.dataplane.pipeline.LaneEvent;
import io.sluice.dataplane.pipeline.Steering;
import io.sluice.dataplane.port.Burst;
import java.lang.foreign.MemorySegment;
import java.util.stream.IntStream;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.infra.Blackhole;

/** Finding the headers of a client's segment with timestamps. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class ParseBench {
    /** Families. */
    @Param({"TCP_4TO4", "TCP_6TO6", "UDP_4TO4"})
    public Scene scene;

    private final LaneEvent event = new LaneEvent();
    private final Packet packet = new Packet();
    private MemorySegment memory;
    private Rig rig;

    /** Lays 64 frames, which parsing does not change. */
    @Setup
    public void lay() {
        rig = new Rig(scene, Burst.CAPACITY, Steering.ALONE);
        final Clients clients = new Clients(rig, Scene.LASTING, IntStream.range(0, Burst.CAPACITY).toArray());
        clients.open();
        rig.lay(clients.data(Burst.CAPACITY, true, false), 0, event);
        memory = rig.frames().arena().memory();
    }

    /** A burst; the figure is for each packet. */
    @Benchmark
    @OperationsPerInvocation(Burst.CAPACITY)
    public void parse(final Blackhole hole) {
        for (int i = 0; i < Burst.CAPACITY; i++) {
            hole.consume(Classifier.classify(memory, event.received(), i, packet) && packet.malformed == Packet.WELL_FORMED);
        }
    }

    /** Removes what is on disk. */
    @TearDown
    public void close() {
        rig.close();
    }
}
