package io.sluice.dataplane.pipeline;

import io.sluice.dataplane.port.PortPoller;
import java.util.Arrays;

/**
 * Which of a lane's ports may have something to receive: those that poll(2) reported, until they are drained. Every port that is
 * asked in vain costs a system call, which is as much as a whole packet. But now and then every port is asked: one that has lost its
 * interface and found it again says nothing until it was. Receiving thread only.
 */
final class ReadyPorts {
    private static final int WAITS_PER_ROUND = 64;

    private final boolean[] ready;
    private int waits;

    /**
     * All ports may have something.
     *
     * @param ports number of ports
     */
    ReadyPorts(final int ports) {
        this.ready = new boolean[ports];
        all();
    }

    boolean isReady(final int port) {
        return ready[port];
    }

    boolean isAnyReady() {
        for (final boolean one : ready) {
            if (one) {
                return true;
            }
        }
        return false;
    }

    /** Nothing is known: any port may have something. */
    void all() {
        Arrays.fill(ready, true);
    }

    /** The port has given all it had. */
    void drained(final int port) {
        ready[port] = false;
    }

    /** Takes over what the last wait has found; all ports if that was nothing, or after many waits. */
    void learn(final PortPoller poller, final int found) {
        if (found == 0 || ++waits == WAITS_PER_ROUND) {
            waits = 0;
            all();
            return;
        }
        for (int i = 0; i < ready.length; i++) {
            ready[i] = poller.isReady(i);
        }
    }
}
