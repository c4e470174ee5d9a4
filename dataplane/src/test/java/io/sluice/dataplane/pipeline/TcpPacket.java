package io.sluice.dataplane.pipeline;

import io.sluice.dataplane.port.Burst;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** Builds a TCP segment. */
public final class TcpPacket extends PacketBuilder<TcpPacket> {
    /** Flag FIN. */
    public static final int FIN = 1;
    /** Flag SYN. */
    public static final int SYN = 2;
    /** Flag RST. */
    public static final int RST = 4;
    /** Flag PSH. */
    public static final int PSH = 8;
    /** Flag ACK. */
    public static final int ACK = 16;

    private int flags = ACK;
    private int sequence;
    private int acknowledgment;
    private int window = 64_000;
    private int urgent;
    private int claimedHeaderLength;
    private byte[] options = {};
    private byte[] payload = {};

    TcpPacket(final Endpoint from, final Endpoint to) {
        super(from, to);
    }

    /** A SYN without ACK. */
    public TcpPacket syn() {
        return flags(SYN);
    }

    /** All flags. */
    public TcpPacket flags(final int value) {
        flags = value;
        return this;
    }

    /** Sequence number. */
    public TcpPacket sequence(final int value) {
        sequence = value;
        return this;
    }

    /** Acknowledgment number; the flag is not touched. */
    public TcpPacket acknowledgment(final int value) {
        acknowledgment = value;
        return this;
    }

    /** Window. */
    public TcpPacket window(final int value) {
        window = value;
        return this;
    }

    /** Urgent pointer. */
    public TcpPacket urgent(final int value) {
        urgent = value;
        return this;
    }

    /** Options one after the other, padded with NOPs to a multiple of four bytes. */
    public TcpPacket options(final byte[]... list) {
        options = Options.padded(list);
        return this;
    }

    /** Options exactly as given, which must be a multiple of four bytes. */
    public TcpPacket rawOptions(final int... bytes) {
        options = Options.bytes(bytes);
        return this;
    }

    /** What the header says about its own length, whatever that is. */
    public TcpPacket claimedHeaderLength(final int bytes) {
        claimedHeaderLength = bytes;
        return this;
    }

    /** Data. */
    public TcpPacket payload(final byte[] bytes) {
        payload = bytes;
        return this;
    }

    /** Data, with PSH. */
    public TcpPacket payload(final String text) {
        flags |= PSH;
        return payload(text.getBytes(StandardCharsets.US_ASCII));
    }

    @Override
    int protocol() {
        return 6;
    }

    @Override
    byte[] transport() {
        final int header = 20 + options.length;
        final ByteBuffer tcp = ByteBuffer.allocate(header + payload.length);
        final int length = claimedHeaderLength == 0 ? header : claimedHeaderLength;
        tcp.putShort((short) from.port()).putShort((short) to.port()).putInt(sequence).putInt(acknowledgment);
        tcp.put((byte) (length / 4 << 4)).put((byte) flags).putShort((short) window).putShort((short) 0).putShort((short) urgent);
        return tcp.put(options).put(payload).array();
    }

    @Override
    int checksumField() {
        return 16;
    }

    @Override
    byte superFrame() {
        return from.isIpv4() ? Burst.GSO_TCPV4 : Burst.GSO_TCPV6;
    }
}
