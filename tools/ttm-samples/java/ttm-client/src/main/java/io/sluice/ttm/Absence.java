package io.sluice.ttm;

/** Why a connection has no client to tell. */
public enum Absence {
    /** ENOENT: the connection named no client. */
    NO_CLIENT_NAMED("ENOENT", "it did not come through a load balancer, or through one that the carrier does not trust ('ttmctl status')"),
    /** ENOPROTOOPT: nobody answers the question. Before kernel 5.18 also: the connection named no client. */
    NO_CARRIER("ENOPROTOOPT", "no carrier serves this process; attached after its start? (kernels before 5.18: or no client was named)"),
    /** The socket is not a TCP connection. */
    NOT_TCP("EOPNOTSUPP", "only TCP connections have a client behind the load balancer");

    private final String errorName;
    private final String explanation;

    Absence(String errorName, String explanation) {
        this.errorName = errorName;
        this.explanation = explanation;
    }

    /** The name that C programs know. */
    public String errorName() {
        return errorName;
    }

    /** A sentence for the operator. */
    public String explanation() {
        return explanation;
    }
}
