package io.sluice.dataplane.api;

/**
 * Limits of a listener; 0 means none.
 *
 * @param maxConnections         connections at once
 * @param newConnectionsPerSecond connections opened in any second, with bursts of one second's worth
 * @param inboundBitsPerSecond   bandwidth from clients to servers
 * @param outboundBitsPerSecond  bandwidth from servers to clients
 */
public record LimitsSpec(int maxConnections, int newConnectionsPerSecond, long inboundBitsPerSecond,
                         long outboundBitsPerSecond) {
    /** No limits. */
    public static final LimitsSpec NONE = new LimitsSpec(0, 0, 0, 0);
}
