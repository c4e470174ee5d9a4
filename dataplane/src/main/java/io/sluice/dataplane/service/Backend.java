package io.sluice.dataplane.service;

import io.sluice.dataplane.api.Protocol;
import io.sluice.dataplane.counter.SubjectCounters;
import io.sluice.dataplane.nat.PortLeases;
import io.sluice.dataplane.wire.Address;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * A real server's address and port for one protocol, as one lane uses it: its local ports and its connections.
 *
 * <p>It stands for (protocol, real address, real port, local pool) and outlives changes of the configuration, so that
 * connections keep their ports; weight and health are not here but in the {@link ServerGroup}s that list it.
 * The lane thread changes it; other threads may read the counts.
 */
public final class Backend implements AutoCloseable {
    private static final VarHandle ACTIVE;

    static {
        try {
            ACTIVE = MethodHandles.lookup().findVarHandle(Backend.class, "active", int.class);
        } catch (final ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final int id;
    private final Protocol protocol;
    private final long high;
    private final long low;
    private final int port;
    private final PortLeases leases;
    private final SubjectCounters counters;
    private int active;

    /**
     * A backend without connections.
     *
     * @param id       its number on the lane, given by whoever creates it
     * @param protocol TCP or UDP
     * @param high     real address, first eight bytes
     * @param low      real address, last eight bytes
     * @param port     real port, 1 to 65535
     * @param leases   its local ports; closed with the backend
     * @param counters its counters
     */
    public Backend(final int id, final Protocol protocol, final long high, final long low, final int port,
                   final PortLeases leases, final SubjectCounters counters) {
        this.id = id;
        this.protocol = protocol;
        this.high = high;
        this.low = low;
        this.port = port;
        this.leases = leases;
        this.counters = counters;
    }

    /**
     * Its number on the lane.
     *
     * @return as given to the constructor
     */
    public int id() {
        return id;
    }

    /**
     * Its transport protocol.
     *
     * @return TCP or UDP
     */
    public Protocol protocol() {
        return protocol;
    }

    /**
     * The real server's address.
     *
     * @return first eight bytes
     */
    public long addressHigh() {
        return high;
    }

    /**
     * The real server's address.
     *
     * @return last eight bytes, IPv4 mapped
     */
    public long addressLow() {
        return low;
    }

    /**
     * The real server's port.
     *
     * @return 1 to 65535
     */
    public int port() {
        return port;
    }

    /**
     * Whether the real server is reached by IPv4.
     *
     * @return false for IPv6
     */
    public boolean isIpv4() {
        return Address.isIpv4(high, low);
    }

    /**
     * The local ports towards this real server. Lane thread.
     *
     * @return the leases
     */
    public PortLeases leases() {
        return leases;
    }

    /**
     * Its counters. Lane thread writes.
     *
     * @return the backend's counters
     */
    public SubjectCounters counters() {
        return counters;
    }

    /** Counts a connection that was opened or restored. Lane thread. */
    public void connectionOpened() {
        ACTIVE.setOpaque(this, active + 1);
    }

    /** Counts a connection that is gone; each opened one exactly once. Lane thread. */
    public void connectionClosed() {
        ACTIVE.setOpaque(this, active - 1);
    }

    /**
     * Connections now. Any thread.
     *
     * @return 0 or more
     */
    public int activeConnections() {
        return (int) ACTIVE.getOpaque(this);
    }

    /** Frees its local ports' memory. Called when no connection and no group of the lane refers to it. */
    @Override
    public void close() {
        leases.close();
    }

    @Override
    public String toString() {
        return protocol + " " + Address.toString(high, low, port);
    }
}
