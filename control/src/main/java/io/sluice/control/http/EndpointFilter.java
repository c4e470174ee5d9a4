package io.sluice.control.http;

import io.sluice.control.config.AddressText;
import io.sluice.dataplane.api.Cidr;
import io.sluice.dataplane.wire.Address;
import java.net.InetSocketAddress;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Which endpoints somebody wants to see.
 *
 * @param prefix addresses
 * @param port   0 for any
 */
record EndpointFilter(Cidr prefix, int port) {
    private static final Pattern WITH_PORT = Pattern.compile("(?:\\[([^\\]]+)]|([^:\\[\\]]+)):(\\d{1,5})");
    private static final Pattern BRACKETED = Pattern.compile("\\[([^\\]]+)]");

    /** An address, a prefix, or an address with a port; IPv6 in brackets when a port follows. */
    static Optional<EndpointFilter> parse(final String text) {
        final Matcher withPort = WITH_PORT.matcher(text);
        if (withPort.matches()) {
            final int port = Integer.parseInt(withPort.group(3));
            final String address = withPort.group(1) != null ? withPort.group(1) : withPort.group(2);
            final boolean brackets = withPort.group(1) != null;
            return port < 1 || port > 65_535 || brackets != address.contains(":") ? Optional.empty()
                : AddressText.parsePrefix(address).map(prefix -> new EndpointFilter(prefix, port));
        }
        final Matcher bracketed = BRACKETED.matcher(text);
        return AddressText.parsePrefix(bracketed.matches() ? bracketed.group(1) : text).map(prefix -> new EndpointFilter(prefix, 0));
    }

    /** The one endpoint that is meant, if it is one. */
    Optional<InetSocketAddress> single() {
        return prefix.length() == 128 && port != 0
            ? Optional.of(new InetSocketAddress(Address.toInetAddress(prefix.high(), prefix.low()), port)) : Optional.empty();
    }

    boolean matches(final InetSocketAddress endpoint) {
        return (port == 0 || port == endpoint.getPort())
            && prefix.contains(Address.high(endpoint.getAddress()), Address.low(endpoint.getAddress()));
    }
}
