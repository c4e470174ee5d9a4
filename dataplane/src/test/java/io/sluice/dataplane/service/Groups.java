package io.sluice.dataplane.service;

import io.sluice.dataplane.api.Protocol;
import io.sluice.dataplane.nat.LocalPortPool;
import io.sluice.dataplane.nat.PortLeases;
import io.sluice.dataplane.wire.Address;
import java.net.InetAddress;
import java.util.List;
import java.util.stream.IntStream;

/** Server groups for tests: member i is 10.2.x.y:80, with x.y counting from 0.1. Their memory lives as long as the JVM. */
final class Groups {
    private static final LocalPortPool POOL = new LocalPortPool("test", List.of(InetAddress.ofLiteral("10.3.0.1")), 5000, 5009);

    private Groups() {
    }

    static ServerGroup weighted(final int... weights) {
        return of(backends(weights.length), weights);
    }

    static ServerGroup equal(final int members) {
        return weighted(IntStream.generate(() -> 1).limit(members).toArray());
    }

    static ServerGroup of(final Backend[] members, final int... weights) {
        return new ServerGroup("test", members, weights);
    }

    static Backend[] backends(final int count) {
        return IntStream.range(0, count).mapToObj(Groups::backend).toArray(Backend[]::new);
    }

    static Backend backend(final int number) {
        final long low = Address.lowOfIpv4(0x0a02_0001 + number);
        return new Backend(number, Protocol.TCP, Address.IPV4_HIGH, low, 80, new PortLeases(POOL), null);
    }
}
