package io.sluice.dataplane.pipeline;

/** Builds a packet of any protocol, without a checksum. */
public final class RawPacket extends PacketBuilder<RawPacket> {
    private final int protocol;
    private final byte[] payload;

    RawPacket(final Endpoint from, final Endpoint to, final int protocol, final byte[] payload) {
        super(from, to);
        this.protocol = protocol;
        this.payload = payload;
    }

    @Override
    int protocol() {
        return protocol;
    }

    @Override
    byte[] transport() {
        return payload.clone();
    }

    @Override
    int checksumField() {
        return -1;
    }

    @Override
    byte superFrame() {
        throw new UnsupportedOperationException("no super-frames of protocol " + protocol);
    }
}
