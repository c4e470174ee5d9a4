package io.sluice.dataplane.api;

import java.net.InetAddress;
import java.util.List;

/**
 * Addresses and a port range that the load balancer uses towards real servers. Only these ports of these addresses are ours.
 *
 * @param name          unique among pools
 * @param addresses     local addresses, IPv4 and IPv6 may be mixed; a backend gets those of its own family
 * @param firstPort     first port of the range, 1 or more
 * @param lastPort      last port of the range, at most 65535
 * @param interfaceName where the addresses are installed, or null to choose by the connected prefix
 */
public record LocalPoolSpec(String name, List<InetAddress> addresses, int firstPort, int lastPort, String interfaceName) {
    /** First port when the configuration names no range. */
    public static final int DEFAULT_FIRST_PORT = 5000;
    /** Last port when the configuration names no range. */
    public static final int DEFAULT_LAST_PORT = 65_535;

    /** Copies the list. */
    public LocalPoolSpec {
        addresses = List.copyOf(addresses);
    }

    /**
     * Ports of one address.
     *
     * @return size of the range
     */
    public int portsPerAddress() {
        return lastPort - firstPort + 1;
    }
}
