package io.sluice.dataplane.api;

import java.net.InetSocketAddress;

/**
 * One connection, copied out of the tables for people.
 *
 * @param protocol       TCP or UDP
 * @param state          name of the state
 * @param client         the client's address and port
 * @param virtual        the address and port it connected to
 * @param local          the address and port used towards the real server
 * @param real           the real server's address and port
 * @param openedEpochS   when it was opened, seconds since 1970
 * @param idleSeconds    seconds since its last packet
 * @param timeoutSeconds idle seconds after which it ends
 */
public record ConnectionView(Protocol protocol, String state, InetSocketAddress client, InetSocketAddress virtual,
                             InetSocketAddress local, InetSocketAddress real, long openedEpochS, int idleSeconds,
                             int timeoutSeconds) {
}
