package io.sluice.dataplane.wire;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.UnknownHostException;

/**
 * IP addresses as two longs: every address inside Sluice is 128 bits, IPv4 as {@code ::ffff:a.b.c.d} (RFC 4291, 2.5.5.2).
 *
 * <p>The high long is the first eight bytes in network order.
 */
public final class Address {
    /** The high half of every IPv4 address. */
    public static final long IPV4_HIGH = 0L;
    private static final long IPV4_PREFIX = 0x0000_ffff_0000_0000L;

    private Address() {
    }

    /**
     * Whether an address is IPv4.
     *
     * @param high first eight bytes
     * @param low  last eight bytes
     * @return true for {@code ::ffff:0:0/96}
     */
    public static boolean isIpv4(final long high, final long low) {
        return high == IPV4_HIGH && (low & 0xffff_ffff_0000_0000L) == IPV4_PREFIX;
    }

    /**
     * The low half of an IPv4 address.
     *
     * @param ipv4 the four bytes in network order as an int
     * @return low eight bytes; the high half is {@link #IPV4_HIGH}
     */
    public static long lowOfIpv4(final int ipv4) {
        return IPV4_PREFIX | (ipv4 & 0xffff_ffffL);
    }

    /**
     * First eight bytes of an address, IPv4 mapped.
     *
     * @param address any address
     * @return high half
     */
    public static long high(final InetAddress address) {
        return address instanceof Inet4Address ? IPV4_HIGH : toLong(address.getAddress(), 0);
    }

    /**
     * Last eight bytes of an address, IPv4 mapped.
     *
     * @param address any address
     * @return low half
     */
    public static long low(final InetAddress address) {
        final byte[] bytes = address.getAddress();
        if (bytes.length == 4) {
            return lowOfIpv4((bytes[0] & 0xff) << 24 | (bytes[1] & 0xff) << 16 | (bytes[2] & 0xff) << 8 | bytes[3] & 0xff);
        }
        return toLong(bytes, 8);
    }

    /**
     * An address for people and for the socket API. Allocates.
     *
     * @param high first eight bytes
     * @param low  last eight bytes
     * @return an {@link Inet4Address} for mapped IPv4, else an {@link java.net.Inet6Address}
     */
    public static InetAddress toInetAddress(final long high, final long low) {
        final byte[] bytes;
        if (isIpv4(high, low)) {
            bytes = new byte[] {(byte) (low >> 24), (byte) (low >> 16), (byte) (low >> 8), (byte) low};
        } else {
            bytes = new byte[16];
            for (int i = 0; i < 8; i++) {
                bytes[i] = (byte) (high >> (56 - 8 * i));
                bytes[8 + i] = (byte) (low >> (56 - 8 * i));
            }
        }
        try {
            return InetAddress.getByAddress(bytes);
        } catch (final UnknownHostException e) {
            throw new AssertionError("4 or 16 bytes are always an address", e);
        }
    }

    /**
     * {@code a.b.c.d} or the compressed IPv6 form. Allocates.
     *
     * @param high first eight bytes
     * @param low  last eight bytes
     * @return text without a zone or brackets
     */
    public static String toString(final long high, final long low) {
        return isIpv4(high, low) ? toInetAddress(high, low).getHostAddress() : Ipv6Text.format(high, low);
    }

    /**
     * {@code a.b.c.d:port} or {@code [v6]:port}. Allocates.
     *
     * @param high first eight bytes
     * @param low  last eight bytes
     * @param port 0 to 65535
     * @return text
     */
    public static String toString(final long high, final long low, final int port) {
        final String text = toString(high, low);
        return isIpv4(high, low) ? text + ":" + port : "[" + text + "]:" + port;
    }

    private static long toLong(final byte[] bytes, final int from) {
        long value = 0;
        for (int i = from; i < from + 8; i++) {
            value = value << 8 | bytes[i] & 0xff;
        }
        return value;
    }
}
