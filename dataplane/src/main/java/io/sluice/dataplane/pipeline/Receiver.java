package io.sluice.dataplane.pipeline;

import com.lmax.disruptor.RingBuffer;
import io.sluice.dataplane.port.Burst;
import io.sluice.dataplane.port.Frames;
import io.sluice.dataplane.port.PacketPort;
import java.util.List;
import org.agrona.concurrent.Agent;

/**
 * The receiving stage: fills one event with what the ports and other lanes have and publishes it, also when that is nothing:
 * time has to pass for the path when no packet comes. How often that is, is up to the idle strategy.
 */
final class Receiver implements Agent {
    private final RingBuffer<LaneEvent> ring;
    private final PacketPort[] ports;
    private final ReadyPorts ready;
    private final Clock clock;
    private final Frames frames;
    private final HandOverRing handedOver;
    private final Runnable ringFull;
    private int firstPort;

    Receiver(final RingBuffer<LaneEvent> ring, final List<? extends PacketPort> ports, final ReadyPorts ready,
             final Clock clock, final Frames frames, final HandOverRing handedOver, final Runnable ringFull) {
        this.ring = ring;
        this.ports = ports.toArray(PacketPort[]::new);
        this.ready = ready;
        this.clock = clock;
        this.frames = frames;
        this.handedOver = handedOver;
        this.ringFull = ringFull;
    }

    @Override
    public int doWork() {
        if (!ring.hasAvailableCapacity(1)) {
            ringFull.run();
            return 0;
        }
        final long sequence = ring.next();
        final LaneEvent event = ring.get(sequence);
        event.received().clear();
        event.made().clear();
        final long nowNs = clock.nowNs();
        event.nowNs(nowNs);
        final int received = poll(event);
        ring.publish(sequence);
        return received;
    }

    /**
     * What other lanes have for this one comes first: it has waited longer. Ports take turns to be first, so that a busy one
     * cannot keep the others out of the burst. A port that has left room in the burst is drained.
     */
    private int poll(final LaneEvent event) {
        final int start = firstPort;
        firstPort = start + 1 == ports.length ? 0 : start + 1;
        final Burst burst = event.received();
        int received = handedOver == null ? 0 : handedOver.poll(burst, frames.receive());
        for (int i = 0; i < ports.length && !burst.isFull(); i++) {
            final int next = start + i;
            final int port = next < ports.length ? next : next - ports.length;
            if (ready.isReady(port)) {
                received += ports[port].poll(burst);
                ready.drained(port);
            }
        }
        if (burst.isFull()) {
            ready.all();
        }
        return received;
    }

    @Override
    public String roleName() {
        return "sluice-receive";
    }
}
