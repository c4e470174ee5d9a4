package io.sluice.dataplane.nat;

import io.sluice.dataplane.classify.Classifier;
import io.sluice.dataplane.classify.Packet;
import io.sluice.dataplane.port.Burst;
import io.sluice.dataplane.wire.Address;
import java.io.ByteArrayOutputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.util.Arrays;

/** A classified packet in memory with room before it, and the Internet checksum done the slow way. */
final class TestPacket {
    static final int HEADROOM = 128;
    private static final int ETHERNET = 14;

    final Packet packet = new Packet();
    final Burst burst = new Burst();
    private final byte[] memory;

    private TestPacket(final byte[] ip) {
        memory = new byte[HEADROOM + ETHERNET + ip.length];
        ByteBuffer.wrap(memory).putShort(HEADROOM + 12, (short) (ip[0] >> 4 == 4 ? 0x0800 : 0x86dd)).put(HEADROOM + ETHERNET, ip);
        burst.add(HEADROOM, ETHERNET + ip.length, 0);
        if (!Classifier.classify(MemorySegment.ofArray(memory), burst, 0, packet) || packet.malformed != null) {
            throw new IllegalArgumentException("malformed: " + packet.malformed);
        }
    }

    static TestPacket tcp(final boolean ipv4, final byte[] options, final int payload) {
        final byte[] tcp = new byte[20 + options.length + payload];
        ByteBuffer.wrap(tcp).putInt(40_000 << 16 | 80).putInt(0x1122_3344).putInt(0x5566_7788)
            .putInt((20 + options.length) << 26 | 0x10 << 16 | 64_000).putInt(0).put(options);
        for (int i = 20 + options.length; i < tcp.length; i++) {
            tcp[i] = (byte) (i * 7);
        }
        return ip(ipv4, 6, 0, tcp);
    }

    static TestPacket udp(final boolean ipv4, final byte[] payload) {
        return ip(ipv4, 17, 0, udpBytes(payload));
    }

    static byte[] udpBytes(final byte[] payload) {
        final byte[] udp = new byte[8 + payload.length];
        ByteBuffer.wrap(udp).putInt(40_000 << 16 | 53).putInt(udp.length << 16).put(payload);
        return udp;
    }

    /** A fragment with an identification, from 10.0.0.source or fd00::source. */
    static TestPacket fragment(final boolean ipv4, final int source, final int identification, final int offset, final boolean more) {
        final byte[] data = offset == 0 ? udpBytes(new byte[24]) : new byte[32];
        final byte[] ip;
        if (ipv4) {
            ip = ipHeader(true, source, 17, data.length, identification << 16 | (more ? 0x2000 : 0) | offset);
        } else {
            ip = Arrays.copyOf(ipHeader(false, source, 44, 8 + data.length, 0), 48);
            ByteBuffer.wrap(ip).putInt(40, 17 << 24 | offset << 3 | (more ? 1 : 0)).putInt(44, identification);
        }
        return new TestPacket(join(ip, data));
    }

    private static TestPacket ip(final boolean ipv4, final int protocol, final int fragment, final byte[] transport) {
        return new TestPacket(join(ipHeader(ipv4, 7, protocol, transport.length, fragment), transport));
    }

    private static byte[] ipHeader(final boolean ipv4, final int source, final int protocol, final int length, final int fragment) {
        if (!ipv4) {
            return ByteBuffer.allocate(40).putInt(6 << 28).putInt(length << 16 | protocol << 8 | 64)
                .putLong(0xfd00L << 48).putLong(source).putLong(0xfd00L << 48).putLong(1).array();
        }
        final ByteBuffer header = ByteBuffer.allocate(20).putInt(0x45 << 24 | 20 + length).putInt(fragment)
            .putInt(64 << 24 | protocol << 16).putInt(0x0a00_0000 + source).putInt(0x0a00_0001);
        return header.putShort(10, (short) ~sum(header.array(), 0, 20, 0)).array();
    }

    private static byte[] join(final byte[] head, final byte[] tail) {
        final ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(head);
        out.writeBytes(tail);
        return out.toByteArray();
    }

    byte[] bytes(final long from, final long to) {
        return Arrays.copyOfRange(memory, (int) from, (int) to);
    }

    /** Writes the right checksum, or the sum of the pseudo-header alone. */
    TestPacket withChecksum(final boolean partial) {
        final int field = (int) packet.transport + TransportChecksum.field(packet);
        final int pseudo = pseudoHeader(packet.sourceHigh, packet.sourceLow, packet.destinationHigh, packet.destinationLow,
            packet.protocol, packet.transportLength());
        if (partial) {
            ByteBuffer.wrap(memory).putShort(field, (short) pseudo);
            burst.partialChecksum(0, (int) (packet.transport - packet.frame), TransportChecksum.field(packet));
        } else {
            final int sum = ~sum(memory, (int) packet.transport, (int) packet.end, pseudo) & 0xffff;
            ByteBuffer.wrap(memory).putShort(field, (short) (sum == 0 && !packet.isTcp() ? 0xffff : sum));
        }
        return this;
    }

    int u16(final long at) {
        return packet.memory.get(ValueLayout.JAVA_BYTE, at) << 8 & 0xff00 | packet.memory.get(ValueLayout.JAVA_BYTE, at + 1) & 0xff;
    }

    static int pseudoHeader(final long sourceHigh, final long sourceLow, final long destinationHigh, final long destinationLow,
                            final int protocol, final int length) {
        final ByteBuffer pseudo = ByteBuffer.allocate(40);
        if (Address.isIpv4(sourceHigh, sourceLow)) {
            pseudo.putInt((int) sourceLow).putInt((int) destinationLow);
        } else {
            pseudo.putLong(sourceHigh).putLong(sourceLow).putLong(destinationHigh).putLong(destinationLow);
        }
        pseudo.putInt(protocol).putInt(length);
        return sum(pseudo.array(), 0, pseudo.position(), 0);
    }

    static int sum(final byte[] bytes, final int from, final int to, final int start) {
        int sum = start;
        for (int i = from; i < to; i++) {
            sum += (bytes[i] & 0xff) << ((i - from & 1) == 0 ? 8 : 0);
            sum = (sum & 0xffff) + (sum >>> 16);
        }
        return sum;
    }

    /** The sum over a transport header, its data and pseudo-header, which is 0xffff when the checksum is right. */
    int verify(final long transport, final Translation to) {
        return sum(memory, (int) transport, (int) packet.end, pseudoHeader(to.sourceHigh, to.sourceLow, to.destinationHigh,
            to.destinationLow, packet.protocol, (int) (packet.end - transport)));
    }
}
