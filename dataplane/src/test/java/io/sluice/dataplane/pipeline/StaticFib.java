package io.sluice.dataplane.pipeline;

import io.sluice.dataplane.api.Cidr;
import io.sluice.dataplane.neighbour.Fib;
import io.sluice.dataplane.neighbour.FibSource;
import io.sluice.dataplane.wire.Address;
import java.util.ArrayList;
import java.util.List;

/** Routes as a test sets them; every change is a new generation, as it is with the kernel's. */
public final class StaticFib implements Fib, FibSource {
    private record Entry(Cidr prefix, int result, int port, long destinationMac, long sourceMac, int mtu) {
    }

    private final List<String> wanted = new ArrayList<>();
    private final List<Entry> entries = new ArrayList<>();
    private int generation = 1;

    /**
     * Adds a route, or replaces that of the same prefix.
     *
     * @param prefix         {@code address/length}
     * @param port           to leave by
     * @param destinationMac of the next hop
     * @param sourceMac      of the port
     * @param mtu            bytes of the largest IP packet
     * @return this
     */
    public StaticFib route(final String prefix, final int port, final long destinationMac, final long sourceMac, final int mtu) {
        return put(new Entry(cidr(prefix), 0, port, destinationMac, sourceMac, mtu));
    }

    /**
     * Changes the MTU of a prefix: of a route, or of part of what it covers.
     *
     * @param prefix {@code address/length}
     * @param mtu    bytes of the largest IP packet
     * @return this
     */
    public StaticFib mtu(final String prefix, final int mtu) {
        final Cidr cidr = cidr(prefix);
        final Entry old = entries.get(find(cidr.high(), cidr.low()));
        return put(new Entry(cidr, 0, old.port, old.destinationMac, old.sourceMac, mtu));
    }

    /**
     * Makes a prefix unreachable.
     *
     * @param prefix {@code address/length}
     * @param result what to answer: {@link Fib#NO_ROUTE}, {@link Fib#NO_NEIGHBOUR} or {@link Fib#PORT_DOWN}
     * @return this
     */
    public StaticFib unreachable(final String prefix, final int result) {
        return put(new Entry(cidr(prefix), result, 0, 0, 0, 0));
    }

    private StaticFib put(final Entry entry) {
        generation++;
        for (int i = 0; i < entries.size(); i++) {
            if (entries.get(i).prefix.equals(entry.prefix)) {
                entries.set(i, entry);
                return this;
            }
        }
        entries.add(entry);
        return this;
    }

    /**
     * A prefix from text.
     *
     * @param prefix {@code address/length}
     * @return the prefix
     */
    public static Cidr cidr(final String prefix) {
        final int slash = prefix.indexOf('/');
        return Cidr.of(Endpoint.address(prefix.substring(0, slash)), Integer.parseInt(prefix.substring(slash + 1)));
    }

    /**
     * What lanes asked for.
     *
     * @return addresses in the order of asking
     */
    public List<String> wanted() {
        return wanted;
    }

    private int find(final long high, final long low) {
        int best = -1;
        for (int i = 0; i < entries.size(); i++) {
            final Cidr prefix = entries.get(i).prefix;
            if (prefix.contains(high, low) && isSameFamily(prefix, high, low)
                && (best < 0 || prefix.length() > entries.get(best).prefix.length())) {
                best = i;
            }
        }
        return best;
    }

    /** {@code ::/0} does not cover IPv4. */
    private static boolean isSameFamily(final Cidr prefix, final long high, final long low) {
        return (prefix.length() >= 96 && Address.isIpv4(prefix.high(), prefix.low())) == Address.isIpv4(high, low);
    }

    @Override
    public Fib current() {
        return this;
    }

    @Override
    public void want(final long high, final long low) {
        wanted.add(Address.toString(high, low));
    }

    @Override
    public int generation() {
        return generation;
    }

    @Override
    public int resolve(final long high, final long low, final int hash) {
        final int found = find(high, low);
        return found < 0 ? NO_ROUTE : entries.get(found).result < 0 ? entries.get(found).result : found;
    }

    @Override
    public int port(final int adjacency) {
        return entries.get(adjacency).port;
    }

    @Override
    public long destinationMac(final int adjacency) {
        return entries.get(adjacency).destinationMac;
    }

    @Override
    public long sourceMac(final int adjacency) {
        return entries.get(adjacency).sourceMac;
    }

    @Override
    public int mtu(final int adjacency) {
        return entries.get(adjacency).mtu;
    }
}
