package io.sluice.control.compile;

import io.sluice.control.model.AccessList;
import io.sluice.control.model.Backend;
import io.sluice.control.model.Listener;
import io.sluice.control.model.LoadBalancer;
import io.sluice.control.model.LocalPool;
import io.sluice.control.model.ServerGroup;
import io.sluice.control.model.SluiceConfig;
import io.sluice.dataplane.api.AclSpec;
import io.sluice.dataplane.api.BackendSpec;
import io.sluice.dataplane.api.ForwardingSpec;
import io.sluice.dataplane.api.ListenerSpec;
import io.sluice.dataplane.api.LocalPoolSpec;
import io.sluice.dataplane.api.ServerGroupSpec;
import io.sluice.dataplane.api.VirtualAddressSpec;
import java.util.Map;
import java.util.stream.Collectors;

/** Resolves a valid configuration: defaults of load balancers into their listeners, access lists by name into their entries. */
public final class SpecCompiler {
    private final Map<String, AclSpec> acls;

    private SpecCompiler(final SluiceConfig config) {
        acls = config.acls().stream().collect(Collectors.toMap(AccessList::name, AccessList::rule));
    }

    /**
     * Compiles a configuration.
     *
     * @param config   one that {@code ConfigReader} has accepted
     * @param revision its number
     * @return everything the data plane has to know
     */
    public static ForwardingSpec compile(final SluiceConfig config, final long revision) {
        final SpecCompiler compiler = new SpecCompiler(config);
        return new ForwardingSpec(revision,
            config.loadBalancers().stream().filter(loadBalancer -> !loadBalancer.listeners().isEmpty())
                .map(loadBalancer -> new VirtualAddressSpec(loadBalancer.address(), loadBalancer.interfaceName())).toList(),
            config.localPools().stream().map(SpecCompiler::localPool).toList(),
            config.serverGroups().stream().map(SpecCompiler::serverGroup).toList(),
            config.loadBalancers().stream()
                .flatMap(loadBalancer -> loadBalancer.listeners().stream().map(listener -> compiler.listener(loadBalancer, listener)))
                .toList());
    }

    private static LocalPoolSpec localPool(final LocalPool pool) {
        return new LocalPoolSpec(pool.name(), pool.addresses(), pool.ports().first(), pool.ports().last(), pool.interfaceName());
    }

    private static ServerGroupSpec serverGroup(final ServerGroup group) {
        return new ServerGroupSpec(group.name(), group.backends().stream().map(SpecCompiler::backend).toList());
    }

    private static BackendSpec backend(final Backend backend) {
        return new BackendSpec(backend.serverIp(), backend.port(), backend.weight(), true);
    }

    private ListenerSpec listener(final LoadBalancer loadBalancer, final Listener listener) {
        return new ListenerSpec(loadBalancer.name() + "/" + listener.name(), listener.protocol(), loadBalancer.address(),
            listener.port(), loadBalancer.serverGroupOf(listener), loadBalancer.localPoolOf(listener), listener.scheduler(),
            listener.timeouts(), listener.ttm(), listener.acl() == null ? AclSpec.EVERYBODY : acls.get(listener.acl()),
            listener.limits(), listener.stripTimestamps(), listener.proxyProtocol(), listener.resetUnknown());
    }
}
