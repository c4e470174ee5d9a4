package io.sluice.dataplane.pipeline;

import io.sluice.dataplane.api.IdleMode;
import io.sluice.dataplane.port.PacketPort;
import io.sluice.dataplane.port.PortPoller;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.agrona.concurrent.IdleStrategy;

/**
 * What a lane's receiving thread does between turns: as soon as all ports are drained it waits in poll(2), which also says
 * which ports the next turn has to ask, at most as long as the path may go without a turn, which is shorter when the path is behind with
 * its timeouts. In SPIN mode it never waits, and every turn asks every port.
 */
final class LaneIdle implements IdleStrategy, AutoCloseable {
    /** Short enough for timeouts of one second and for commands, long enough to cost nothing. */
    private static final long LONGEST_WAIT_NS = 100_000_000L;
    private static final long SHORT_WAIT_NS = 1_000_000L;

    private final boolean spin;
    private final ReadyPorts ready;
    private final BooleanSupplier behind;
    private final PortPoller poller;

    LaneIdle(final IdleMode mode, final ReadyPorts ready, final BooleanSupplier behind, final List<? extends PacketPort> ports) {
        this.spin = mode == IdleMode.SPIN;
        this.ready = ready;
        this.behind = behind;
        this.poller = new PortPoller(ports);
    }

    @Override
    public void idle(final int workCount) {
        idle();
    }

    @Override
    public void idle() {
        if (spin) {
            ready.all();
            Thread.onSpinWait();
        } else if (!ready.isAnyReady()) {
            ready.learn(poller, poller.await(behind.getAsBoolean() ? SHORT_WAIT_NS : LONGEST_WAIT_NS));
        }
    }

    @Override
    public void reset() {
        ready.all();
    }

    void wakeUp() {
        poller.wakeUp();
    }

    @Override
    public void close() {
        poller.close();
    }
}
