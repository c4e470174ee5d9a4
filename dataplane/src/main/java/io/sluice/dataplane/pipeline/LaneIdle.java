package io.sluice.dataplane.pipeline;

import io.sluice.dataplane.api.IdleMode;
import io.sluice.dataplane.port.PacketPort;
import io.sluice.dataplane.port.PortPoller;
import java.util.List;
import org.agrona.concurrent.IdleStrategy;

/**
 * What a lane's receiving thread does between turns: nothing while there is work; after some turns without any it waits in
 * poll(2) on all ports, at most as long as the path may go without a turn. In SPIN mode it never waits.
 */
final class LaneIdle implements IdleStrategy, AutoCloseable {
    private static final int EMPTY_TURNS_BEFORE_WAIT = 8;
    /** Short enough for timeouts of one second and for commands, long enough to cost nothing. */
    private static final long LONGEST_WAIT_NS = 50_000_000L;

    private final boolean spin;
    private final PortPoller poller;
    private int emptyTurns;

    LaneIdle(final IdleMode mode, final List<? extends PacketPort> ports) {
        this.spin = mode == IdleMode.SPIN;
        this.poller = new PortPoller(ports);
    }

    @Override
    public void idle(final int workCount) {
        if (workCount > 0) {
            emptyTurns = 0;
        } else {
            idle();
        }
    }

    @Override
    public void idle() {
        if (spin || ++emptyTurns < EMPTY_TURNS_BEFORE_WAIT) {
            Thread.onSpinWait();
        } else {
            poller.await(LONGEST_WAIT_NS);
            emptyTurns = EMPTY_TURNS_BEFORE_WAIT;
        }
    }

    @Override
    public void reset() {
        emptyTurns = 0;
    }

    void wakeUp() {
        poller.wakeUp();
    }

    @Override
    public void close() {
        poller.close();
    }
}
