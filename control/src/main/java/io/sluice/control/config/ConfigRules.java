package io.sluice.control.config;

import io.sluice.control.model.AccessList;
import io.sluice.control.model.Backend;
import io.sluice.control.model.Listener;
import io.sluice.control.model.LoadBalancer;
import io.sluice.control.model.LocalPool;
import io.sluice.control.model.ServerGroup;
import io.sluice.control.model.SluiceConfig;
import io.sluice.dataplane.wire.Address;
import java.net.InetAddress;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** The rules that hold between the elements of a configuration: names, and who owns which address. */
final class ConfigRules {
    private final SluiceConfig config;
    private final Sources sources;
    /** Every address of ours and what it is, in words. */
    private final Map<InetAddress, String> owners = new HashMap<>();

    ConfigRules(final SluiceConfig config, final Sources sources) {
        this.config = config;
        this.sources = sources;
    }

    void check() {
        namesAreUnique("local pool", config.localPools(), LocalPool::name);
        namesAreUnique("server group", config.serverGroups(), ServerGroup::name);
        namesAreUnique("access list", config.acls(), AccessList::name);
        namesAreUnique("load balancer", config.loadBalancers(), LoadBalancer::name);
        config.loadBalancers().forEach(this::virtualAddressIsOurs);
        config.localPools().forEach(this::localAddressesAreOurs);
        config.serverGroups().forEach(this::backendsAreOthers);
        final ListenerRules listenerRules = new ListenerRules(config, sources);
        config.loadBalancers().forEach(loadBalancer -> {
            namesAreUnique("listener", loadBalancer.listeners(), Listener::name);
            listenerRules.check(loadBalancer);
        });
    }

    private <T> void namesAreUnique(final String what, final List<T> elements, final Function<T, String> nameOf) {
        final Map<String, T> seen = new HashMap<>();
        for (final T element : elements) {
            final String name = nameOf.apply(element);
            if (!name.isEmpty() && seen.putIfAbsent(name, element) != null) {
                sources.section(element).complain("name", "there is another " + what + " with the name \"" + name + "\" at "
                    + sources.section(seen.get(name)).path() + "; names are unique");
            }
        }
    }

    private void virtualAddressIsOurs(final LoadBalancer loadBalancer) {
        final InetAddress address = loadBalancer.address();
        if (address == null) {
            return;
        }
        final String owner = owners.putIfAbsent(address, "the virtual address of load balancer \"" + loadBalancer.name() + "\"");
        if (owner != null) {
            sources.section(loadBalancer).complain("address", text(address) + " is already " + owner + "; add the listeners there");
        }
    }

    private void localAddressesAreOurs(final LocalPool pool) {
        for (final InetAddress address : pool.addresses()) {
            final String owner = owners.putIfAbsent(address, "a local address of pool \"" + pool.name() + "\"");
            if (owner != null) {
                sources.value(address).refuse("is already " + owner + "; an address has one use");
            }
        }
    }

    private void backendsAreOthers(final ServerGroup group) {
        final Map<Map.Entry<InetAddress, Integer>, Backend> seen = new HashMap<>();
        for (final Backend backend : group.backends()) {
            final String owner = owners.get(backend.serverIp());
            if (owner != null) {
                sources.section(backend).complain("serverIp", text(backend.serverIp()) + " is " + owner
                    + "; a backend is a real server, not the load balancer itself");
            }
            if (backend.port() != 0 && seen.putIfAbsent(Map.entry(backend.serverIp(), backend.port()), backend) != null) {
                sources.section(backend).complain("serverIp", text(backend.serverIp()) + " with port " + backend.port()
                    + " is in the group twice; give one of them a larger weight instead");
            }
        }
    }

    private static String text(final InetAddress address) {
        return Address.toString(Address.high(address), Address.low(address));
    }
}
