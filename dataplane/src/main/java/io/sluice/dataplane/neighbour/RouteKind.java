package io.sluice.dataplane.neighbour;

/** What a route does with packets: RTN_ types of rtnetlink(7). */
enum RouteKind {
    /** Forwards them. */
    UNICAST("a route"),
    /** They are for this host. */
    LOCAL("an address of this host"),
    /** Drops them in silence. */
    BLACKHOLE("a blackhole route"),
    /** Drops them with ICMP unreachable. */
    UNREACHABLE("an unreachable route"),
    /** Drops them with ICMP prohibited. */
    PROHIBIT("a prohibit route"),
    /** Broadcast, multicast, encapsulation, NAT: nothing that a balanced packet may use. */
    OTHER("not a unicast route");

    private final String text;

    RouteKind(final String text) {
        this.text = text;
    }

    static RouteKind of(final int type) {
        return switch (type) {
            case 1 -> UNICAST;
            case 2 -> LOCAL;
            case 6 -> BLACKHOLE;
            case 7 -> UNREACHABLE;
            case 8 -> PROHIBIT;
            default -> OTHER;
        };
    }

    String text() {
        return text;
    }
}
