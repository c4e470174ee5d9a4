package io.sluice.dataplane.pipeline;

import java.net.InetAddress;
import java.net.UnknownHostException;

/**
 * An address and a port.
 *
 * @param address IPv4 or IPv6
 * @param port    0 where there is none
 */
public record Endpoint(InetAddress address, int port) {
    /**
     * From text.
     *
     * @param text {@code 192.0.2.1:80} or {@code [2001:db8::1]:80}
     * @return the end point
     */
    public static Endpoint of(final String text) {
        final int colon = text.lastIndexOf(':');
        return new Endpoint(address(text.substring(0, colon).replaceAll("[\\[\\]]", "")), Integer.parseInt(text.substring(colon + 1)));
    }

    /**
     * An address from text.
     *
     * @param text numbers, never a name
     * @return the address
     */
    public static InetAddress address(final String text) {
        try {
            return InetAddress.getByName(text);
        } catch (final UnknownHostException e) {
            throw new IllegalArgumentException(text, e);
        }
    }

    /**
     * Whether it is IPv4.
     *
     * @return false for IPv6
     */
    public boolean isIpv4() {
        return address.getAddress().length == 4;
    }

    /**
     * The same address, another port.
     *
     * @param other the port
     * @return a copy
     */
    public Endpoint port(final int other) {
        return new Endpoint(address, other);
    }

    /**
     * The address as people write it.
     *
     * @return numbers
     */
    public String host() {
        return address.getHostAddress();
    }

    @Override
    public String toString() {
        return isIpv4() ? host() + ":" + port : "[" + host() + "]:" + port;
    }
}
