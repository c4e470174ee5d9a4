package io.sluice.control.model;

import java.net.InetAddress;
import java.util.List;

/**
 * Addresses and a port range used towards real servers.
 *
 * @param name          unique among pools
 * @param addresses     local addresses, at least one
 * @param ports         ports of every address that belong to Sluice
 * @param interfaceName where the addresses are installed, or null: chosen by the connected prefix
 */
public record LocalPool(String name, List<InetAddress> addresses, PortRange ports, String interfaceName) {
    /** Copies the list. */
    public LocalPool {
        addresses = List.copyOf(addresses);
    }
}
