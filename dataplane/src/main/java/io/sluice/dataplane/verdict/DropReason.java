package io.sluice.dataplane.verdict;

import java.util.List;

/**
 * Why a frame was not forwarded: the one closed list. There is no other way to drop.
 *
 * <p>Counters, the API, the CLI and the documentation are generated from this enum; the ordinal is the index of the
 * counter, so new reasons go to the end of their group only together with a new counters file.
 */
public enum DropReason {
    MALFORMED_IP("the IP header is truncated, has a wrong length, checksum or extension header, or an IPv4-mapped IPv6 address",
        "Look at the sender: capture with tcpdump -vv. A broken NIC or cable shows up here too."),
    MALFORMED_TCP("the TCP header is truncated, has a wrong length, or a flag combination that no sender uses",
        "Usually a port scan. Nothing to do unless the source is one of yours."),
    MALFORMED_UDP("the UDP header is truncated, or its length is less than 8 or more than the IP packet holds",
        "Look at the sender: capture with tcpdump -vv."),
    MALFORMED_ICMP("the ICMP message is truncated or its checksum is wrong",
        "Look at the sender: capture with tcpdump -vv."),
    TTL_EXPIRED("the TTL or hop limit reached zero here; the sender was told with ICMP time exceeded",
        "A routing loop, or somebody's traceroute."),
    FRAGMENT_TOO_SHORT("a first fragment does not hold the whole transport header",
        "An attack (RFC 1858), or a path with an absurdly small MTU."),
    FRAGMENT_ORPHAN("a fragment came without, or before, its first fragment",
        "Reordering or loss on the path. Keep the clients' datagrams below the path MTU."),
    FRAGMENT_TABLE_FULL("more fragmented datagrams at once than the fragment table holds",
        "A fragment flood, or too small a table: dataplane.maxFragments."),
    NO_CONNECTION("a packet that cannot open a connection belongs to none we know",
        "Normal after idle timeouts and port scans. If it grows after a restart, look at the connection table's messages."),
    RESET_UNKNOWN("the listener answers packets of unknown connections with RST, and did",
        "As configured by resetUnknown on the listener."),
    ACL_DENIED("the listener's access list does not admit this client",
        "As configured: sluice explain shows the matching entry."),
    CONNECTION_LIMIT("the listener has its maximum number of connections",
        "Raise maxConnections on the listener, or add backends and find out why connections stay."),
    RATE_LIMIT("the listener has had its maximum of new connections in this second",
        "Raise newConnectionsPerSecond on the listener."),
    BANDWIDTH_LIMIT("the listener's bandwidth is used up",
        "Raise the bandwidth limit on the listener."),
    NO_BACKEND("no backend of the listener's server group takes new connections",
        "Add a backend, give one a weight above 0, or look at the health checks."),
    NO_LOCAL_PORT("every local address and port of the pool is in use towards the chosen backend",
        "Add an address to the local pool."),
    TABLE_FULL("the connection table holds its maximum number of connections",
        "Raise dataplane.maxConnections, or shorten the idle timeouts of the listener."),
    NO_ROUTE("the kernel's routing table has no usable route to the destination",
        "ip route get ADDRESS on this node; the route must leave by an interface that Sluice has a port on."),
    NO_NEIGHBOUR("the next hop's link-layer address is not known yet; the kernel was asked to resolve it",
        "A few at start are normal. If it goes on: ip neigh, cabling, VLAN."),
    PORT_DOWN("the interface that the packet has to leave by is down or gone",
        "ip link show INTERFACE."),
    TRANSMIT_FAILED("the kernel did not accept the frame for transmission",
        "The transmit queue of the interface is full, or it went down: ip -s link show INTERFACE."),
    TOO_BIG("the packet is larger than the next link's MTU; the sender was told when it forbids fragmentation",
        "Path-MTU discovery at work. If transfers hang, something on the way drops ICMP."),
    NO_HEADROOM("the translated headers do not fit before the payload in the frame buffer",
        "A limit of the packet port; please report the packet."),
    NO_FRAME("no free frame buffer for a packet that we have to make ourselves",
        "A burst of errors to be answered. Nothing to do unless it grows steadily."),
    HAND_OVER_FULL("the lane that owns the packet has no room for more packets from other lanes",
        "That lane is overloaded. If packets_handed_over is high, the ports do not steer: see dataplane.lanes in the README."),
    ICMP_UNRELATED("an ICMP error about no connection we know",
        "Normal in small numbers: late errors about connections that are gone."),
    ICMP_NOT_TRANSLATABLE("an ICMP message that has no meaning in the other address family",
        "Nothing to do: RFC 7915 says to drop it."),
    ECHO_NO_BACKEND("a ping to a virtual address none of whose listeners has a backend",
        "As documented: a VIP answers pings when at least one listener on it has a backend."),
    NOT_TRANSLATABLE("an IPv6 packet that IPv4 cannot express, or a fragment whose checksum would have to be made up",
        "IPv6 routing headers and fragmented UDP without a checksum cannot cross from one family to the other.");

    private static final List<DropReason> ALL = List.of(values());

    private final String sentence;
    private final String nextStep;

    DropReason(final String sentence, final String nextStep) {
        this.sentence = sentence;
        this.nextStep = nextStep;
    }

    /**
     * What happened, as one sentence without capital and full stop.
     *
     * @return the sentence shown beside the counter
     */
    public String sentence() {
        return sentence;
    }

    /**
     * What an operator does about it.
     *
     * @return one or two sentences
     */
    public String nextStep() {
        return nextStep;
    }

    /**
     * The reason with a given ordinal, without the array copy of {@link #values()}.
     *
     * @param ordinal 0 to the number of reasons - 1
     * @return the reason
     * @throws IndexOutOfBoundsException if there is no such reason
     */
    public static DropReason of(final int ordinal) {
        return ALL.get(ordinal);
    }

    /**
     * The number of reasons.
     *
     * @return count of enum entries
     */
    public static int count() {
        return ALL.size();
    }
}
