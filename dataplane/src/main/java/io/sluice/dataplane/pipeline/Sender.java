package io.sluice.dataplane.pipeline;

import com.lmax.disruptor.EventHandler;
import io.sluice.dataplane.port.Burst;
import io.sluice.dataplane.port.Frames;
import io.sluice.dataplane.port.PacketPort;
import io.sluice.dataplane.verdict.Verdict;
import java.util.List;
import org.agrona.ErrorHandler;

/** The sending stage: hands forwarded frames to their ports, releases all others, and flushes. */
final class Sender implements EventHandler<LaneEvent> {
    private final PacketPort[] ports;
    private final Frames frames;
    private final ErrorHandler errors;

    Sender(final List<? extends PacketPort> ports, final Frames frames, final ErrorHandler errors) {
        this.ports = ports.toArray(PacketPort[]::new);
        this.frames = frames;
        this.errors = errors;
    }

    @Override
    public void onEvent(final LaneEvent event, final long sequence, final boolean endOfBatch) {
        try {
            send(event.received());
            send(event.made());
            for (final PacketPort port : ports) {
                port.flush();
            }
        } catch (final RuntimeException e) {
            errors.onError(e);
        }
    }

    private void send(final Burst burst) {
        final int size = burst.size();
        for (int i = 0; i < size; i++) {
            if (burst.verdict(i) == Verdict.FORWARD) {
                ports[burst.port(i)].transmit(burst, i);
            } else {
                frames.release(burst.offset(i));
            }
        }
    }
}
