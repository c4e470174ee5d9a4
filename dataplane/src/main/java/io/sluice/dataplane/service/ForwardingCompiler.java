package io.sluice.dataplane.service;

import io.sluice.dataplane.api.BackendSpec;
import io.sluice.dataplane.api.DataplaneException;
import io.sluice.dataplane.api.ForwardingSpec;
import io.sluice.dataplane.api.ListenerSpec;
import io.sluice.dataplane.api.LocalPoolSpec;
import io.sluice.dataplane.api.Protocol;
import io.sluice.dataplane.api.ServerGroupSpec;
import io.sluice.dataplane.counter.CountersFile;
import io.sluice.dataplane.counter.SubjectCounters;
import io.sluice.dataplane.nat.LocalPortPool;
import io.sluice.dataplane.nat.PortLeases;
import io.sluice.dataplane.api.LaneShare;
import io.sluice.dataplane.wire.Address;
import java.net.InetAddress;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.IntUnaryOperator;
import java.util.stream.Collectors;

/**
 * Turns a {@link ForwardingSpec} into a {@link ForwardingTable} for one lane, keeping what must last from one configuration to
 * the next: ids, local ports, counters, turns of schedulers.
 *
 * <p>Control thread only. {@link #compile} changes nothing that a lane can see until the lane takes the new table; the caller
 * compiles again only after the lane has taken the last one.
 */
public final class ForwardingCompiler {
    private record ListenerKey(Protocol protocol, InetAddress address, int port) {
    }

    private record BackendKey(Protocol protocol, InetAddress address, int port, LocalPortPool pool) {
    }

    private record PoolKey(LocalPoolSpec spec, boolean ipv4) {
    }

    private final CountersFile counters;
    private final LaneShare share;
    private final SharedLimits limits;
    private final IntUnaryOperator firstLease;
    private final IdSpace<ListenerKey, Listener> listeners = new IdSpace<>(Listener[]::new);
    private final IdSpace<BackendKey, Backend> backends = new IdSpace<>(Backend[]::new);
    private Map<PoolKey, LocalPortPool> pools = new HashMap<>();
    private Set<ListenerKey> liveListeners = new HashSet<>();
    private Set<BackendKey> liveBackends = new HashSet<>();

    /**
     * A compiler for the only lane that has compiled nothing, and whose backends lease their local ports from the first one on.
     *
     * @param counters where listeners get their counters
     */
    public ForwardingCompiler(final CountersFile counters) {
        this(counters, LaneShare.ALL, new SharedLimits(), bound -> 0);
    }

    /**
     * A compiler that has compiled nothing.
     *
     * @param counters   where listeners get their counters
     * @param share      the lane's local ports
     * @param limits     shared with the compilers of the other lanes
     * @param firstLease given the number of local ports, the one to lease first: random in production, so that a restart
     *                   does not begin with the ports it has just used
     */
    public ForwardingCompiler(final CountersFile counters, final LaneShare share, final SharedLimits limits,
                              final IntUnaryOperator firstLease) {
        this.counters = counters;
        this.limits = limits;
        this.share = share;
        this.firstLease = firstLease;
    }

    /**
     * Compiles a specification.
     *
     * @param spec  everything
     * @param nowNs the time, for limits that start anew
     * @return the new table
     * @throws DataplaneException if names do not refer to anything, or there are more counters than the file holds
     */
    public ForwardingTable compile(final ForwardingSpec spec, final long nowNs) {
        final Map<String, LocalPoolSpec> poolSpecs = byName(spec.localPools(), LocalPoolSpec::name);
        final Map<String, ServerGroupSpec> groupSpecs = byName(spec.serverGroups(), ServerGroupSpec::name);
        check(spec, poolSpecs, groupSpecs);
        final Map<PoolKey, LocalPortPool> newPools = new HashMap<>();
        final Set<ListenerKey> neededListeners = new HashSet<>(liveListeners);
        final Set<BackendKey> neededBackends = new HashSet<>(liveBackends);
        liveListeners = new HashSet<>();
        liveBackends = new HashSet<>();
        for (final ListenerSpec listener : spec.listeners()) {
            final ListenerKey key = new ListenerKey(listener.protocol(), listener.address(), listener.port());
            final ServerGroup group = group(listener, groupSpecs.get(listener.serverGroup()), poolSpecs.get(listener.localPool()),
                newPools, liveBackends);
            liveListeners.add(key);
            listeners.put(key, id -> listener(id, listener, group, listeners.get(key), nowNs));
        }
        pools = newPools;
        // The lane may open connections with the last table until it takes the new one. So what is removed now goes with the next
        // table at the earliest, and then only if its connections are gone: nobody else may inherit them with its number.
        neededListeners.addAll(liveListeners);
        neededBackends.addAll(liveBackends);
        listeners.retain(neededListeners, listener -> listener.counters().current() == 0,
            listener -> close(listener.counters()));
        backends.retain(neededBackends, backend -> backend.activeConnections() == 0, this::close);
        return table(spec);
    }

    private ForwardingTable table(final ForwardingSpec spec) {
        final Listener[] all = listeners.byId();
        final Listener[] live = new Listener[all.length];
        liveListeners.forEach(key -> live[listeners.get(key).id()] = listeners.get(key));
        return new ForwardingTable(spec, live, all, backends.byId());
    }

