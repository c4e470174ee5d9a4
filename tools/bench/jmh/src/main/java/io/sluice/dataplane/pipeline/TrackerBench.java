package io.sluice.dataplane.pipeline;

import io.sluice.bench.traffic.Clients;
import io.sluice.bench.traffic.Rig;
import io.sluice.bench.traffic.Scene;
import io.sluice.bench.traffic.Trace;
import io.sluice.dataplane.classify.Classifier;
import io.sluice.dataplane.classify.Packet;
import io.sluice.dataplane.connection.ConnectionTable;
import io.sluice.dataplane.port.Burst;
import io.sluice.dataplane.service.Listener;
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

/**
 * Following a connection: state and sequence numbers, for data of connections that have been found. In the tracker's package.
 *
 * <p>They are found outside of the measured part, which leaves the line of their records that holds the key in the cache.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class TrackerBench {
    /** Open connections. */
    @Param({"1", "1000000"})
    public int connections;

    private final LaneEvent event = new LaneEvent();
    private final Packet[] packets = IntStream.range(0, Burst.CAPACITY).mapToObj(i -> new Packet()).toArray(Packet[]::new);
    private final int[] handles = new int[Burst.CAPACITY];
    private Rig rig;
    private Trace trace;
    private Tracker tracker;
    private ConnectionTable table;
    private Listener listener;
    private int next;

    /** Opens the connections. */
    @Setup
    public void open() {
        rig = new Rig(Scene.TCP_4TO4, connections, Steering.ALONE);
        final Clients clients = new Clients(rig, Scene.LASTING, IntStream.range(0, connections).toArray());
        clients.open();
        trace = clients.data(Math.max(connections / Burst.CAPACITY, 1) * Burst.CAPACITY, true, true);
        table = rig.parts().table();
        tracker = new Tracker(rig.parts().connections());
        listener = rig.forwarding().newest().listeners().getFirst();
    }

    /** Parses other packets, and finds their connections. */
    @Setup(Level.Invocation)
    public void find() {
        rig.lay(trace, next, event);
        next = next + Burst.CAPACITY == trace.size() ? 0 : next + Burst.CAPACITY;
        for (int i = 0; i < Burst.CAPACITY; i++) {
            final Packet packet = packets[i];
            Classifier.classify(rig.frames().arena().memory(), event.received(), i, packet);
            handles[i] = table.find(packet.protocol, packet.sourceHigh, packet.sourceLow, packet.sourcePort, packet.destinationHigh,
                packet.destinationLow, packet.destinationPort);
        }
    }

    /** A burst; the figure is for each packet. */
    @Benchmark
    @OperationsPerInvocation(Burst.CAPACITY)
    public void follow() {
        for (int i = 0; i < Burst.CAPACITY; i++) {
            final int slot = ConnectionTable.slot(handles[i]);
            final int nowSeconds = Clock.seconds(Rig.NOW_NS);
            if (ConnectionTable.side(handles[i]) == ConnectionTable.FROM_CLIENT) {
                tracker.fromClient(packets[i], slot, table.record(slot), listener, nowSeconds);
            } else {
                tracker.fromServer(packets[i], slot, table.record(slot), listener, nowSeconds);
            }
        }
    }

    /** Removes what is on disk. */
    @TearDown
    public void close() {
        rig.close();
    }
}
