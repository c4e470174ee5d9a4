package io.sluice.dataplane.neighbour;

import io.sluice.dataplane.wire.Address;

/**
 * One way out of a route.
 *
 * @param interfaceIndex outgoing interface, 0 if none
 * @param onLink         there is no gateway: the destination itself is the neighbour
 * @param high           gateway, first eight bytes (IPv4 mapped)
 * @param low            gateway, last eight bytes
 * @param weight         share of the flows, 1 or more
 * @param dead           the kernel says that it cannot be used
 */
record NextHop(int interfaceIndex, boolean onLink, long high, long low, int weight, boolean dead) {
    /**
     * The neighbour to ask for.
     *
     * @param destinationHigh destination, first eight bytes
     * @param destinationLow  destination, last eight bytes
     * @return gateway or destination
     */
    Neighbour.Hop towards(final long destinationHigh, final long destinationLow) {
        return onLink ? new Neighbour.Hop(interfaceIndex, destinationHigh, destinationLow) : new Neighbour.Hop(interfaceIndex, high, low);
    }

    String gatewayText() {
        return onLink ? "directly" : "via " + Address.toString(high, low);
    }
}
