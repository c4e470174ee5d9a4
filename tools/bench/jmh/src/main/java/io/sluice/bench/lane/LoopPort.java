package io.sluice.bench.lane;

import io.sluice.bench.traffic.Trace;
import io.sluice.dataplane.port.Burst;
import io.sluice.dataplane.port.FramePool;
import io.sluice.dataplane.port.Frames;
import io.sluice.dataplane.port.PacketPort;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A port that hands out the frames of a trace again and again, as many as it is allowed to, and swallows what is sent. A copy of
 * two cache lines a frame is all that receiving costs, and a release all that sending costs.
 */
final class LoopPort implements PacketPort {
    private final Frames frames;
    private final Trace trace;
    private final Meter meter;
    private final int alwaysReady;
    private final AtomicLong allowed = new AtomicLong();
    private long dealt;
    private int next;

    /**
     * A port that hands out nothing yet.
     *
     * @param frames      the lane's
     * @param trace       what comes in
     * @param meter       counts what goes out
     * @param alwaysReady a descriptor that poll(2) finds readable, so that a lane never waits in vain
     */
    LoopPort(final Frames frames, final Trace trace, final Meter meter, final int alwaysReady) {
        this.frames = frames;
        this.trace = trace;
        this.meter = meter;
        this.alwaysReady = alwaysReady;
    }

    /** Lets more frames come in. Any one thread. */
    void allow(final long more) {
        allowed.setRelease(allowed.getPlain() + more);
    }

    @Override
    public int poll(final Burst burst) {
        final FramePool pool = frames.receive();
        final long limit = allowed.getAcquire();
        int count = 0;
        while (dealt < limit && !burst.isFull()) {
            final long offset = pool.take();
            if (offset < 0) {
                break;
            }
            trace.lay(next, frames.arena().memory(), offset, burst);
            next = next + 1 == trace.size() ? 0 : next + 1;
            dealt++;
            count++;
        }
        return count;
    }

    @Override
    public void transmit(final Burst burst, final int i) {
        meter.count();
        frames.release(burst.offset(i));
    }

    @Override
    public int flush() {
        meter.flush();
        return 0;
    }

    @Override
    public int fileDescriptor() {
        return alwaysReady;
    }

    @Override
    public boolean isUp() {
        return true;
    }

    @Override
    public String name() {
        return "loop";
    }

    @Override
    public String kind() {
        return "memory";
    }

    @Override
    public long transmitFailures() {
        return 0;
    }

    @Override
    public long receiveFailures() {
        return 0;
    }

    @Override
    public void close() {
    }
}
