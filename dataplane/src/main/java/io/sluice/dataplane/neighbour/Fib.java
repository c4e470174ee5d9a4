package io.sluice.dataplane.neighbour;

/**
 * Where to send a packet: an immutable snapshot of the kernel's routes, neighbours and links, as far as they concern the
 * ports of this node. Thread-safe.
 *
 * <p>A resolved next hop is an <em>adjacency</em>, a small number valid within one {@link #generation()}.
 */
public interface Fib {
    /** {@link #resolve}: no route, or it leaves by an interface without a port. */
    int NO_ROUTE = -1;
    /** {@link #resolve}: the next hop's link-layer address is unknown; ask for it. */
    int NO_NEIGHBOUR = -2;
    /** {@link #resolve}: the interface is down. */
    int PORT_DOWN = -3;

    /**
     * Grows with every snapshot; an adjacency is only valid in the generation it came from.
     *
     * @return 1 or more
     */
    int generation();

    /**
     * Finds the next hop: longest prefix match, then the neighbour. Allocates nothing.
     *
     * @param high destination, first eight bytes (IPv4 mapped)
     * @param low  destination, last eight bytes
     * @param hash of the flow, to choose among equal-cost next hops
     * @return an adjacency, 0 or more, or {@link #NO_ROUTE}, {@link #NO_NEIGHBOUR}, {@link #PORT_DOWN}
     */
    int resolve(long high, long low, int hash);

    /**
     * The port that an adjacency leaves by.
     *
     * @param adjacency from {@link #resolve}
     * @return port index in the lane's list of ports
     */
    int port(int adjacency);

    /**
     * The next hop's link-layer address.
     *
     * @param adjacency from {@link #resolve}
     * @return 48 bits, first byte highest
     */
    long destinationMac(int adjacency);

    /**
     * The link-layer address of the interface.
     *
     * @param adjacency from {@link #resolve}
     * @return 48 bits, first byte highest
     */
    long sourceMac(int adjacency);

    /**
     * The largest IP packet that may leave: the link's or the route's MTU, whichever is smaller.
     *
     * @param adjacency from {@link #resolve}
     * @return bytes, Ethernet header not included
     */
    int mtu(int adjacency);
}
