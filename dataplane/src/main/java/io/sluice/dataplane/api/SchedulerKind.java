package io.sluice.dataplane.api;

/** How a listener picks the backend of a new connection. */
public enum SchedulerKind {
    /** Round robin: each backend with a weight above 0 in turn. */
    ROUND_ROBIN("rr"),
    /** Smooth weighted round robin: in proportion to the weights, spread evenly. */
    WEIGHTED_ROUND_ROBIN("wrr"),
    /** Weighted least connections: the backend with the fewest connections per weight. */
    WEIGHTED_LEAST_CONNECTIONS("wlc"),
    /** Maglev consistent hash of the client's address. */
    SOURCE_HASH("sh"),
    /** Maglev consistent hash of the client's address and port. */
    SOURCE_PORT_HASH("sph");

    private final String code;

    SchedulerKind(final String code) {
        this.code = code;
    }

    /**
     * The word used in configuration files.
     *
     * @return rr, wrr, wlc, sh or sph
     */
    public String code() {
        return code;
    }
}
