package io.sluice.dataplane.counter;

import org.agrona.concurrent.status.AtomicCounter;

/** The counters of one listener or backend. Written by the lane's path thread only, readable by any. */
public final class SubjectCounters {
    private final AtomicCounter[] counters;

    SubjectCounters(final AtomicCounter[] counters) {
        this.counters = counters;
    }

    /**
     * Counts a new connection.
     */
    public void opened() {
        counters[SubjectCounter.CONNECTIONS_OPENED.ordinal()].incrementRelease();
        counters[SubjectCounter.CONNECTIONS_CURRENT.ordinal()].incrementRelease();
    }

    /**
     * Counts a connection taken over from the table of record.
     */
    public void restored() {
        counters[SubjectCounter.CONNECTIONS_CURRENT.ordinal()].incrementRelease();
    }

    /**
     * Counts the end of a connection.
     */
    public void closed() {
        counters[SubjectCounter.CONNECTIONS_CURRENT.ordinal()].decrementRelease();
    }

    /**
     * Counts a refused connection.
     */
    public void refused() {
        counters[SubjectCounter.CONNECTIONS_REFUSED.ordinal()].incrementRelease();
    }

    /**
     * Counts a packet from a client.
     *
     * @param bytes of the IP packet
     */
    public void in(final int bytes) {
        counters[SubjectCounter.PACKETS_IN.ordinal()].incrementRelease();
        counters[SubjectCounter.BYTES_IN.ordinal()].getAndAddRelease(bytes);
    }

    /**
     * Counts a packet from a real server.
     *
     * @param bytes of the IP packet
     */
    public void out(final int bytes) {
        counters[SubjectCounter.PACKETS_OUT.ordinal()].incrementRelease();
        counters[SubjectCounter.BYTES_OUT.ordinal()].getAndAddRelease(bytes);
    }

    /**
     * Connections now.
     *
     * @return the level
     */
    public long current() {
        return counters[SubjectCounter.CONNECTIONS_CURRENT.ordinal()].get();
    }

    AtomicCounter counter(final SubjectCounter counter) {
        return counters[counter.ordinal()];
    }
}
