package io.sluice.dataplane.neighbour;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;

/** Makes Ethernet frames with right checksums, written out byte by byte: independent of the code under test. */
public final class RawPacket {
    public static final int TCP = 6;
    public static final int UDP = 17;
    public static final int ICMP = 1;
    public static final int ICMPV6 = 58;
    public static final int HOP_BY_HOP = 0;
    public static final int ROUTING = 43;
    public static final int FRAGMENT = 44;
    public static final int DESTINATION = 60;
    private static final int ETHERNET_IPV4 = 0x0800;
    private static final int ETHERNET_IPV6 = 0x86dd;
    private static final int MORE_FRAGMENTS = 0x2000;

    private final byte[] source;
    private final byte[] destination;
    private final long sourceMac;
    private final long destinationMac;

    public RawPacket(final String sourceMac, final String source, final String destinationMac, final String destination) {
        this.sourceMac = Long.parseLong(sourceMac.replace(":", ""), 16);
        this.destinationMac = Long.parseLong(destinationMac.replace(":", ""), 16);
        this.source = bytes(source);
        this.destination = bytes(destination);
    }

    /** A SYN. */
    public byte[] syn(final int port) {
        final ByteBuffer tcp = ByteBuffer.allocate(20);
        tcp.putShort((short) 40_000).putShort((short) port).putInt(1).putInt(0).putShort((short) 0x5002).putShort((short) 65_535);
        return withChecksum(TCP, tcp.array(), 16);
    }

    /** A datagram with some payload. */
    public byte[] datagram(final int port, final int payloadBytes) {
        final ByteBuffer udp = ByteBuffer.allocate(8 + payloadBytes);
        udp.putShort((short) 40_000).putShort((short) port).putShort((short) (8 + payloadBytes));
        return withChecksum(UDP, udp.array(), 6);
    }

    /** An echo request. */
    public byte[] ping() {
        final ByteBuffer icmp = ByteBuffer.allocate(16);
        icmp.put((byte) (isIpv4() ? 8 : 128)).put((byte) 0).putShort((short) 0).putInt(0x1234_0001);
        return withChecksum(isIpv4() ? ICMP : ICMPV6, icmp.array(), 2);
    }

    /** An ICMP error, destination unreachable, about the packet of another frame. */
    public byte[] unreachable(final String about) {
        final byte[] quoted = HexFormat.of().parseHex(about.substring(28));
        final ByteBuffer icmp = ByteBuffer.allocate(8 + quoted.length).put((byte) (isIpv4() ? 3 : 1)).put((byte) 0).position(8).put(quoted);
        return withChecksum(isIpv4() ? ICMP : ICMPV6, icmp.array(), 2);
    }

    /** The whole frame, with IPv4 options or IPv6 extension headers in front of the payload. */
    public String frame(final int protocol, final byte[] payload, final byte[] optionsOrHeaders, final int firstHeader) {
        return isIpv4() ? ipv4(7, protocol, payload, optionsOrHeaders, 0, false) : ipv6(firstHeader, payload, optionsOrHeaders);
    }

    public String frame(final int protocol, final byte[] payload) {
        return frame(protocol, payload, new byte[0], protocol);
    }

    /** One IPv4 fragment of a payload. */
    public String ipv4Fragment(final int identification, final int protocol, final byte[] payload, final int from, final int to) {
        return ipv4(identification, protocol, Arrays.copyOfRange(payload, from, to), new byte[0], from / 8, to < payload.length);
    }

    private String ipv4(final int identification, final int protocol, final byte[] payload, final byte[] options,
                        final int fragmentOffset, final boolean more) {
        final int headerLength = 20 + options.length;
        final ByteBuffer frame = ethernet(ETHERNET_IPV4, headerLength + payload.length);
        final int start = frame.position();
        frame.put((byte) (0x40 | headerLength / 4)).put((byte) 0).putShort((short) (headerLength + payload.length))
            .putShort((short) identification).putShort((short) (fragmentOffset | (more ? MORE_FRAGMENTS : 0)))
            .put((byte) 64).put((byte) protocol).putShort((short) 0)
            .put(source).put(destination).put(options).put(payload);
        frame.putShort(start + 10, (short) ~fold(sum(frame.array(), start, headerLength)));
        return HexFormat.of().formatHex(frame.array());
    }

    private String ipv6(final int nextHeader, final byte[] payload, final byte[] headers) {
        return HexFormat.of().formatHex(ethernet(ETHERNET_IPV6, 40 + headers.length + payload.length)
            .putInt(0x6000_0000).putShort((short) (headers.length + payload.length)).put((byte) nextHeader).put((byte) 64)
            .put(source).put(destination).put(headers).put(payload).array());
    }

    private ByteBuffer ethernet(final int type, final int length) {
        final ByteBuffer frame = ByteBuffer.allocate(14 + length);
        frame.putShort((short) (destinationMac >> 32)).putInt((int) destinationMac).putShort((short) (sourceMac >> 32))
            .putInt((int) sourceMac).putShort((short) type);
        return frame;
    }

    private byte[] withChecksum(final int protocol, final byte[] payload, final int at) {
        long sum = sum(payload, 0, payload.length);
        if (protocol != ICMP) {
            sum += sum(source, 0, source.length) + sum(destination, 0, destination.length) + protocol + payload.length;
        }
        ByteBuffer.wrap(payload).putShort(at, (short) ~fold(sum));
        return payload;
    }

    private static long sum(final byte[] bytes, final int from, final int length) {
        long sum = 0;
        for (int i = 0; i < length; i++) {
            sum += (long) (bytes[from + i] & 0xff) << ((i & 1) == 0 ? 8 : 0);
        }
        return sum;
    }

    private static int fold(final long sum) {
        long folded = sum;
        while (folded >> 16 != 0) {
            folded = (folded & 0xffff) + (folded >> 16);
        }
        return (int) folded;
    }

    private boolean isIpv4() {
        return destination.length == 4;
    }

    private static byte[] bytes(final String address) {
        try {
            return InetAddress.getByName(address).getAddress();
        } catch (final UnknownHostException e) {
            throw new IllegalArgumentException(e);
        }
    }
}
