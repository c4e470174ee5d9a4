package io.sluice.dataplane.neighbour;

import io.sluice.dataplane.neighbour.Neighbour.Hop;
import io.sluice.dataplane.os.NetlinkRequest;
import io.sluice.dataplane.os.Rtnetlink;
import io.sluice.dataplane.os.RtnetlinkClient;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The kernel's links, routes and neighbours as they were when last read. Each kind is read whole: what the kernel does not
 * announce (IPv4 routes that go with a link, for one) cannot be missed that way. Not thread-safe.
 */
final class KernelTables {
    /** Links are to be read. */
    static final int LINKS = 1;
    /** Routes are to be read. */
    static final int ROUTES = 2;
    /** Neighbours are to be read. */
    static final int NEIGHBOURS = 4;
    /** Everything is to be read. */
    static final int ALL = LINKS | ROUTES | NEIGHBOURS;

    private final RtnetlinkClient kernel;
    private Map<Integer, Link> links = Map.of();
    private List<Route> routes = List.of();
    private Map<Hop, Neighbour> neighbours = Map.of();

    KernelTables(final RtnetlinkClient kernel) {
        this.kernel = kernel;
    }

    /**
     * What a notification makes stale.
     *
     * @param messageType RTM_ type
     * @return kinds, 0 if none
     */
    static int staleAfter(final int messageType) {
        return switch (messageType) {
            case Rtnetlink.RTM_NEWLINK, Rtnetlink.RTM_DELLINK -> LINKS;
            // A removed address takes routes along without a word.
            case Rtnetlink.RTM_NEWADDR, Rtnetlink.RTM_DELADDR, Rtnetlink.RTM_NEWROUTE, Rtnetlink.RTM_DELROUTE -> ROUTES;
            case Rtnetlink.RTM_NEWNEIGH, Rtnetlink.RTM_DELNEIGH -> NEIGHBOURS;
            default -> 0;
        };
    }

    /**
     * Reads kinds anew. When the links turn out to have changed, routes and neighbours are read as well.
     *
     * @param kinds what to read
     * @throws io.sluice.dataplane.os.NetlinkException if the kernel refuses
     */
    void read(final int kinds) {
        int stale = kinds;
        if ((stale & LINKS) != 0 && readLinks()) {
            stale = ALL;
        }
        if ((stale & ROUTES) != 0) {
            readRoutes();
        }
        if ((stale & NEIGHBOURS) != 0) {
            readNeighbours();
        }
    }

    Map<Integer, Link> links() {
        return links;
    }

    List<Route> routes() {
        return routes;
    }

    Map<Hop, Neighbour> neighbours() {
        return neighbours;
    }

    private boolean readLinks() {
        final Map<Integer, Link> found = Link.list(kernel);
        final boolean changed = !found.equals(links);
        links = changed ? found : links;
        return changed;
    }

    private void readRoutes() {
        final List<Route> found = new ArrayList<>(routes.size() + 16);
        kernel.dump("list routes", NetlinkRequest.dump(Rtnetlink.RTM_GETROUTE, Rtnetlink.ROUTE_LENGTH), found::clear, message -> {
            final Route route = message.type() == Rtnetlink.RTM_NEWROUTE ? Route.parse(message) : null;
            if (route != null) {
                found.add(route);
            }
        });
        routes = found.equals(routes) ? routes : List.copyOf(found);
    }

    private void readNeighbours() {
        final Map<Hop, Neighbour> found = new HashMap<>();
        kernel.dump("list neighbours", NetlinkRequest.dump(Rtnetlink.RTM_GETNEIGH, Rtnetlink.NEIGHBOUR_LENGTH), found::clear, message -> {
            final Neighbour neighbour = message.type() == Rtnetlink.RTM_NEWNEIGH ? Neighbour.parse(message) : null;
            if (neighbour != null) {
                found.put(neighbour.hop(), neighbour);
            }
        });
        neighbours = Map.copyOf(found);
    }
}
