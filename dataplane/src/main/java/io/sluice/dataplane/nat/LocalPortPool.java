package io.sluice.dataplane.nat;

import io.sluice.dataplane.api.LaneShare;
import io.sluice.dataplane.api.LocalPoolSpec;
import io.sluice.dataplane.wire.Address;
import java.net.InetAddress;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A lane's share of the local addresses of one family and their port range, numbered: index {@code i} is address
 * {@code i % addresses}, port {@code first + i / addresses * lanes}.
 *
 * <pre>
 *   index     0        1        2        3            4   ...
 *   address   a0       a1       a2       a0           a1
 *   port      first    first    first    first+lanes  first+lanes       first: the first port of the lane's share
 * </pre>
 *
 * <p>So indexes in order take the addresses in turn.
 *
 * <p>The pool itself leases nothing: one local port serves as many connections as there are real servers, so each backend
 * has its own {@link PortLeases}. Here are the counts over all of them. Thread-safe.
 */
public final class LocalPortPool {
    /** {@link #indexOf}: not a port of this pool. */
    public static final int NONE = -1;

    private final String name;
    private final long[] highs;
    private final long[] lows;
    private final int firstPort;
    private final int step;
    private final int ports;
    private final AtomicLong leased = new AtomicLong();
    private final AtomicLong exhausted = new AtomicLong();

    /**
     * All ports of a pool over addresses of one family.
     *
     * @param name      of the pool, for messages
     * @param addresses at least one, all IPv4 or all IPv6, none twice
     * @param firstPort first port of the range, 1 or more
     * @param lastPort  last port of the range, at most 65535
     * @throws IllegalArgumentException if the addresses or the range are not as described
     */
    public LocalPortPool(final String name, final List<InetAddress> addresses, final int firstPort, final int lastPort) {
        this(name, addresses, firstPort, lastPort, LaneShare.ALL);
    }

    /**
     * A lane's share of a pool over addresses of one family.
     *
     * @param name      of the pool, for messages
     * @param addresses at least one, all IPv4 or all IPv6, none twice
     * @param firstPort first port of the range, 1 or more
     * @param lastPort  last port of the range, at most 65535
     * @param share     which of these ports
     * @throws IllegalArgumentException if the addresses or the range are not as described, or nothing is left for the lane
     */
    public LocalPortPool(final String name, final List<InetAddress> addresses, final int firstPort, final int lastPort,
                         final LaneShare share) {
        if (firstPort < 1 || lastPort > 65_535 || firstPort > lastPort) {
            throw new IllegalArgumentException("pool " + name + ": ports " + firstPort + "-" + lastPort
                + " are not a range within 1-65535");
        }
        this.name = name;
        if (lastPort - firstPort + 1 < share.lanes()) {
            throw new IllegalArgumentException("pool " + name + ": the ports " + firstPort + "-" + lastPort
                + " are fewer than the " + share.lanes() + " lanes. Widen the range or use fewer lanes");
        }
        this.firstPort = share.firstFrom(firstPort);
        this.step = share.lanes();
        this.ports = (lastPort - this.firstPort) / step + 1;
        this.highs = new long[addresses.size()];
        this.lows = new long[addresses.size()];
        checkSize();
        for (int i = 0; i < highs.length; i++) {
            highs[i] = Address.high(addresses.get(i));
            lows[i] = Address.low(addresses.get(i));
            checkAddress(i);
        }
    }

    /**
     * The part of a configured pool that serves backends of one family.
     *
     * @param spec  the pool as configured
     * @param ipv4  true for its IPv4 addresses, false for its IPv6 addresses
     * @param share which of its ports
     * @return the pool
     * @throws IllegalArgumentException if it has no address of that family, or no port for the lane
     */
    public static LocalPortPool of(final LocalPoolSpec spec, final boolean ipv4, final LaneShare share) {
        final List<InetAddress> addresses = spec.addresses().stream()
            .filter(address -> Address.isIpv4(Address.high(address), Address.low(address)) == ipv4)
            .toList();
        return new LocalPortPool(spec.name(), addresses, spec.firstPort(), spec.lastPort(), share);
    }

    private void checkSize() {
        if (highs.length == 0) {
            throw new IllegalArgumentException("pool " + name + " has no address of the family that its backends need");
        }
        if ((long) highs.length * ports > Integer.MAX_VALUE) {
            throw new IllegalArgumentException("pool " + name + ": " + highs.length + " addresses of " + ports
                + " ports are more than " + Integer.MAX_VALUE + "; use several pools");
        }
    }

    private void checkAddress(final int added) {
        if (Address.isIpv4(highs[added], lows[added]) != isIpv4()) {
            throw new IllegalArgumentException("pool " + name + " mixes IPv4 and IPv6; make one pool per family of it");
        }
        for (int i = 0; i < added; i++) {
            if (highs[i] == highs[added] && lows[i] == lows[added]) {
                throw new IllegalArgumentException("pool " + name + " has " + Address.toString(highs[i], lows[i]) + " twice");
            }
        }
    }

    /**
     * The configured name; the IPv4 and the IPv6 part of a pool share it.
     *
     * @return for messages
     */
    public String name() {
        return name;
    }

    /**
     * The family of the pool.
     *
     * @return true for IPv4, false for IPv6
     */
    public boolean isIpv4() {
        return Address.isIpv4(highs[0], lows[0]);
    }

    /**
     * Number of indexes: addresses times ports.
     *
     * @return 1 or more
     */
    public int size() {
        return highs.length * ports;
    }

    /**
     * First half of an index's address.
     *
     * @param index 0 to {@link #size()} - 1
     * @return first eight bytes
     */
    public long addressHigh(final int index) {
        return highs[index % highs.length];
    }

    /**
     * Second half of an index's address.
     *
     * @param index 0 to {@link #size()} - 1
     * @return last eight bytes, IPv4 mapped
     */
    public long addressLow(final int index) {
        return lows[index % lows.length];
    }

    /**
     * The port of an index.
     *
     * @param index 0 to {@link #size()} - 1
     * @return within the pool's range
     */
    public int port(final int index) {
        return firstPort + index / highs.length * step;
    }

    /**
     * The index of an address and port: the way back, for connections that are restored.
     *
     * @param high address, first eight bytes
     * @param low  address, last eight bytes
     * @param port 0 to 65535
     * @return 0 to {@link #size()} - 1, or {@link #NONE}
     */
    public int indexOf(final long high, final long low, final int port) {
        final int row = (port - firstPort) / step;
        if (port < firstPort || row >= ports || firstPort + row * step != port) {
            return NONE;
        }
        for (int i = 0; i < lows.length; i++) {
            if (lows[i] == low && highs[i] == high) {
                return row * highs.length + i;
            }
        }
        return NONE;
    }

    /**
     * Leases in force, all backends together; may exceed {@link #size()}, because each backend may use each port once.
     *
     * @return 0 or more
     */
    public long leased() {
        return leased.get();
    }

    /**
     * How often any backend found every port of its share taken.
     *
     * @return 0 or more
     */
    public long exhausted() {
        return exhausted.get();
    }

    void countLeases(final int change) {
        leased.getAndAdd(change);
    }

    void countExhausted() {
        exhausted.getAndIncrement();
    }
}
