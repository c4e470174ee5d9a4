package io.sluice.dataplane.api;

import io.sluice.dataplane.wire.Address;
import java.net.InetAddress;

/**
 * An address prefix, IPv4 held as its mapped IPv6 form.
 *
 * @param high   first eight bytes, host bits zero
 * @param low    last eight bytes, host bits zero
 * @param length prefix length in the 128-bit form: 96 + n for IPv4
 */
public record Cidr(long high, long low, int length) {
    /**
     * Clears the host bits.
     *
     * @throws IllegalArgumentException if the length is not within 0 and 128
     */
    public Cidr {
        if (length < 0 || length > 128) {
            throw new IllegalArgumentException("prefix length " + length + " is not within 0 and 128");
        }
        high &= maskHigh(length);
        low &= maskLow(length);
    }

    /**
     * A prefix from an address and the length as people write it.
     *
     * @param address any address
     * @param length  0 to 32 for IPv4, 0 to 128 for IPv6
     * @return the prefix
     * @throws IllegalArgumentException if the length does not suit the family
     */
    public static Cidr of(final InetAddress address, final int length) {
        final int bits = address.getAddress().length * 8;
        if (length < 0 || length > bits) {
            throw new IllegalArgumentException("prefix length " + length + " is not within 0 and " + bits);
        }
        return new Cidr(Address.high(address), Address.low(address), length + 128 - bits);
    }

    /**
     * Whether an address is within the prefix.
     *
     * @param addressHigh first eight bytes
     * @param addressLow  last eight bytes
     * @return true if it is
     */
    public boolean contains(final long addressHigh, final long addressLow) {
        return ((addressHigh ^ high) & maskHigh(length)) == 0 && ((addressLow ^ low) & maskLow(length)) == 0;
    }

    private static long maskHigh(final int length) {
        return length >= 64 ? -1L : length == 0 ? 0L : -1L << (64 - length);
    }

    private static long maskLow(final int length) {
        return length <= 64 ? 0L : -1L << (128 - length);
    }

    @Override
    public String toString() {
        return Address.toString(high, low) + "/" + (Address.isIpv4(high, low) && length >= 96 ? length - 96 : length);
    }
}
