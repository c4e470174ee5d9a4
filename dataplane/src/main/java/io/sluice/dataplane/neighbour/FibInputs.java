package io.sluice.dataplane.neighbour;

import io.sluice.dataplane.neighbour.Neighbour.Hop;
import java.util.Map;

/**
 * All that a {@link CompiledFib} depends on: when nothing of it changed, no new snapshot is needed, and lanes keep what they
 * have cached. A neighbour going from REACHABLE to STALE is no change.
 *
 * @param routes     lookup of next hops, one object as long as the routes stay
 * @param ports      by interface index
 * @param neighbours usable neighbours behind ports that are up, with their link-layer addresses
 */
record FibInputs(RouteTable routes, Map<Integer, PortLink> ports, Map<Hop, Long> neighbours) {
    /**
     * A port with its interface.
     *
     * @param port index in the lane's list of ports
     * @param link the interface as it is now
     */
    record PortLink(int port, Link link) {
    }
}
