package io.sluice.dataplane.neighbour;

import io.sluice.dataplane.neighbour.FibInputs.PortLink;
import io.sluice.dataplane.neighbour.Neighbour.Hop;
import io.sluice.dataplane.neighbour.RouteTable.Group;
import io.sluice.dataplane.wire.Address;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;

/**
 * The kernel's tables in words and for questions that are not about one packet: also neighbours that are not usable, and
 * interfaces without a port. Immutable.
 *
 * @param links      by interface index
 * @param ports      by interface index
 * @param neighbours all known
 * @param routes     lookup of next hops
 */
record KernelView(Map<Integer, Link> links, Map<Integer, PortLink> ports, Map<Hop, Neighbour> neighbours, RouteTable routes) {
    /**
     * What the packet path needs of it.
     *
     * @return comparable inputs
     */
    FibInputs inputs() {
        final Map<Hop, Long> usable = new HashMap<>();
        for (final Neighbour neighbour : neighbours.values()) {
            final PortLink port = ports.get(neighbour.hop().interfaceIndex());
            if (port != null && port.link().up() && neighbour.usable()) {
                usable.put(neighbour.hop(), neighbour.mac());
            }
        }
        return new FibInputs(routes, ports, usable);
    }

    /**
     * The neighbours that packets to a destination may need.
     *
     * @param high destination, first eight bytes
     * @param low  destination, last eight bytes
     * @return next hops behind ports that are up
     */
    List<Hop> hops(final long high, final long low) {
        final int group = routes.find(high, low);
        final List<Hop> hops = new ArrayList<>(1);
        if (group != RouteTable.NONE) {
            for (final NextHop hop : routes.groups().get(group).nextHops()) {
                addIfUp(hops, hop, high, low);
            }
        }
        return hops;
    }

    /**
     * The gateways of routes with several next hops: all of them are kept resolved, since a flow whose own gateway is
     * unknown takes another one and would never ask.
     *
     * @return next hops behind ports that are up
     */
    List<Hop> sharedGateways() {
        final List<Hop> hops = new ArrayList<>();
        for (final Group group : routes.groups()) {
            if (group.nextHops().size() > 1) {
                for (final NextHop hop : group.nextHops()) {
                    if (!hop.onLink()) {
                        addIfUp(hops, hop, 0, 0);
                    }
                }
            }
        }
        return hops;
    }

    /**
     * How packets to a destination leave, or why not.
     *
     * @param high destination, first eight bytes
     * @param low  destination, last eight bytes
     * @return one line
     */
    String describe(final long high, final long low) {
        final int number = routes.find(high, low);
        if (number == RouteTable.NONE) {
            return "no route";
        }
        final Group group = routes.groups().get(number);
        if (group.kind() != RouteKind.UNICAST) {
            return "no route: " + group.kind().text();
        }
        final StringJoiner ways = new StringJoiner(" | ");
        for (final NextHop hop : group.nextHops()) {
            ways.add(describe(group, hop, high, low));
        }
        return ways.toString();
    }

    private String describe(final Group group, final NextHop hop, final long high, final long low) {
        final Link link = links.get(hop.interfaceIndex());
        final String name = link == null ? "interface " + hop.interfaceIndex() : link.name();
        final String way = hop.gatewayText() + " dev " + name;
        if (link == null || !ports.containsKey(hop.interfaceIndex())) {
            return way + ", which is no port of Sluice: not forwarded";
        }
        if (!link.up() || hop.dead()) {
            return way + ", which is down";
        }
        final Neighbour neighbour = neighbours.get(hop.towards(high, low));
        final String resolved = neighbour == null ? "not resolved yet"
            : neighbour.mac() < 0 ? neighbour.stateName() : macText(neighbour.mac()) + " " + neighbour.stateName();
        return way + ", neighbour " + resolved + ", mtu " + Math.min(link.mtu(), group.mtu());
    }

    private void addIfUp(final List<Hop> hops, final NextHop hop, final long high, final long low) {
        final PortLink port = ports.get(hop.interfaceIndex());
        if (port != null && port.link().up()) {
            hops.add(hop.towards(high, low));
        }
    }

    static String macText(final long mac) {
        final StringJoiner text = new StringJoiner(":");
        for (int shift = 40; shift >= 0; shift -= 8) {
            text.add(String.format("%02x", mac >>> shift & 0xff));
        }
        return text.toString();
    }

    /**
     * A neighbour for messages.
     *
     * @param hop the neighbour
     * @return address and interface
     */
    String text(final Hop hop) {
        final Link link = links.get(hop.interfaceIndex());
        return Address.toString(hop.high(), hop.low()) + " dev " + (link == null ? "?" : link.name());
    }
}
