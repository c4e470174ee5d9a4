package io.sluice.ttm.sample;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * A PROXY protocol version 2 prefix of a datagram: 12 bytes of signature, version and command, family and protocol, length of what
 * follows (two bytes); then source and destination address, source and destination port.
 */
final class ProxyHeader {
    private static final byte[] SIGNATURE = "\r\n\r\n\0\r\nQUIT\n".getBytes(StandardCharsets.US_ASCII);
    private static final int FIXED_LENGTH = 16;
    private static final int UDP_OVER_IPV4 = 0x2112;
    private static final int UDP_OVER_IPV6 = 0x2122;

    /** Null if the header names none. */
    final InetSocketAddress client;
    /** 0 if there is no header. */
    final int length;

    private ProxyHeader(InetSocketAddress client, int length) {
        this.client = client;
        this.length = length;
    }

    static ProxyHeader parse(ByteBuffer datagram) {
        if (datagram.limit() < FIXED_LENGTH || !signed(datagram) || (datagram.get(12) >> 4) != 2) {
            return new ProxyHeader(null, 0);
        }
        int total = FIXED_LENGTH + (datagram.getShort(14) & 0xffff);
        if (total > datagram.limit()) {
            return new ProxyHeader(null, 0);
        }
        int commandAndFamily = datagram.getShort(12);
        if (commandAndFamily == UDP_OVER_IPV4 && total >= FIXED_LENGTH + 12) {
            return new ProxyHeader(client(datagram, 4), total);
        }
        if (commandAndFamily == UDP_OVER_IPV6 && total >= FIXED_LENGTH + 36) {
            return new ProxyHeader(client(datagram, 16), total);
        }
        return new ProxyHeader(null, total);
    }

    private static boolean signed(ByteBuffer datagram) {
        for (int at = 0; at < SIGNATURE.length; at++) {
            if (datagram.get(at) != SIGNATURE[at]) {
                return false;
            }
        }
        return true;
    }

    private static InetSocketAddress client(ByteBuffer datagram, int addressLength) {
        byte[] address = new byte[addressLength];
        for (int at = 0; at < addressLength; at++) {
            address[at] = datagram.get(FIXED_LENGTH + at);
        }
        try {
            return new InetSocketAddress(InetAddress.getByAddress(address), datagram.getShort(FIXED_LENGTH + 2 * addressLength) & 0xffff);
        } catch (UnknownHostException e) {
            throw new IllegalStateException("an address has 4 or 16 bytes", e);
        }
    }
}
