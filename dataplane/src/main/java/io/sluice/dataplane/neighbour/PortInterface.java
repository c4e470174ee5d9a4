package io.sluice.dataplane.neighbour;

/**
 * A port of this node and the interface behind it.
 *
 * @param port          index in the lane's list of ports
 * @param interfaceName name, which may come to life later or go and return with another index
 */
public record PortInterface(int port, String interfaceName) {
}
