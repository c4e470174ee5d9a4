package io.sluice.dataplane.api;

import java.net.InetAddress;

/**
 * One port of a real server in a server group.
 *
 * @param serverIp address of the real server
 * @param port     1 to 65535
 * @param weight   0 to 65535; 0 gets no new connections, existing ones live on
 * @param up       false while its health check fails: treated like weight 0
 */
public record BackendSpec(InetAddress serverIp, int port, int weight, boolean up) {
}
