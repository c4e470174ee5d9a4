package io.sluice.dataplane.pipeline;

import java.nio.ByteBuffer;

/** Builds an ICMP or ICMPv6 message. */
public final class IcmpPacket extends PacketBuilder<IcmpPacket> {
    private final int type;
    private final int code;
    private int rest;
    private byte[] data = {};

    IcmpPacket(final Endpoint from, final Endpoint to, final int type, final int code) {
        super(from, to);
        this.type = type;
        this.code = code;
    }

    /** The four bytes behind the checksum: identifier and sequence number of an echo, MTU of an error. */
    public IcmpPacket rest(final int value) {
        rest = value;
        return this;
    }

    /** Data of an echo, or the packet that an error quotes. */
    public IcmpPacket data(final byte[] bytes) {
        data = bytes;
        return this;
    }

    @Override
    int protocol() {
        return from.isIpv4() ? 1 : 58;
    }

    @Override
    byte[] transport() {
        return ByteBuffer.allocate(8 + data.length).put((byte) type).put((byte) code).putShort((short) 0).putInt(rest).put(data)
            .array();
    }

    @Override
    int checksumField() {
        return 2;
    }

    @Override
    boolean hasPseudoHeader() {
        return !from.isIpv4();
    }

    @Override
    byte superFrame() {
        throw new UnsupportedOperationException("ICMP has no super-frames");
    }
}
