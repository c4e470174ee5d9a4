package io.sluice.dataplane.pipeline;

import java.util.HexFormat;

/** Starts packets: {@code Packets.tcp(CLIENT4, VIP4).syn().options(Options.mss(1460)).build()}. */
public final class Packets {
    private Packets() {
    }

    /**
     * A TCP segment: an ACK without data, until told otherwise.
     *
     * @param from source
     * @param to   destination
     * @return a builder
     */
    public static TcpPacket tcp(final Endpoint from, final Endpoint to) {
        return new TcpPacket(from, to);
    }

    /**
     * A datagram.
     *
     * @param from source
     * @param to   destination
     * @return a builder
     */
    public static UdpPacket udp(final Endpoint from, final Endpoint to) {
        return new UdpPacket(from, to);
    }

    /**
     * An ICMP or ICMPv6 message, as the addresses' family has it.
     *
     * @param from source
     * @param to   destination
     * @param type ICMP type
     * @param code ICMP code
     * @return a builder
     */
    public static IcmpPacket icmp(final Endpoint from, final Endpoint to, final int type, final int code) {
        return new IcmpPacket(from, to, type, code);
    }

    /**
     * An echo request.
     *
     * @param from source
     * @param to   destination
     * @return a builder
     */
    public static IcmpPacket ping(final Endpoint from, final Endpoint to) {
        return new IcmpPacket(from, to, from.isIpv4() ? 8 : 128, 0).rest(0x4242_0001);
    }

    /**
     * Any other protocol.
     *
     * @param from     source
     * @param to       destination
     * @param protocol IP protocol number
     * @param payload  what follows the IP headers
     * @return a builder
     */
    public static RawPacket raw(final Endpoint from, final Endpoint to, final int protocol, final byte[] payload) {
        return new RawPacket(from, to, protocol, payload);
    }

    /**
     * A frame as it is.
     *
     * @param hex two digits a byte; blanks are skipped
     * @return a frame that comes in by the front
     */
    public static TestFrame hex(final String hex) {
        return TestFrame.plain(HexFormat.of().parseHex(hex.replace(" ", "")), TestNet.FRONT);
    }

    /**
     * Bytes that differ from their neighbours, so that a shift shows.
     *
     * @param length number of bytes
     * @return a pattern
     */
    public static byte[] pattern(final int length) {
        final byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            bytes[i] = (byte) (i * 7 + (i >> 8));
        }
        return bytes;
    }
}
