package io.sluice.dataplane.service;

import io.sluice.dataplane.api.LimitsSpec;
import io.sluice.dataplane.counter.SubjectCounters;

/** The limits of a listener, shared by all lanes. Thread-safe. */
public final class ListenerLimits {
    private final LimitsSpec spec;
    private final TokenBucket newConnections;
    private final TokenBucket inboundBytes;
    private final TokenBucket outboundBytes;
    private volatile SubjectCounters[] lanes;

    /**
     * Full buckets.
     *
     * @param spec  as configured; 0 means no limit
     * @param lanes the listener's counters in each lane that has it
     * @param nowNs the time
     */
    ListenerLimits(final LimitsSpec spec, final SubjectCounters[] lanes, final long nowNs) {
        this.spec = spec;
        this.lanes = lanes;
        this.newConnections = bucket(spec.newConnectionsPerSecond(), nowNs);
        this.inboundBytes = bucket(spec.inboundBitsPerSecond() / Byte.SIZE, nowNs);
        this.outboundBytes = bucket(spec.outboundBitsPerSecond() / Byte.SIZE, nowNs);
    }

    private static TokenBucket bucket(final long perSecond, final long nowNs) {
        return perSecond <= 0 ? null : new TokenBucket(Math.min(perSecond, TokenBucket.MAX), Math.min(perSecond, TokenBucket.MAX),
            nowNs);
    }

    /**
     * The configured limits.
     *
     * @return as given
     */
    public LimitsSpec spec() {
        return spec;
    }

    /**
     * Connections of the listener now. Each lane counts its own, so lanes that open at the same moment may miss one another.
     *
     * @return sum over all lanes
     */
    public long connections() {
        long sum = 0;
        for (final SubjectCounters lane : lanes) {
            sum += lane.current();
        }
        return sum;
    }

    /**
     * Whether one more connection is allowed beside those there are.
     *
     * @return true if it is
     */
    public boolean allowsConnection() {
        return spec.maxConnections() == 0 || connections() < spec.maxConnections();
    }

    /** The counters of all lanes that have the listener. */
    SubjectCounters[] lanes() {
        return lanes;
    }

    /** The same, from now on. Control thread. */
    void lanes(final SubjectCounters[] all) {
        lanes = all;
    }

    /**
     * Takes a place in this second's new connections.
     *
     * @param nowNs the time
     * @return false if they are used up
     */
    public boolean takeNewConnection(final long nowNs) {
        return newConnections == null || newConnections.tryTake(1, nowNs);
    }

    /**
     * Whether a place in this second's new connections is free.
     *
     * @param nowNs the time
     * @return false if they are used up
     */
    public boolean hasNewConnection(final long nowNs) {
        return newConnections == null || newConnections.available(nowNs) >= 1;
    }

    /**
     * Takes bandwidth from clients to servers.
     *
     * @param bytes of the IP packet
     * @param nowNs the time
     * @return false if it is used up
     */
    public boolean takeInbound(final int bytes, final long nowNs) {
        return inboundBytes == null || inboundBytes.tryOverdraw(bytes, nowNs);
    }

    /**
     * Takes bandwidth from servers to clients.
     *
     * @param bytes of the IP packet
     * @param nowNs the time
     * @return false if it is used up
     */
    public boolean takeOutbound(final int bytes, final long nowNs) {
        return outboundBytes == null || outboundBytes.tryOverdraw(bytes, nowNs);
    }
}
