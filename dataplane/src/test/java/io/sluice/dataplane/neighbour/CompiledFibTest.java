package io.sluice.dataplane.neighbour;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.dataplane.api.Cidr;
import io.sluice.dataplane.neighbour.FibInputs.PortLink;
import io.sluice.dataplane.neighbour.Neighbour.Hop;
import io.sluice.dataplane.lab.AllocatedBytes;
import io.sluice.dataplane.wire.Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Two ports: interface 11 is port 0, interface 12 is port 1; interface 13 is nobody's. */
class CompiledFibTest {
    private static final int NO_MTU = Integer.MAX_VALUE;
    private final List<Route> routes = new ArrayList<>();
    private final List<Neighbour> neighbours = new ArrayList<>();
    private boolean secondUp = true;

    @Test
    void shouldTakeTheSmallerOfLinkAndRouteMtu() {
        route("10.0.0.0", 8, 0, 1400, onLink(11));
        route("10.9.0.0", 16, 0, 9000, onLink(11));
        route("0.0.0.0", 0, 0, 1300, via(11, "10.0.0.1"));
        neighbour(11, "10.0.0.1", Neighbour.NUD_REACHABLE);
        neighbour(11, "10.9.0.1", Neighbour.NUD_REACHABLE);
        final Fib fib = fib();
        assertThat(fib.mtu(resolve(fib, "10.0.0.1", 0))).isEqualTo(1400);
        assertThat(fib.mtu(resolve(fib, "10.9.0.1", 0))).isEqualTo(1500);
        assertThat(fib.mtu(resolve(fib, "8.8.8.8", 0))).isEqualTo(1300);
    }

    @Test
    void shouldUseOnlyNeighboursWithALinkLayerAddress() {
        route("10.0.0.0", 8, 0, NO_MTU, onLink(11));
        final int[] usable = {Neighbour.NUD_REACHABLE, Neighbour.NUD_STALE, Neighbour.NUD_DELAY, Neighbour.NUD_PROBE,
            Neighbour.NUD_PERMANENT};
        for (int i = 0; i < usable.length; i++) {
            neighbour(11, "10.0.0." + (i + 1), usable[i]);
        }
        neighbour(11, "10.0.1.1", Neighbour.NUD_FAILED);
        neighbour(11, "10.0.1.2", Neighbour.NUD_INCOMPLETE);
        neighbour(11, "10.0.1.3", 0x40);
        neighbours.add(new Neighbour(hop(11, "10.0.1.4"), Neighbour.NUD_REACHABLE, -1));
        neighbour(12, "10.0.1.5", Neighbour.NUD_REACHABLE);
        final Fib fib = fib();
        for (int i = 0; i < usable.length; i++) {
            assertThat(resolve(fib, "10.0.0." + (i + 1), 0)).isNotNegative();
        }
        for (int i = 1; i <= 5; i++) {
            assertThat(resolve(fib, "10.0.1." + i, 0)).as("10.0.1." + i).isEqualTo(Fib.NO_NEIGHBOUR);
        }
    }

    @Test
    void shouldKeepFlowsOfLivingNextHopsWhenAnotherDies() {
        route("10.0.0.0", 8, 0, NO_MTU, via(11, "192.0.2.1"), via(12, "192.0.2.2"), via(11, "192.0.2.3"));
        neighbour(11, "192.0.2.1", Neighbour.NUD_REACHABLE);
        neighbour(12, "192.0.2.2", Neighbour.NUD_REACHABLE);
        neighbour(11, "192.0.2.3", Neighbour.NUD_REACHABLE);
        final Fib before = fib();
        neighbours.set(0, new Neighbour(hop(11, "192.0.2.1"), Neighbour.NUD_FAILED, -1));
        final Fib after = fib();
        final int[] moved = new int[4];
        for (int hash = 0; hash < 3_000; hash++) {
            final long was = before.destinationMac(resolve(before, "10.1.1.1", hash)) & 3;
            final long is = after.destinationMac(resolve(after, "10.1.1.1", hash)) & 3;
            if (was == 1) {
                moved[(int) is]++;
            } else {
                assertThat(is).isEqualTo(was);
            }
        }
        assertThat(moved[2]).isBetween(350, 650);
        assertThat(moved[3]).isBetween(350, 650);
    }

    @Test
    void shouldSayWhyNoNextHopIsUsable() {
        secondUp = false;
        route("10.1.0.0", 16, 0, NO_MTU, via(12, "192.0.2.2"));
        route("10.2.0.0", 16, 0, NO_MTU, via(13, "192.0.2.9"));
        route("10.3.0.0", 16, 0, NO_MTU, via(13, "192.0.2.9"), via(12, "192.0.2.2"), via(11, "192.0.2.1"));
        route("10.4.0.0", 16, 0, NO_MTU, via(13, "192.0.2.9"), via(12, "192.0.2.2"));
        final Fib fib = fib();
        for (int hash = 0; hash < 50; hash++) {
            assertThat(resolve(fib, "10.1.0.1", hash)).isEqualTo(Fib.PORT_DOWN);
            assertThat(resolve(fib, "10.2.0.1", hash)).isEqualTo(Fib.NO_ROUTE);
            assertThat(resolve(fib, "10.3.0.1", hash)).isEqualTo(Fib.NO_NEIGHBOUR);
            assertThat(resolve(fib, "10.4.0.1", hash)).isEqualTo(Fib.PORT_DOWN);
        }
    }

