package io.sluice.dataplane.service;

import io.sluice.dataplane.api.ForwardingSpec;
import io.sluice.dataplane.api.LocalPoolSpec;
import io.sluice.dataplane.api.VirtualAddressSpec;
import io.sluice.dataplane.wire.Address;
import java.net.InetAddress;
import java.util.Arrays;
import java.util.List;

/**
 * The compiled configuration: an immutable snapshot that a lane reads once per cycle. Look-ups allocate nothing.
 *
 * <p>Asked only where no connection answers first: new connections, pings, packets that are not ours.
 */
public final class ForwardingTable {
    /** {@link #owner}: not our address. */
    public static final int NOT_OURS = 0;
    /** {@link #owner}: a virtual address. */
    public static final int VIRTUAL = 1;
    /** {@link #owner}: a local address. */
    public static final int LOCAL = 2;

    private final ForwardingSpec spec;
    private final Listener[] listenersById;
    private final Listener[] withRemovedById;
    private final Backend[] backendsById;
    private final Listener[] listenerSlots;
    private final long[] addressHigh;
    private final long[] addressLow;
    private final int[] addressOwner;
    private final int[] firstPort;
    private final int[] lastPort;

    ForwardingTable(final ForwardingSpec spec, final Listener[] listenersById, final Listener[] withRemovedById,
                    final Backend[] backendsById) {
        this.spec = spec;
        this.listenersById = listenersById;
        this.withRemovedById = withRemovedById;
        this.backendsById = backendsById;
        this.listenerSlots = new Listener[slotsFor(listenersById.length)];
        for (final Listener listener : listenersById) {
            if (listener != null) {
                put(listener);
            }
        }
        final int addresses = spec.virtualAddresses().size()
            + spec.localPools().stream().mapToInt(pool -> pool.addresses().size()).sum();
        final int slots = slotsFor(addresses);
        this.addressHigh = new long[slots];
        this.addressLow = new long[slots];
        this.addressOwner = new int[slots];
        this.firstPort = new int[slots];
        this.lastPort = new int[slots];
        for (final VirtualAddressSpec address : spec.virtualAddresses()) {
            put(address.address(), VIRTUAL, 0, 0);
        }
        for (final LocalPoolSpec pool : spec.localPools()) {
            pool.addresses().forEach(address -> put(address, LOCAL, pool.firstPort(), pool.lastPort()));
        }
    }

    private static int slotsFor(final int entries) {
        return Integer.highestOneBit(Math.max(8, entries * 4 - 1));
    }

    private void put(final Listener listener) {
        int at = hash(listener.spec().protocol().number(), listener.addressHigh(), listener.addressLow(), listener.spec().port())
            & listenerSlots.length - 1;
        while (listenerSlots[at] != null) {
            at = at + 1 & listenerSlots.length - 1;
        }
        listenerSlots[at] = listener;
    }

    private void put(final InetAddress address, final int owner, final int first, final int last) {
        final long high = Address.high(address);
        final long low = Address.low(address);
        int at = hash(0, high, low, 0) & addressOwner.length - 1;
        while (addressOwner[at] != NOT_OURS) {
            at = at + 1 & addressOwner.length - 1;
        }
        addressHigh[at] = high;
        addressLow[at] = low;
        addressOwner[at] = owner;
        firstPort[at] = first;
        lastPort[at] = last;
    }

    private static int hash(final int protocol, final long high, final long low, final int port) {
        final long mixed = (high * 31 + low ^ (long) protocol << 32 ^ port) * 0x9e37_79b9_7f4a_7c15L;
        return (int) (mixed >>> 33);
    }

    /**
     * Finds the listener of a packet to a virtual address.
     *
     * @param protocol protocol number
     * @param high     destination, first eight bytes
     * @param low      destination, last eight bytes
     * @param port     destination port
     * @return the listener, or null
     */
    public Listener listener(final int protocol, final long high, final long low, final int port) {
        int at = hash(protocol, high, low, port) & listenerSlots.length - 1;
        Listener listener;
        while ((listener = listenerSlots[at]) != null) {
            if (listener.addressLow() == low && listener.addressHigh() == high && listener.spec().port() == port
                && listener.spec().protocol().number() == protocol) {
                return listener;
            }
            at = at + 1 & listenerSlots.length - 1;
        }
        return null;
    }

    /**
     * Whose address it is.
     *
     * @param high address, first eight bytes
     * @param low  address, last eight bytes
     * @return {@link #NOT_OURS}, {@link #VIRTUAL} or {@link #LOCAL}
     */
    public int owner(final long high, final long low) {
        final int at = find(high, low);
        return at < 0 ? NOT_OURS : addressOwner[at];
    }

    /**
     * Whether a port of a local address is in its pool's range; the others belong to the kernel.
     *
     * @param high local address, first eight bytes
     * @param low  local address, last eight bytes
     * @param port 0 to 65535
     * @return true if it is ours
     */
    public boolean ownsLocalPort(final long high, final long low, final int port) {
        final int at = find(high, low);
        return at >= 0 && addressOwner[at] == LOCAL && port >= firstPort[at] && port <= lastPort[at];
    }

    private int find(final long high, final long low) {
        int at = hash(0, high, low, 0) & addressOwner.length - 1;
        while (addressOwner[at] != NOT_OURS) {
            if (addressLow[at] == low && addressHigh[at] == high) {
                return at;
            }
            at = at + 1 & addressOwner.length - 1;
        }
        return -1;
    }

    /**
     * Whether a virtual address answers pings: when a listener on it has a backend that takes connections.
     *
     * @param high virtual address, first eight bytes
     * @param low  virtual address, last eight bytes
     * @return true if it does
     */
    public boolean answersPing(final long high, final long low) {
        for (final Listener listener : listenersById) {
            if (listener != null && listener.addressLow() == low && listener.addressHigh() == high && listener.group().hasUsable()) {
                return true;
            }
        }
        return false;
    }

    /**
     * The listener of a connection.
     *
     * @param id from the connection's links
     * @return the listener, or null if it has been removed
     */
    public Listener listenerById(final int id) {
        return id < listenersById.length ? listenersById[id] : null;
    }

    /**
     * The listener of a connection, also when it has been removed.
     *
     * @param id from the connection's links
     * @return the listener
     */
    public Listener anyListenerById(final int id) {
        return withRemovedById[id];
    }

    /**
     * Whether listeners were removed that still have connections: those have to be closed.
     *
     * @return true if a sweep is due
     */
    public boolean hasRemovedListeners() {
        return !Arrays.equals(listenersById, withRemovedById);
    }

    /**
     * The backend of a connection; there is one as long as it has connections.
     *
     * @param id from the connection's links
     * @return the backend
     */
    public Backend backendById(final int id) {
        return backendsById[id];
    }

    /**
     * All listeners.
     *
     * @return in no particular order
     */
    public List<Listener> listeners() {
        return Arrays.stream(listenersById).filter(listener -> listener != null).toList();
    }

    /**
     * All backends, those that only have connections left included.
     *
     * @return in no particular order
     */
    public List<Backend> backends() {
        return Arrays.stream(backendsById).filter(backend -> backend != null).toList();
    }

    /**
     * What was compiled.
     *
     * @return the specification in force
     */
    public ForwardingSpec spec() {
        return spec;
    }
}
