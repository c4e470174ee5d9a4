package io.sluice.control.model;

import java.net.InetAddress;
import java.util.List;

/**
 * A virtual address with its listeners.
 *
 * @param name          unique among load balancers
 * @param address       the virtual address
 * @param interfaceName where it is installed, or null: chosen by the connected prefix
 * @param localPool     pool of listeners that name none, or null
 * @param serverGroup   group of listeners that name none, or null
 * @param maxListeners  listeners it may have
 * @param listeners     listeners
 */
public record LoadBalancer(String name, InetAddress address, String interfaceName, String localPool, String serverGroup,
                           int maxListeners, List<Listener> listeners) {
    /** Listeners that a load balancer may have when nothing is configured. */
    public static final int DEFAULT_MAX_LISTENERS = 50;

    /** Copies the list. */
    public LoadBalancer {
        listeners = List.copyOf(listeners);
    }

    /**
     * The group that serves a listener.
     *
     * @param listener one of this load balancer's
     * @return its own group, else the default group, else null
     */
    public String serverGroupOf(final Listener listener) {
        return listener.serverGroup() != null ? listener.serverGroup() : serverGroup;
    }

    /**
     * The pool that a listener leases local addresses from.
     *
     * @param listener one of this load balancer's
     * @return its own pool, else the default pool, else null
     */
    public String localPoolOf(final Listener listener) {
        return listener.localPool() != null ? listener.localPool() : localPool;
    }
}
