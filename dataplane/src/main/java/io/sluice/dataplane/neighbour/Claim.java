package io.sluice.dataplane.neighbour;

import io.sluice.dataplane.wire.Address;
import java.net.InetAddress;

/**
 * An address and the interface that it belongs on.
 *
 * @param address virtual or local address
 * @param link    the interface as it was last seen
 */
record Claim(InetAddress address, Link link) {
    private static final String LOOPBACK = "lo";

    /** Whether other hosts can be asked about the address there, and told of it: not on lo, nor where there is no Ethernet. */
    boolean hasNeighbours() {
        return link.mac() > 0 && !LOOPBACK.equals(link.name());
    }

    String text() {
        return Address.toString(Address.high(address), Address.low(address));
    }
}