    @Test
    void shouldPreferTheLowestMetricThatIsAlive() {
        route("10.0.0.0", 8, 20, NO_MTU, via(11, "192.0.2.1"));
        route("10.0.0.0", 8, 10, NO_MTU, via(12, "192.0.2.2"));
        neighbour(11, "192.0.2.1", Neighbour.NUD_REACHABLE);
        neighbour(12, "192.0.2.2", Neighbour.NUD_REACHABLE);
        assertThat(fib().port(resolve(fib(), "10.0.0.1", 0))).isEqualTo(1);
        secondUp = false;
        assertThat(fib().port(resolve(fib(), "10.0.0.1", 0))).isZero();
        routes.add(new Route(cidr("10.0.0.0", 8), RouteKind.LOCAL, -1, NO_MTU, List.of()));
        assertThat(resolve(fib(), "10.0.0.1", 0)).as("the local table is asked first").isEqualTo(Fib.NO_ROUTE);
    }

    @Test
    void shouldSeeNoChangeInANeighboursState() {
        route("10.0.0.0", 8, 0, NO_MTU, onLink(11));
        neighbour(11, "10.0.0.1", Neighbour.NUD_REACHABLE);
        final KernelView view = view();
        final Map<Hop, Neighbour> stale = Map.of(hop(11, "10.0.0.1"), new Neighbour(hop(11, "10.0.0.1"), Neighbour.NUD_STALE,
            neighbours.getFirst().mac()));
        assertThat(new KernelView(view.links(), view.ports(), stale, view.routes()).inputs()).isEqualTo(view.inputs());
        assertThat(new KernelView(view.links(), view.ports(), Map.of(), view.routes()).inputs()).isNotEqualTo(view.inputs());
    }

    @Test
    void shouldAllocateNothingAndTellWhatWasUsed() {
        route("10.0.0.0", 8, 0, NO_MTU, onLink(11));
        route("20.0.0.0", 8, 0, NO_MTU, via(11, "192.0.2.1"), via(12, "192.0.2.2"));
        for (int i = 0; i < 1000; i++) {
            neighbour(11, "10.0." + i / 250 + "." + i % 250, Neighbour.NUD_REACHABLE);
        }
        neighbour(12, "192.0.2.2", Neighbour.NUD_REACHABLE);
        final CompiledFib fib = FibCompiler.compile(1, view().inputs());
        final long base = Address.low(address("10.0.0.0"));
        assertThat(AllocatedBytes.leastOf(() -> resolveMany(fib, base, 20_000))).isZero();
        assertThat(resolveMany(fib, base, 20_000)).isNotZero();
        final List<Hop> used = new ArrayList<>();
        fib.takeUsed(used::add);
        assertThat(used).hasSize(1001);
        used.clear();
        final int remembered = resolve(fib, "10.0.0.7", 0);
        fib.takeUsed(used::add);
        assertThat(used).containsExactly(hop(11, "10.0.0.7"));
        used.clear();
        fib.takeUsed(used::add);
        assertThat(used).isEmpty();
        assertThat(fib.destinationMac(remembered)).isEqualTo(0x02_00_00_00_00_07L);
        fib.takeUsed(used::add);
        assertThat(used).as("a remembered adjacency in use").containsExactly(hop(11, "10.0.0.7"));
    }

    private static long resolveMany(final CompiledFib fib, final long base, final int times) {
        final long other = base + 0x0a00_0000L;
        long sum = 0;
        for (int i = 0; i < times; i++) {
            sum += fib.resolve(0, base + i % 1000 / 250 * 256 + i % 250, i) + fib.resolve(0, other + i, i);
        }
        return sum;
    }

    private Fib fib() {
        return FibCompiler.compile(1, view().inputs());
    }

    private KernelView view() {
        final Map<Integer, Link> links = Map.of(11, new Link(11, "eth0", true, 1500, 0x02_00_00_00_00_11L),
            12, new Link(12, "eth1", secondUp, 1500, 0x02_00_00_00_00_12L), 13, new Link(13, "mgmt", true, 1500, 0x02_00_00_00_00_13L));
        final Map<Integer, PortLink> ports = Map.of(11, new PortLink(0, links.get(11)), 12, new PortLink(1, links.get(12)));
        final Map<Hop, Neighbour> known = neighbours.stream().collect(Collectors.toMap(Neighbour::hop, Function.identity()));
        return new KernelView(links, ports, known, RouteTable.of(routes, index -> links.get(index).up()));
    }

    private void route(final String prefix, final int length, final int metric, final int mtu, final NextHop... hops) {
        routes.add(new Route(cidr(prefix, length), RouteKind.UNICAST, metric, mtu, List.of(hops)));
    }

    private void neighbour(final int interfaceIndex, final String address, final int state) {
        final long mac = 0x02_00_00_00_00_00L | Address.low(address(address)) & 0xffff;
        neighbours.add(new Neighbour(hop(interfaceIndex, address), state, (state & 0x21) != 0 ? -1 : mac));
    }

    private static NextHop onLink(final int interfaceIndex) {
        return new NextHop(interfaceIndex, true, 0, 0, 1, false);
    }

    private static NextHop via(final int interfaceIndex, final String gateway) {
        return new NextHop(interfaceIndex, false, Address.high(address(gateway)), Address.low(address(gateway)), 1, false);
    }

    private static Hop hop(final int interfaceIndex, final String address) {
        return new Hop(interfaceIndex, Address.high(address(address)), Address.low(address(address)));
    }

    private static int resolve(final Fib fib, final String address, final int hash) {
        return fib.resolve(Address.high(address(address)), Address.low(address(address)), hash);
    }

    private static Cidr cidr(final String address, final int length) {
        return Cidr.of(address(address), length);
    }

    private static InetAddress address(final String text) {
        try {
            return InetAddress.getByName(text);
        } catch (final UnknownHostException e) {
            throw new IllegalArgumentException(e);
        }
    }
}
