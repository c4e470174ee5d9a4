package io.sluice.dataplane.pipeline.conversation;

import io.sluice.dataplane.pipeline.Decoded;
import io.sluice.dataplane.pipeline.Packets;
import io.sluice.dataplane.pipeline.TcpPacket;

/** Between a peer and the world: carries its segments, and wakes it when something is due. */
abstract class PeerOutlet implements TcpPeer.Outlet {
    private final World world;
    private final boolean back;
    private TcpPeer peer;

    PeerOutlet(final World world, final boolean back) {
        this.world = world;
        this.back = back;
    }

    @Override
    public long nowNs() {
        return world.nowNs();
    }

    @Override
    public void send(final TcpPacket segment) {
        world.send((back ? segment.fromBack() : segment).build());
    }

    @Override
    public void wakeAt(final long ns) {
        world.at(ns, () -> peer.tick());
    }

    /** Takes charge of a peer. */
    void serve(final TcpPeer served) {
        peer = served;
    }

    /** Whether its host has forgotten a peer. */
    static boolean isGone(final TcpPeer peer) {
        return peer.state() == TcpPeer.State.CLOSED || peer.state() == TcpPeer.State.RESET || peer.state() == TcpPeer.State.GAVE_UP;
    }

    /** Answers a segment for nobody, as any host does (RFC 9293, 3.10.7.1). */
    static void refuse(final World world, final Decoded packet, final boolean back) {
        if ((packet.flags & TcpPacket.RST) != 0) {
            return;
        }
        final TcpPacket reset = Packets.tcp(packet.destination(), packet.source());
        if ((packet.flags & TcpPacket.ACK) != 0) {
            reset.flags(TcpPacket.RST).sequence(packet.acknowledgment);
        } else {
            reset.flags(TcpPacket.RST | TcpPacket.ACK).acknowledgment(packet.sequence + packet.payload.length + packet.flags % 4);
        }
        world.send((back ? reset.fromBack() : reset).build());
    }
}
