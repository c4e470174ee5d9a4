package io.sluice.dataplane.pipeline;

import com.lmax.disruptor.EventHandler;
import io.sluice.dataplane.counter.LaneCounters;
import io.sluice.dataplane.port.Burst;
import io.sluice.dataplane.port.Frames;
import io.sluice.dataplane.port.PacketPort;
import io.sluice.dataplane.verdict.DropReason;
import io.sluice.dataplane.verdict.Verdict;
import java.util.List;
import org.agrona.ErrorHandler;

/** The sending stage: hands forwarded frames to their ports and others' to their lanes, releases the rest, and flushes. */
final class Sender implements EventHandler<LaneEvent> {
    private final PacketPort[] ports;
    private final Frames frames;
    private final HandOverRing[] lanes;
    private final LaneCounters counters;
    private final ErrorHandler errors;
    private long lanesToWake;

    Sender(final List<? extends PacketPort> ports, final Frames frames, final List<HandOverRing> lanes, final LaneCounters counters,
           final ErrorHandler errors) {
        this.ports = ports.toArray(PacketPort[]::new);
        this.frames = frames;
        this.lanes = lanes.toArray(HandOverRing[]::new);
        this.counters = counters;
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
            if (lanesToWake != 0) {
                wake();
            }
        } catch (final RuntimeException e) {
            errors.onError(e);
        }
    }

    private void send(final Burst burst) {
        final int size = burst.size();
        for (int i = 0; i < size; i++) {
            final byte verdict = burst.verdict(i);
            if (verdict == Verdict.FORWARD) {
                ports[burst.port(i)].transmit(burst, i);
            } else {
                if (verdict == Verdict.HAND_OVER) {
                    handOver(burst, i);
                }
                frames.release(burst.offset(i));
            }
        }
    }

    private void handOver(final Burst burst, final int i) {
        final int lane = burst.lane(i);
        if (lanes[lane].offer(frames.arena().memory(), burst, i)) {
            lanesToWake |= 1L << lane;
        } else {
            counters.drop(DropReason.HAND_OVER_FULL);
        }
    }

    private void wake() {
        for (long left = lanesToWake; left != 0; left &= left - 1) {
            lanes[Long.numberOfTrailingZeros(left)].wakeUp();
        }
        lanesToWake = 0;
    }
}
