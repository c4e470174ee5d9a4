package io.sluice.control.config;

import io.sluice.control.model.AccessList;
import io.sluice.control.model.Backend;
import io.sluice.control.model.Listener;
import io.sluice.control.model.LoadBalancer;
import io.sluice.control.model.LocalPool;
import io.sluice.control.model.ServerGroup;
import io.sluice.control.model.SluiceConfig;
import io.sluice.control.yaml.NearestName;
import io.sluice.control.yaml.Section;
import io.sluice.dataplane.wire.Address;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;

/** The rules of a listener: what it refers to exists, and can carry its connections. */
final class ListenerRules {
    private final Sources sources;
    private final Map<String, ServerGroup> groups;
    private final Map<String, LocalPool> pools;
    private final Map<String, AccessList> acls;

    ListenerRules(final SluiceConfig config, final Sources sources) {
        this.sources = sources;
        this.groups = byName(config.serverGroups(), ServerGroup::name);
        this.pools = byName(config.localPools(), LocalPool::name);
        this.acls = byName(config.acls(), AccessList::name);
    }

    void check(final LoadBalancer loadBalancer) {
        final Section section = sources.section(loadBalancer);
        refersTo(section, "serverGroup", loadBalancer.serverGroup(), "server group", groups);
        refersTo(section, "localPool", loadBalancer.localPool(), "local pool", pools);
        if (loadBalancer.listeners().size() > loadBalancer.maxListeners()) {
            section.complain("listeners", loadBalancer.listeners().size() + " listeners are more than maxListeners ("
                + loadBalancer.maxListeners() + "); use several load balancers or raise it");
        }
        final Map<String, Listener> seen = new HashMap<>();
        for (final Listener listener : loadBalancer.listeners()) {
            final String key = listener.protocol().name().toLowerCase(Locale.ROOT) + " port " + listener.port();
            if (listener.port() != 0 && seen.putIfAbsent(key, listener) != null) {
                sources.section(listener).complain("port", key + " is already served by listener \"" + seen.get(key).name()
                    + "\" at " + sources.section(seen.get(key)).path());
            }
            check(loadBalancer, listener);
        }
    }

    private void check(final LoadBalancer loadBalancer, final Listener listener) {
        final Section section = sources.section(listener);
        refersTo(section, "serverGroup", listener.serverGroup(), "server group", groups);
        refersTo(section, "localPool", listener.localPool(), "local pool", pools);
        refersTo(section, "acl", listener.acl(), "access list", acls);
        if (loadBalancer.serverGroupOf(listener) == null) {
            section.missing("serverGroup", "name a server group here, or one for the whole load balancer");
        }
        if (loadBalancer.localPoolOf(listener) == null) {
            section.missing("localPool", "name a local pool here, or one for the whole load balancer");
        }
        final ServerGroup group = groups.get(loadBalancer.serverGroupOf(listener));
        if (group != null && loadBalancer.address() != null) {
            familiesFit(loadBalancer, listener, group, pools.get(loadBalancer.localPoolOf(listener)));
        }
    }

    /** What does not fit is complained about where the group, or the pool, is named. */
    private void familiesFit(final LoadBalancer loadBalancer, final Listener listener, final ServerGroup group,
                             final LocalPool pool) {
        final Section own = sources.section(listener);
        final Section common = sources.section(loadBalancer);
        for (final boolean ipv4 : List.of(true, false)) {
            final Backend backend = group.backends().stream().filter(b -> isIpv4(b.serverIp()) == ipv4).findFirst().orElse(null);
            if (backend == null) {
                continue;
            }
            if (!ipv4 && isIpv4(loadBalancer.address())) {
                (listener.serverGroup() == null ? common : own).complain("serverGroup", "server group \"" + group.name()
                    + "\" has the IPv6 backend " + text(backend.serverIp()) + ", but the virtual address " + text(loadBalancer.address())
                    + " is IPv4; IPv4 clients reach IPv4 backends only");
            } else if (pool != null && !pool.addresses().isEmpty()
                && pool.addresses().stream().noneMatch(address -> isIpv4(address) == ipv4)) {
                (listener.localPool() == null ? common : own).complain("localPool", "local pool \"" + pool.name() + "\" has no "
                    + family(ipv4) + " address, but server group \"" + group.name() + "\" has the " + family(ipv4) + " backend "
                    + text(backend.serverIp()) + "; add one to the pool");
            }
        }
    }

    private static <T> void refersTo(final Section section, final String key, final String name, final String what,
                                     final Map<String, T> elements) {
        if (name != null && !elements.containsKey(name)) {
            section.complain(key, "there is no " + what + " \"" + name + "\"" + NearestName.hint(name, elements.keySet()));
        }
    }

    private static <T> Map<String, T> byName(final List<T> elements, final Function<T, String> nameOf) {
        final Map<String, T> map = new LinkedHashMap<>();
        elements.forEach(element -> map.putIfAbsent(nameOf.apply(element), element));
        map.remove("");
        return map;
    }

    private static boolean isIpv4(final InetAddress address) {
        return address instanceof Inet4Address;
    }

    private static String family(final boolean ipv4) {
        return ipv4 ? "IPv4" : "IPv6";
    }

    private static String text(final InetAddress address) {
        return Address.toString(Address.high(address), Address.low(address));
    }
}
