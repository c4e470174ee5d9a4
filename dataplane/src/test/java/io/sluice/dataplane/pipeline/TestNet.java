package io.sluice.dataplane.pipeline;

/**
 * The network that packet tests play in.
 *
 * <pre>
 *   client 198.51.100.7:40000         router ---- port 0 | Sluice | port 1 ---- server 10.2.0.11:8080
 *          [2001:db8:c::7]:40000                                                       [fd02::11]:8080
 *                                 virtual 203.0.113.10:80         local 10.2.0.100
 *                                         [2001:db8:f::10]:80           fd02::100
 * </pre>
 */
public final class TestNet {
    /** An IPv4 client. */
    public static final Endpoint CLIENT4 = Endpoint.of("198.51.100.7:40000");
    /** An IPv6 client. */
    public static final Endpoint CLIENT6 = Endpoint.of("[2001:db8:c::7]:40000");
    /** The IPv4 virtual address and port. */
    public static final Endpoint VIP4 = Endpoint.of("203.0.113.10:80");
    /** The IPv6 virtual address and port. */
    public static final Endpoint VIP6 = Endpoint.of("[2001:db8:f::10]:80");
    /** An IPv6 virtual address and port whose real servers are IPv4. */
    public static final Endpoint VIP64 = Endpoint.of("[2001:db8:f::64]:80");
    /** An IPv4 real server. */
    public static final Endpoint SERVER4 = Endpoint.of("10.2.0.11:8080");
    /** Another IPv4 real server. */
    public static final Endpoint OTHER_SERVER4 = Endpoint.of("10.2.0.12:8080");
    /** An IPv6 real server. */
    public static final Endpoint SERVER6 = Endpoint.of("[fd02::11]:8080");
    /** The IPv4 local address and the first port of the pool. */
    public static final Endpoint LOCAL4 = Endpoint.of("10.2.0.100:20000");
    /** The IPv6 local address and the first port of the pool. */
    public static final Endpoint LOCAL6 = Endpoint.of("[fd02::100]:20000");
    /** Last port of the pool. */
    public static final int LAST_LOCAL_PORT = 20_999;

    /** Port towards clients. */
    public static final int FRONT = 0;
    /** Port towards real servers. */
    public static final int BACK = 1;
    /** Link-layer address of the clients' router. */
    public static final long ROUTER_MAC = 0x0200_0000_00c1L;
    /** Link-layer address of the servers' network: of every server, or of a router before them. */
    public static final long SERVER_MAC = 0x0200_0000_00d1L;
    /** Link-layer address of {@link #FRONT}. */
    public static final long FRONT_MAC = 0x0200_0000_0a00L;
    /** Link-layer address of {@link #BACK}. */
    public static final long BACK_MAC = 0x0200_0000_0a01L;

    private TestNet() {
    }

    /** The ways out as they normally are: everything to the front, the private ranges to the back, 1500 bytes. */
    static StaticFib fib() {
        return new StaticFib()
            .route("0.0.0.0/0", FRONT, ROUTER_MAC, FRONT_MAC, 1500)
            .route("::/0", FRONT, ROUTER_MAC, FRONT_MAC, 1500)
            .route("10.2.0.0/16", BACK, SERVER_MAC, BACK_MAC, 1500)
            .route("fd02::/16", BACK, SERVER_MAC, BACK_MAC, 1500);
    }
}
