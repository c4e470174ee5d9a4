package io.sluice.dataplane.api;

import java.util.List;

/**
 * Everything the data plane has to know, whole: it is applied at once or not at all. References by name are checked by
 * whoever makes it; {@code Dataplane.apply} checks them again and refuses what does not fit.
 *
 * @param revision         number of the configuration this came from, for status
 * @param virtualAddresses addresses of all listeners, each once
 * @param localPools       local addresses
 * @param serverGroups     groups
 * @param listeners        listeners
 */
public record ForwardingSpec(long revision, List<VirtualAddressSpec> virtualAddresses, List<LocalPoolSpec> localPools,
                             List<ServerGroupSpec> serverGroups, List<ListenerSpec> listeners) {
    /** Nothing configured. */
    public static final ForwardingSpec EMPTY = new ForwardingSpec(0, List.of(), List.of(), List.of(), List.of());

    /** Copies the lists. */
    public ForwardingSpec {
        virtualAddresses = List.copyOf(virtualAddresses);
        localPools = List.copyOf(localPools);
        serverGroups = List.copyOf(serverGroups);
        listeners = List.copyOf(listeners);
    }
}
