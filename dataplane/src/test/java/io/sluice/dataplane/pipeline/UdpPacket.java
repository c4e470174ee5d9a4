package io.sluice.dataplane.pipeline;

import io.sluice.dataplane.port.Burst;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** Builds a datagram. */
public final class UdpPacket extends PacketBuilder<UdpPacket> {
    private byte[] payload = {};
    private int length = -1;
    private boolean noChecksum;

    UdpPacket(final Endpoint from, final Endpoint to) {
        super(from, to);
    }

    /** Data. */
    public UdpPacket payload(final byte[] bytes) {
        payload = bytes;
        return this;
    }

    /** Data. */
    public UdpPacket payload(final String text) {
        return payload(text.getBytes(StandardCharsets.US_ASCII));
    }

    /** What the header says about the datagram's length, whatever it is. */
    public UdpPacket claimedLength(final int bytes) {
        length = bytes;
        return this;
    }

    /** A checksum of zero: none. */
    public UdpPacket noChecksum() {
        noChecksum = true;
        return this;
    }

    @Override
    int protocol() {
        return 17;
    }

    @Override
    byte[] transport() {
        final ByteBuffer udp = ByteBuffer.allocate(8 + payload.length);
        udp.putShort((short) from.port()).putShort((short) to.port()).putShort((short) (length < 0 ? udp.capacity() : length));
        return udp.putShort((short) 0).put(payload).array();
    }

    @Override
    int coveredLength(final int transportLength) {
        return length < 0 ? transportLength : length;
    }

    @Override
    int checksumField() {
        return noChecksum ? -1 : 6;
    }

    @Override
    int sent(final int checksum) {
        return checksum == 0 ? 0xffff : checksum;
    }

    @Override
    byte superFrame() {
        return Burst.GSO_UDP;
    }
}