    private void check(final ForwardingSpec spec, final Map<String, LocalPoolSpec> poolSpecs,
                       final Map<String, ServerGroupSpec> groupSpecs) {
        final Set<Object> subjects = new HashSet<>();
        for (final ListenerSpec listener : spec.listeners()) {
            final ServerGroupSpec group = groupSpecs.get(listener.serverGroup());
            final LocalPoolSpec pool = poolSpecs.get(listener.localPool());
            if (group == null) {
                throw new DataplaneException("listener " + listener.name() + ": there is no server group "
                    + listener.serverGroup());
            }
            if (pool == null) {
                throw new DataplaneException("listener " + listener.name() + ": there is no local pool " + listener.localPool());
            }
            final ListenerKey key = new ListenerKey(listener.protocol(), listener.address(), listener.port());
            if (listeners.get(key) == null) {
                subjects.add(key);
            }
            group.backends().forEach(backend -> addIfNew(subjects, listener.protocol(), backend, pool));
        }
        // Lanes are compiled one after the other: the first one fails for all, before anything has changed.
        if (!counters.hasRoomFor(subjects.size() * (share.lanes() - share.lane()))) {
            throw new DataplaneException("the counters file has no room for " + subjects.size() + " more listeners and backends."
                + " Configure fewer, raise the size of the counters file, or, after many changes, try again in a second.");
        }
    }

    private void addIfNew(final Set<Object> subjects, final Protocol protocol, final BackendSpec backend, final LocalPoolSpec pool) {
        final PoolKey key = new PoolKey(pool, Address.isIpv4(Address.high(backend.serverIp()), Address.low(backend.serverIp())));
        final LocalPortPool known = pools.get(key);
        if (known == null || backends.get(new BackendKey(protocol, backend.serverIp(), backend.port(), known)) == null) {
            subjects.add(List.of(protocol, backend.serverIp(), backend.port(), key));
        }
    }

    private Listener listener(final int id, final ListenerSpec spec, final ServerGroup group, final Listener old, final long nowNs) {
        final boolean sameTurns = old != null && old.group().equals(group) && old.spec().scheduler() == spec.scheduler();
        final Scheduler scheduler = sameTurns ? old.scheduler() : Schedulers.create(spec.scheduler(), group);
        final SubjectCounters own = old != null ? old.counters() : counters.subject("listener", spec.name());
        final ListenerKey key = new ListenerKey(spec.protocol(), spec.address(), spec.port());
        return new Listener(id, spec, sameTurns ? old.group() : group, scheduler, limits.of(key, spec.limits(), own, nowNs), own);
    }

    private ServerGroup group(final ListenerSpec listener, final ServerGroupSpec group, final LocalPoolSpec pool,
                              final Map<PoolKey, LocalPortPool> newPools, final Set<BackendKey> live) {
        final Backend[] members = new Backend[group.backends().size()];
        final int[] weights = new int[members.length];
        for (int i = 0; i < members.length; i++) {
            final BackendSpec spec = group.backends().get(i);
            members[i] = backend(listener.protocol(), spec.serverIp(), spec.port(), pool, newPools, live);
            weights[i] = spec.up() ? spec.weight() : 0;
        }
        return new ServerGroup(group.name(), members, weights);
    }

    private Backend backend(final Protocol protocol, final InetAddress address, final int port, final LocalPoolSpec pool,
                            final Map<PoolKey, LocalPortPool> newPools, final Set<BackendKey> live) {
        final boolean ipv4 = Address.isIpv4(Address.high(address), Address.low(address));
        final PoolKey poolKey = new PoolKey(pool, ipv4);
        final LocalPortPool ports = newPools.computeIfAbsent(poolKey,
            key -> pools.containsKey(key) ? pools.get(key) : LocalPortPool.of(pool, ipv4, share));
        final BackendKey key = new BackendKey(protocol, address, port, ports);
        live.add(key);
        final Backend known = backends.get(key);
        return known != null ? known : backends.put(key, id -> {
            final SubjectCounters own = counters.subject("backend", Address.toString(Address.high(address),
                Address.low(address), port) + "/" + protocol.name().toLowerCase(Locale.ROOT));
            return new Backend(id, protocol, Address.high(address), Address.low(address), port,
                new PortLeases(ports, firstLease.applyAsInt(ports.size())), own);
        });
    }

    /**
     * Makes a backend that is not configured any more, for connections that are restored.
     *
     * @param table    the table in force; the caller compiles or {@link #refresh}es before a lane sees the backend
     * @param listener whose pool the connection's local port is of
     * @param address  real server
     * @param port     real server's port
     * @return the backend
     */
    public Backend departed(final ForwardingTable table, final Listener listener, final InetAddress address, final int port) {
        final LocalPoolSpec pool = byName(table.spec().localPools(), LocalPoolSpec::name).get(listener.spec().localPool());
        return backend(listener.spec().protocol(), address, port, pool, pools, new HashSet<>());
    }

    /**
     * The table in force with the backends that {@link #departed} has added.
     *
     * @param table the table in force
     * @return a table for the lane to take
     */
    public ForwardingTable refresh(final ForwardingTable table) {
        return table(table.spec());
    }

    private void close(final SubjectCounters listener) {
        limits.leave(listener);
        counters.free(listener);
    }

    private void close(final Backend backend) {
        counters.free(backend.counters());
        backend.close();
    }

    private static <T> Map<String, T> byName(final List<T> specs, final Function<T, String> name) {
        return specs.stream().collect(Collectors.toMap(name, Function.identity(), (a, b) -> b));
    }
}
