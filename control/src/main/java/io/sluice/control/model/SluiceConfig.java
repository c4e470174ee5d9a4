package io.sluice.control.model;

import io.sluice.dataplane.DataplaneConfig;
import java.util.List;

/**
 * A whole configuration.
 *
 * @param node          who this node is and where it keeps things; fixed while the daemon runs
 * @param dataplane     settings of the data plane; fixed while the daemon runs
 * @param localPools    local addresses
 * @param serverGroups  server groups
 * @param acls          access lists
 * @param loadBalancers load balancers with their listeners
 */
public record SluiceConfig(NodeSettings node, DataplaneConfig dataplane, List<LocalPool> localPools, List<ServerGroup> serverGroups,
                           List<AccessList> acls, List<LoadBalancer> loadBalancers) {
    /** Copies the lists. */
    public SluiceConfig {
        localPools = List.copyOf(localPools);
        serverGroups = List.copyOf(serverGroups);
        acls = List.copyOf(acls);
        loadBalancers = List.copyOf(loadBalancers);
    }
}
