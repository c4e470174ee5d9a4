package io.sluice.dataplane.api;

/**
 * Idle timeouts of a listener's connections, in seconds: how long a connection may be without a packet in each state.
 *
 * @param synSent     the client's SYN was forwarded, the server has not answered
 * @param synReceived the server's SYN-ACK was forwarded, the client has not acknowledged it
 * @param established data may flow both ways; when it ends both sides get an RST
 * @param finWait     the server has closed its direction
 * @param closeWait   the client has closed its direction
 * @param lastAck     both have closed, the server's FIN is not acknowledged
 * @param timeWait    both have closed, the server first
 * @param closed      reset
 * @param udp         UDP, since the last datagram
 */
public record Timeouts(int synSent, int synReceived, int established, int finWait, int closeWait, int lastAck, int timeWait,
                       int closed, int udp) {
    /** The defaults. */
    public static final Timeouts DEFAULT = new Timeouts(5, 30, 900, 120, 120, 30, 10, 3, 120);
    /** The longest timeout that may be set: a week. */
    public static final int MAX_SECONDS = 7 * 86_400;

    /**
     * Checks the ranges.
     *
     * @throws IllegalArgumentException naming the timeout that is not within 1 and {@link #MAX_SECONDS}
     */
    public Timeouts {
        check("synSent", synSent);
        check("synReceived", synReceived);
        check("established", established);
        check("finWait", finWait);
        check("closeWait", closeWait);
        check("lastAck", lastAck);
        check("timeWait", timeWait);
        check("closed", closed);
        check("udp", udp);
    }

    private static void check(final String name, final int seconds) {
        if (seconds < 1 || seconds > MAX_SECONDS) {
            throw new IllegalArgumentException("timeouts." + name + ": " + seconds + " is not within 1 and " + MAX_SECONDS
                + " seconds");
        }
    }
}
