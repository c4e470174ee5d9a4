package io.sluice.control.model;

import java.net.InetAddress;

/**
 * One port of a real server.
 *
 * @param serverIp address of the real server
 * @param port     1 to 65535
 * @param weight   0 to {@link #MAX_WEIGHT}; 0 gets no new connections
 */
public record Backend(InetAddress serverIp, int port, int weight) {
    /** Weight when nothing is configured. */
    public static final int DEFAULT_WEIGHT = 100;
    /** The largest weight. */
    public static final int MAX_WEIGHT = 65_535;
}
