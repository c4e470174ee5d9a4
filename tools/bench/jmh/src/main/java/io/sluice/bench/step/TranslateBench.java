package io.sluice.bench.step;

import io.sluice.bench.traffic.Clients;
import io.sluice.bench.traffic.Ends;
import io.sluice.bench.traffic.Rig;
import io.sluice.bench.traffic.Scene;
import io.sluice.bench.traffic.Trace;
import io.sluice.dataplane.classify.Classifier;
import io.sluice.dataplane.classify.Packet;
import io.sluice.dataplane.connection.ConnectionTable;
import io.sluice.dataplane.nat.FullNat;
import io.sluice.dataplane.nat.Translation;
import io.sluice.dataplane.pipeline.LaneEvent;
import io.sluice.dataplane.pipeline.Steering;
import io.sluice.dataplane.port.Burst;
import io.sluice.dataplane.wire.TtmOption;
import java.lang.foreign.MemorySegment;
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

/** The translation of data that has been parsed and whose addresses are known, in bursts of 64. Figures are for each packet. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class TranslateBench {
    private static final int DELTA = 0x0bad_cafe;
    private static final int MTU = 1500;

    /** Families. */
    @Param({"TCP_4TO4", "TCP_6TO6", "TCP_6TO4"})
    public Scene scene;

    private Rig rig;
    private FullNat nat;
    private Direction toServer;
    private Direction toClient;

    /** One direction's burst. */
    private static final class Direction {
        private final LaneEvent event = new LaneEvent();
        private final Packet[] packets = new Packet[Burst.CAPACITY];
        private final Translation[] translations = new Translation[Burst.CAPACITY];
        private final Trace trace;

        private Direction(final Rig rig, final Trace trace, final boolean toServer) {
            this.trace = trace;
            for (int i = 0; i < Burst.CAPACITY; i++) {
                packets[i] = new Packet();
                translations[i] = new Translation();
            }
            restore(rig);
            for (int i = 0; i < Burst.CAPACITY; i++) {
                translate(rig, packets[i], translations[i], toServer);
            }
        }

        private static void translate(final Rig rig, final Packet packet, final Translation translation, final boolean toServer) {
            final ConnectionTable table = rig.parts().table();
            final long record = table.record(ConnectionTable.slot(table.find(packet.protocol, packet.sourceHigh, packet.sourceLow,
                packet.sourcePort, packet.destinationHigh, packet.destinationLow, packet.destinationPort)));
            final Ends ends = toServer ? Ends.toServer(table.memory(), record) : Ends.toClient(table.memory(), record);
            FullNat.address(translation, ends.sourceHigh(), ends.sourceLow(), ends.sourcePort(), ends.destinationHigh(),
                ends.destinationLow(), ends.destinationPort());
            translation.port = toServer ? 1 : 0;
            translation.mtu = MTU;
        }

        private void restore(final Rig rig) {
            final MemorySegment memory = rig.frames().arena().memory();
            rig.lay(trace, 0, event);
            for (int i = 0; i < Burst.CAPACITY; i++) {
                Classifier.classify(memory, event.received(), i, packets[i]);
            }
        }
    }

    /** Opens 64 connections. */
    @Setup
    public void open() {
        rig = new Rig(scene, Burst.CAPACITY, Steering.ALONE);
        nat = new FullNat(rig.frames().arena(), rig.counters());
        final Clients clients = new Clients(rig, Scene.LASTING, IntStream.range(0, Burst.CAPACITY).toArray());
        clients.open();
        toServer = new Direction(rig, clients.data(Burst.CAPACITY, true, false), true);
        toClient = new Direction(rig, clients.data(Burst.CAPACITY, false, true), false);
    }

    /** Restores and parses the frames of both directions. */
    @Setup(Level.Invocation)
    public void restore() {
        toServer.restore(rig);
        toClient.restore(rig);
    }

    /** A client's segment. */
    @Benchmark
    @OperationsPerInvocation(Burst.CAPACITY)
    public void toServer() {
        for (int i = 0; i < Burst.CAPACITY; i++) {
            nat.tcpToServer(toServer.packets[i], toServer.translations[i], 0, DELTA, 0, TtmOption.KIND, false, 0);
        }
    }

    /** A client's segment that gets the TTM option. */
    @Benchmark
    @OperationsPerInvocation(Burst.CAPACITY)
    public void toServerWithTtm() {
        for (int i = 0; i < Burst.CAPACITY; i++) {
            final int growth = nat.planTtm(toServer.packets[i], toServer.translations[i], TtmOption.KIND);
            nat.tcpToServer(toServer.packets[i], toServer.translations[i], growth, DELTA, TtmOption.KIND, TtmOption.KIND, false, 0);
        }
    }

    /** A real server's segment. */
    @Benchmark
    @OperationsPerInvocation(Burst.CAPACITY)
    public void toClient() {
        for (int i = 0; i < Burst.CAPACITY; i++) {
            nat.tcpToClient(toClient.packets[i], toClient.translations[i], DELTA, true);
        }
    }

    /** Removes what is on disk. */
    @TearDown
    public void close() {
        rig.close();
    }
}
