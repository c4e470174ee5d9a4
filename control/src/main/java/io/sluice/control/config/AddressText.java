package io.sluice.control.config;

import io.sluice.control.yaml.Value;
import io.sluice.dataplane.api.Cidr;
import io.sluice.dataplane.wire.Address;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.Optional;
import java.util.regex.Pattern;

/** Addresses and prefixes as people write them. Never asks a name server. */
public final class AddressText {
    private static final Pattern IPV4 = Pattern.compile("((25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)(\\.(?!$)|$)){4}");
    private static final Pattern IPV6 = Pattern.compile("[0-9a-fA-F:.]{2,45}");

    private AddressText() {
    }

    /**
     * Reads an address.
     *
     * @param text {@code a.b.c.d} or IPv6; no brackets, zone, IPv4-mapped form, or leading zeros in IPv4
     * @return the address, or empty if it is none
     */
    public static Optional<InetAddress> parse(final String text) {
        try {
            if (IPV4.matcher(text).matches()) {
                return Optional.of(Inet4Address.ofLiteral(text));
            }
            if (text.contains(":") && IPV6.matcher(text).matches()) {
                return Optional.of(Inet6Address.ofLiteral(text)).filter(Inet6Address.class::isInstance);
            }
            return Optional.empty();
        } catch (final IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    /**
     * Reads a prefix; a lone address is a prefix of full length.
     *
     * @param text such as {@code 10.0.0.0/8}
     * @return the prefix, with host bits cleared, or empty if it is none
     */
    public static Optional<Cidr> parsePrefix(final String text) {
        final int slash = text.indexOf('/');
        final Optional<InetAddress> address = parse(slash < 0 ? text : text.substring(0, slash));
        if (address.isEmpty()) {
            return Optional.empty();
        }
        final int bits = address.get().getAddress().length * 8;
        final String length = slash < 0 ? String.valueOf(bits) : text.substring(slash + 1);
        if (!length.matches("\\d{1,3}") || Integer.parseInt(length) > bits) {
            return Optional.empty();
        }
        return Optional.of(Cidr.of(address.get(), Integer.parseInt(length)));
    }

    /** An address that a packet can be sent to: no multicast, unspecified, loopback, link-local or broadcast address. */
    static Optional<InetAddress> unicast(final Value value) {
        final Optional<InetAddress> address = address(value);
        final Optional<String> fault = address.flatMap(AddressText::fault);
        fault.ifPresent(what -> value.refuse("is " + what + "; a unicast address that other hosts can reach is wanted"));
        return fault.isPresent() ? Optional.empty() : address;
    }

    /** A prefix without host bits. */
    static Optional<Cidr> prefix(final Value value) {
        final Optional<String> text = value.text();
        if (text.isEmpty()) {
            return Optional.empty();
        }
        final Optional<Cidr> prefix = parsePrefix(text.get());
        if (prefix.isEmpty()) {
            value.refuse("is no prefix; write 192.0.2.0/24, 2001:db8::/32 or a single address");
        } else if (text.get().contains("/") && !sameAddress(text.get(), prefix.get())) {
            value.refuse("has bits set behind the prefix length; did you mean " + prefix.get() + "?");
            return Optional.empty();
        }
        return prefix;
    }

    private static Optional<InetAddress> address(final Value value) {
        final Optional<String> text = value.text();
        final Optional<InetAddress> address = text.flatMap(AddressText::parse);
        if (text.isPresent() && address.isEmpty()) {
            value.refuse("is no IP address; write 192.0.2.10 or 2001:db8::10, names are not looked up");
        }
        return address;
    }

    private static Optional<String> fault(final InetAddress address) {
        final byte[] bytes = address.getAddress();
        if (address.isMulticastAddress()) {
            return Optional.of("a multicast address");
        }
        if (address.isAnyLocalAddress() || bytes.length == 4 && bytes[0] == 0) {
            return Optional.of("an unspecified address");
        }
        if (address.isLoopbackAddress()) {
            return Optional.of("a loopback address");
        }
        if (address.isLinkLocalAddress()) {
            return Optional.of("a link-local address");
        }
        return bytes.length == 4 && (bytes[0] & 0xf0) == 0xf0 ? Optional.of("a reserved or broadcast address") : Optional.empty();
    }

    private static boolean sameAddress(final String text, final Cidr prefix) {
        return parse(text.substring(0, text.indexOf('/')))
            .filter(address -> Address.high(address) == prefix.high() && Address.low(address) == prefix.low())
            .isPresent();
    }
}
