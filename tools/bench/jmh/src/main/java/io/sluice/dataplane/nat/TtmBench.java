package io.sluice.dataplane.nat;

import io.sluice.bench.traffic.Clients;
import io.sluice.bench.traffic.Rig;
import io.sluice.bench.traffic.Scene;
import io.sluice.bench.traffic.Trace;
import io.sluice.dataplane.classify.Classifier;
import io.sluice.dataplane.classify.Packet;
import io.sluice.dataplane.pipeline.LaneEvent;
import io.sluice.dataplane.pipeline.Steering;
import io.sluice.dataplane.port.Burst;
import io.sluice.dataplane.wire.Ipv4;
import io.sluice.dataplane.wire.TtmOption;
import java.util.stream.IntStream;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.TearDown;

/** Planning and inserting the TTM option beside timestamps, without the rest of the translation; in the inserter's package. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class TtmBench {
    private static final int MTU = 1500;

    /** Families: the option has 8 bytes for an IPv4 client and 20 for an IPv6 client. */
    @Param({"TCP_4TO4", "TCP_6TO4"})
    public Scene scene;

    private final TtmInserter inserter = new TtmInserter();
    private final LaneEvent event = new LaneEvent();
    private final Packet[] packets = IntStream.range(0, Burst.CAPACITY).mapToObj(i -> new Packet()).toArray(Packet[]::new);
    private Rig rig;
    private Trace trace;

    /** Opens 64 connections. */
    @Setup
    public void open() {
        rig = new Rig(scene, Burst.CAPACITY, Steering.ALONE);
        final Clients clients = new Clients(rig, Scene.LASTING, IntStream.range(0, Burst.CAPACITY).toArray());
        clients.open();
        trace = clients.data(Burst.CAPACITY, true, false);
    }

    /** Restores and parses the frames. */
    @Setup(Level.Invocation)
    public void restore() {
        rig.lay(trace, 0, event);
        for (int i = 0; i < Burst.CAPACITY; i++) {
            Classifier.classify(rig.frames().arena().memory(), event.received(), i, packets[i]);
        }
    }

    /** A burst; the figure is for each packet. */
    @Benchmark
    @OperationsPerInvocation(Burst.CAPACITY)
    public void planAndInsert() {
        for (final Packet packet : packets) {
            final int length = TtmOption.length(packet.sourceHigh, packet.sourceLow);
            final int growth = inserter.plan(packet, length, Ipv4.LENGTH, MTU, TtmOption.KIND);
            if (!inserter.isPlanned()) {
                throw new IllegalStateException("no room for the option");
            }
            inserter.insert(packet, packet.transport - growth, TtmOption.KIND, packet.sourceHigh, packet.sourceLow, packet.sourcePort);
        }
    }

    /** Removes what is on disk. */
    @TearDown
    public void close() {
        rig.close();
    }
}
