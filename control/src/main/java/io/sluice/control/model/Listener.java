package io.sluice.control.model;

import io.sluice.dataplane.api.LimitsSpec;
import io.sluice.dataplane.api.Protocol;
import io.sluice.dataplane.api.SchedulerKind;
import io.sluice.dataplane.api.Timeouts;
import io.sluice.dataplane.api.TtmSpec;

/**
 * A protocol and port of a load balancer.
 *
 * @param name            unique within its load balancer
 * @param protocol        TCP or UDP
 * @param port            1 to 65535
 * @param serverGroup     group that serves it, or null: the load balancer's
 * @param localPool       pool of local addresses, or null: the load balancer's
 * @param acl             access list, or null: everybody
 * @param scheduler       how a backend is picked
 * @param timeouts        idle timeouts
 * @param ttm             insertion of the client's address (TCP)
 * @param limits          limits
 * @param stripTimestamps replace the timestamp option of a client's SYN (TCP)
 * @param proxyProtocol   PROXY protocol v2 before the first datagram (UDP)
 * @param resetUnknown    answer packets of unknown connections with RST (TCP)
 */
public record Listener(String name, Protocol protocol, int port, String serverGroup, String localPool, String acl,
                       SchedulerKind scheduler, Timeouts timeouts, TtmSpec ttm, LimitsSpec limits, boolean stripTimestamps,
                       boolean proxyProtocol, boolean resetUnknown) {
}
