package io.sluice.bench.lane;

import io.sluice.bench.traffic.Clients;
import io.sluice.bench.traffic.Ends;
import io.sluice.bench.traffic.Rig;
import io.sluice.bench.traffic.Scene;
import io.sluice.dataplane.api.IdleMode;
import io.sluice.dataplane.api.ThreadingMode;
import io.sluice.dataplane.os.ffm.ZeroDevice;
import io.sluice.dataplane.pipeline.Clock;
import io.sluice.dataplane.pipeline.HandOverRing;
import io.sluice.dataplane.pipeline.Lane;
import io.sluice.dataplane.pipeline.Steering;
import io.sluice.dataplane.pipeline.TwoThreads;
import io.sluice.dataplane.port.Burst;
import java.util.List;
import java.util.stream.IntStream;
import org.agrona.ErrorHandler;

/** A running lane with open connections between two {@linkplain LoopPort ports}: clients in front, real servers behind. */
final class LoopLane implements AutoCloseable {
    private final Rig rig;
    private final Meter meter = new Meter();
    private final LoopPort front;
    private final LoopPort back;
    private final Runnable stop;

    /**
     * Opens the connections of a lane and starts it.
     *
     * @param scene       who talks to whom
     * @param connections to open, all of clients that belong to this lane
     * @param steering    which lane it is
     * @param topology    its threads
     * @param rings       of all lanes; empty if this is the only one
     */
    LoopLane(final Scene scene, final int connections, final Steering steering, final Topology topology, final List<HandOverRing> rings) {
        rig = new Rig(scene, connections, steering);
        final Clients clients = new Clients(rig, Scene.LASTING, owned(scene, connections, steering));
        clients.open();
        final int size = Math.max(connections / 2 / Burst.CAPACITY, 16) * Burst.CAPACITY;
        final int alwaysReady = ZeroDevice.open();
        front = new LoopPort(rig.frames(), clients.data(size, true, false), meter, alwaysReady);
        back = new LoopPort(rig.frames(), clients.data(size, false, true), meter, alwaysReady);
        stop = start(topology, rings);
    }

    private static int[] owned(final Scene scene, final int connections, final Steering steering) {
        return IntStream.iterate(0, i -> i + 1).filter(i -> {
            final Ends ends = scene.ends(i, Scene.LASTING);
            return steering.lane() == steering.ofClient(scene.protocol().number(), ends.sourceHigh(), ends.sourceLow(),
                ends.sourcePort(), ends.destinationHigh(), ends.destinationLow(), ends.destinationPort());
        }).limit(connections).toArray();
    }

    private Runnable start(final Topology topology, final List<HandOverRing> rings) {
        final Clock clock = new Clock(System::nanoTime, Rig.NOW_NS);
        final ErrorHandler errors = Throwable::printStackTrace;
        final List<LoopPort> ports = List.of(front, back);
        if (topology == Topology.TWO_THREADS) {
            return new TwoThreads(rig.parts(), ports, clock, errors)::close;
        }
        final ThreadingMode threading = topology == Topology.SHARED ? ThreadingMode.SHARED : ThreadingMode.DEDICATED;
        final Lane lane = new Lane(threading, IdleMode.BACKOFF, rig.parts(), ports, rings, clock, errors);
        lane.start(() -> { });
        return lane::close;
    }

    /** Lets frames come in, half of them from each side. */
    void offer(final int packets) {
        meter.expect(packets);
        front.allow(packets / 2);
        back.allow(packets - packets / 2);
    }

    /** Waits until all that was offered has been sent. */
    void await() {
        meter.await();
    }

    /** Fails unless every packet was forwarded. */
    void check() {
        rig.requireAllForwarded();
    }

    @Override
    public void close() {
        stop.run();
        rig.close();
    }
}
