package io.sluice.dataplane.pipeline;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;

/** TCP options as bytes. */
public final class Options {
    /** Padding. */
    public static final byte[] NOP = {1};
    /** SACK permitted. */
    public static final byte[] SACK_PERMITTED = {4, 2};

    private Options() {
    }

    /** Maximum segment size. */
    public static byte[] mss(final int value) {
        return bytes(2, 4, value >> 8, value);
    }

    /** Window scale. */
    public static byte[] windowScale(final int shift) {
        return bytes(3, 3, shift);
    }

    /** Timestamps (RFC 7323). */
    public static byte[] timestamps(final int value, final int echo) {
        return ByteBuffer.allocate(10).put((byte) 8).put((byte) 10).putInt(value).putInt(echo).array();
    }

    /** SACK blocks: left edge, right edge, left edge, ... */
    public static byte[] sack(final int... edges) {
        final ByteBuffer option = ByteBuffer.allocate(2 + 4 * edges.length).put((byte) 5).put((byte) (2 + 4 * edges.length));
        for (final int edge : edges) {
            option.putInt(edge);
        }
        return option.array();
    }

    /** TCP Fast Open (RFC 7413): a cookie, or a request for one if there are no bytes. */
    public static byte[] fastOpen(final int... cookie) {
        return any(34, cookie);
    }

    /** Multipath TCP (RFC 8684), MP_CAPABLE version 1. */
    public static byte[] mptcp() {
        return any(30, 0x01, 0x81);
    }

    /** The TTM option of a client. */
    public static byte[] ttm(final Endpoint client) {
        return ttm(254, client);
    }

    /** The TTM option of a client, with another kind. */
    public static byte[] ttm(final int kind, final Endpoint client) {
        final byte[] address = client.address().getAddress();
        return ByteBuffer.allocate(4 + address.length).put((byte) kind).put((byte) (4 + address.length))
            .putShort((short) client.port()).put(address).array();
    }

    /** Any option: kind, length and these bytes. */
    public static byte[] any(final int kind, final int... value) {
        return ByteBuffer.allocate(2 + value.length).put((byte) kind).put((byte) (2 + value.length)).put(bytes(value)).array();
    }

    static byte[] bytes(final int... values) {
        final byte[] bytes = new byte[values.length];
        for (int i = 0; i < values.length; i++) {
            bytes[i] = (byte) values[i];
        }
        return bytes;
    }

    static byte[] padded(final byte[]... list) {
        final ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (final byte[] option : list) {
            out.writeBytes(option);
        }
        while ((out.size() & 3) != 0) {
            out.write(1);
        }
        return out.toByteArray();
    }
}
