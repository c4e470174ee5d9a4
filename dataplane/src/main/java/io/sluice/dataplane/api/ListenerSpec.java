package io.sluice.dataplane.api;

import java.net.InetAddress;

/**
 * A virtual address, protocol and port, and how its connections are balanced.
 *
 * @param name            unique among listeners, for people: {@code loadBalancer/listener}
 * @param protocol        TCP or UDP
 * @param address         the virtual address
 * @param port            1 to 65535
 * @param serverGroup     name of the group that serves it
 * @param localPool       name of the pool that local addresses are leased from
 * @param scheduler       how a backend is picked
 * @param timeouts        idle timeouts
 * @param ttm             insertion of the client's address (TCP)
 * @param acl             who may open connections
 * @param limits          limits
 * @param stripTimestamps replace the TCP timestamp option of a client's SYN by NOPs
 * @param proxyProtocol   prefix a UDP client's first datagram with a PROXY protocol v2 header
 * @param resetUnknown    answer a TCP packet of an unknown connection with RST rather than drop it silently
 */
public record ListenerSpec(String name, Protocol protocol, InetAddress address, int port, String serverGroup, String localPool,
                           SchedulerKind scheduler, Timeouts timeouts, TtmSpec ttm, AclSpec acl, LimitsSpec limits,
                           boolean stripTimestamps, boolean proxyProtocol, boolean resetUnknown) {
}
