package io.sluice.bench.traffic;

import io.sluice.dataplane.api.AclSpec;
import io.sluice.dataplane.api.BackendSpec;
import io.sluice.dataplane.api.ForwardingSpec;
import io.sluice.dataplane.api.LimitsSpec;
import io.sluice.dataplane.api.ListenerSpec;
import io.sluice.dataplane.api.LocalPoolSpec;
import io.sluice.dataplane.api.Protocol;
import io.sluice.dataplane.api.SchedulerKind;
import io.sluice.dataplane.api.ServerGroupSpec;
import io.sluice.dataplane.api.Timeouts;
import io.sluice.dataplane.api.TtmSpec;
import io.sluice.dataplane.api.VirtualAddressSpec;
import io.sluice.dataplane.wire.Address;
import java.net.InetAddress;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Protocol and families of a bench's connections, and the configuration for them.
 *
 * <pre>
 *   198.18.0.1 ...       ------> 203.0.113.10 or        local 10.2.1.1 - 10.2.1.8 -----> 10.2.0.11 - 10.2.0.14
 *   2001:db8:c::1 ...            2001:db8:f::10               fd02::1:1 - fd02::1:8      fd02::11 - fd02::14
 *                                 :80  LASTING                5000-65535                 port 8080
 *                                 :81  PASSING                only .1, 128 ports         only .11
 * </pre>
 *
 * <p>Connections to {@link #LASTING} are opened once; those to {@link #PASSING} come and go, over few enough local ports that
 * the same ones come round again soon.
 */
public enum Scene {
    /** TCP, all IPv4. */
    TCP_4TO4(Protocol.TCP, true, true),
    /** TCP, all IPv6. */
    TCP_6TO6(Protocol.TCP, false, false),
    /** TCP from IPv6 clients to IPv4 real servers. */
    TCP_6TO4(Protocol.TCP, false, true),
    /** UDP, all IPv4. */
    UDP_4TO4(Protocol.UDP, true, true);

    /** Virtual port of connections that are opened once. */
    public static final int LASTING = 80;
    /** Virtual port of connections that come and go. */
    public static final int PASSING = 81;
    /** Local ports for {@link #PASSING}. */
    public static final int PASSING_PORTS = 128;

    private static final int SERVERS = 4;
    private static final int LOCAL_ADDRESSES = 8;
    private static final int FIRST_LOCAL_PORT = 5000;
    private static final int CLIENTS_PER_ADDRESS = 16;
    private static final int FIRST_CLIENT_PORT = 40_000;
    private static final int FIRST_CLIENT4 = 0xc612_0001;
    private static final long CLIENT6_HIGH = 0x2001_0db8_000c_0000L;

    private final Protocol protocol;
    private final boolean clientIpv4;
    private final boolean serverIpv4;

    Scene(final Protocol protocol, final boolean clientIpv4, final boolean serverIpv4) {
        this.protocol = protocol;
        this.clientIpv4 = clientIpv4;
        this.serverIpv4 = serverIpv4;
    }

    /** {@return the transport protocol} */
    public Protocol protocol() {
        return protocol;
    }

    /** {@return the virtual address} */
    public InetAddress virtualAddress() {
        return InetAddress.ofLiteral(clientIpv4 ? "203.0.113.10" : "2001:db8:f::10");
    }

    /**
     * A client's packets to a virtual port.
     *
     * @param client      number of the client, 0 to 2^20
     * @param virtualPort {@link #LASTING} or {@link #PASSING}
     * @return source and destination
     */
    public Ends ends(final int client, final int virtualPort) {
        final int host = client / CLIENTS_PER_ADDRESS;
        final long high = clientIpv4 ? Address.IPV4_HIGH : CLIENT6_HIGH;
        final long low = clientIpv4 ? Address.lowOfIpv4(FIRST_CLIENT4 + host) : 1 + host;
        final InetAddress virtual = virtualAddress();
        return new Ends(high, low, FIRST_CLIENT_PORT + client % CLIENTS_PER_ADDRESS, Address.high(virtual), Address.low(virtual),
            virtualPort);
    }

    /** {@return the configuration: both virtual ports, each with real servers and local ports of its own} */
    public ForwardingSpec spec() {
        return new ForwardingSpec(1, List.of(new VirtualAddressSpec(virtualAddress(), null)),
            List.of(pool("lasting", 1, LOCAL_ADDRESSES, 65_535), pool("passing", 2, 1, FIRST_LOCAL_PORT + PASSING_PORTS - 1)),
            List.of(group("lasting", SERVERS), group("passing", 1)), List.of(listener("lasting", LASTING), listener("passing", PASSING)));
    }

    private ListenerSpec listener(final String name, final int port) {
        return new ListenerSpec(name, protocol, virtualAddress(), port, name, name, SchedulerKind.ROUND_ROBIN, Timeouts.DEFAULT,
            TtmSpec.DEFAULT, AclSpec.EVERYBODY, LimitsSpec.NONE, false, false, false);
    }

    private ServerGroupSpec group(final String name, final int size) {
        return new ServerGroupSpec(name, IntStream.range(11, 11 + size)
            .mapToObj(i -> new BackendSpec(InetAddress.ofLiteral(serverIpv4 ? "10.2.0." + i : "fd02::" + i), 8080, 1, true)).toList());
    }

    private LocalPoolSpec pool(final String name, final int net, final int size, final int lastPort) {
        return new LocalPoolSpec(name, IntStream.rangeClosed(1, size)
            .mapToObj(i -> InetAddress.ofLiteral(serverIpv4 ? "10.2." + net + "." + i : "fd02::" + net + ":" + i)).toList(),
            FIRST_LOCAL_PORT, lastPort, null);
    }
}
