package io.sluice.dataplane.neighbour;

import io.sluice.dataplane.api.Cidr;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntPredicate;

/**
 * Routes ready for lookup. Immutable.
 *
 * <p>Of several routes to one prefix the kernel's order decides (local table, then the lowest metric), except that a route
 * whose next hops are all dead yields to one with a living next hop.
 */
final class RouteTable {
    /** {@link #find}: no route. */
    static final int NONE = PrefixRanges.NONE;

    private final PrefixRanges ranges;
    private final List<Group> groups;

    private RouteTable(final PrefixRanges ranges, final List<Group> groups) {
        this.ranges = ranges;
        this.groups = List.copyOf(groups);
    }

    /**
     * What routes with the same fate share.
     *
     * @param kind     what happens to packets
     * @param mtu      bytes, or {@link Integer#MAX_VALUE}
     * @param nextHops ways out
     */
    record Group(RouteKind kind, int mtu, List<NextHop> nextHops) {
    }

    /**
     * Picks the best route of each prefix.
     *
     * @param routes      in the kernel's order
     * @param interfaceUp whether an interface index can send
     * @return the table
     */
    static RouteTable of(final List<Route> routes, final IntPredicate interfaceUp) {
        final Map<Cidr, Route> best = HashMap.newHashMap(routes.size());
        for (final Route route : routes) {
            best.merge(route.prefix(), route, (held, other) -> better(other, held, interfaceUp) ? other : held);
        }
        final Map<Group, Integer> numbers = new HashMap<>();
        final List<Group> groups = new ArrayList<>();
        final Map<Cidr, Integer> values = HashMap.newHashMap(best.size());
        for (final Route route : best.values()) {
            final Group group = new Group(route.kind(), route.mtu(), route.nextHops());
            final int number = numbers.computeIfAbsent(group, fresh -> {
                groups.add(fresh);
                return groups.size() - 1;
            });
            values.put(route.prefix(), number);
        }
        return new RouteTable(PrefixRanges.of(values), groups);
    }

    /**
     * Longest prefix match. Allocates nothing.
     *
     * @param high destination, first eight bytes
     * @param low  destination, last eight bytes
     * @return number of a group, or {@link #NONE}
     */
    int find(final long high, final long low) {
        return ranges.find(high, low);
    }

    List<Group> groups() {
        return groups;
    }

    private static boolean better(final Route a, final Route b, final IntPredicate interfaceUp) {
        if (a.priority() < 0 || b.priority() < 0) {
            return a.priority() < b.priority();
        }
        final boolean aLives = lives(a, interfaceUp);
        return aLives == lives(b, interfaceUp) ? a.priority() < b.priority() : aLives;
    }

    private static boolean lives(final Route route, final IntPredicate interfaceUp) {
        if (route.kind() != RouteKind.UNICAST) {
            return true;
        }
        for (final NextHop hop : route.nextHops()) {
            if (!hop.dead() && interfaceUp.test(hop.interfaceIndex())) {
                return true;
            }
        }
        return false;
    }
}
