package io.sluice.dataplane.neighbour;

import io.sluice.dataplane.api.Cidr;
import io.sluice.dataplane.neighbour.FibInputs.PortLink;
import io.sluice.dataplane.neighbour.Neighbour.Hop;
import io.sluice.dataplane.wire.Address;
import java.net.InetAddress;
import java.util.List;
import java.util.Map;

/**
 * The routes of a bench, compiled as those of the kernel are: real servers ({@code 10.2.0.0/15}, {@code fd02::/16}) behind port
 * 1, everybody else behind port 0, each by one router and links of 1500 bytes. Immutable.
 */
public final class TwoLinks implements FibSource {
    private static final int FRONT = 11;
    private static final int BACK = 12;
    private static final int MTU = 1500;
    private static final InetAddress CLIENTS4 = InetAddress.ofLiteral("192.0.2.1");
    private static final InetAddress CLIENTS6 = InetAddress.ofLiteral("fe80::1");
    private static final InetAddress SERVERS4 = InetAddress.ofLiteral("192.0.2.129");
    private static final InetAddress SERVERS6 = InetAddress.ofLiteral("fe80::2");

    private final Fib fib;

    /** Compiles the routes. */
    public TwoLinks() {
        final List<Route> routes = List.of(route("0.0.0.0", 0, FRONT, CLIENTS4), route("::", 0, FRONT, CLIENTS6),
            route("10.2.0.0", 15, BACK, SERVERS4), route("fd02::", 16, BACK, SERVERS6));
        final Map<Integer, PortLink> ports = Map.of(FRONT, new PortLink(0, new Link(FRONT, "front", true, MTU, 0x0200_0000_0a00L)),
            BACK, new PortLink(1, new Link(BACK, "back", true, MTU, 0x0200_0000_0a01L)));
        final Map<Hop, Long> neighbours = Map.of(hop(FRONT, CLIENTS4), 0x0200_0000_00c1L, hop(FRONT, CLIENTS6), 0x0200_0000_00c1L,
            hop(BACK, SERVERS4), 0x0200_0000_00d1L, hop(BACK, SERVERS6), 0x0200_0000_00d1L);
        this.fib = FibCompiler.compile(1, new FibInputs(RouteTable.of(routes, index -> true), ports, neighbours));
    }

    private static Route route(final String prefix, final int length, final int link, final InetAddress router) {
        final NextHop next = new NextHop(link, false, Address.high(router), Address.low(router), 1, false);
        return new Route(Cidr.of(InetAddress.ofLiteral(prefix), length), RouteKind.UNICAST, 0, Integer.MAX_VALUE, List.of(next));
    }

    private static Hop hop(final int link, final InetAddress address) {
        return new Hop(link, Address.high(address), Address.low(address));
    }

    @Override
    public Fib current() {
        return fib;
    }

    @Override
    public void want(final long high, final long low) {
        throw new IllegalStateException("no way to " + Address.toString(high, low) + ": the bench has routes to everybody it knows");
    }
}
