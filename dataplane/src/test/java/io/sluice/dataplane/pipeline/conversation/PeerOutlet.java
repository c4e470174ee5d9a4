package io.sluice.dataplane.pipeline.conversation;

import io.sluice.dataplane.pipeline.Decoded;
import io.sluice.dataplane.pipeline.Packets;
import io.sluice.dataplane.pipeline.TcpPacket;
import java.util.function.Consumer;

/** Between a peer and the world: carries its segments, and wakes it when something is due. */
abstract class PeerOutlet implements TcpPeer.Outlet {
    private final World world;
    private final boolean back;
    private TcpPeer peer;
    private long wakeAtNs = Long.MAX_VALUE;

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
        schedule();
    }

    /** Takes charge of a peer, and gives it the first push. */
    void drive(final TcpPeer driven, final Consumer<TcpPeer> push) {
        peer = driven;
        push.accept(driven);
        schedule();
    }

    /** Sees to it that the peer is woken when it next has something to do. */
    void schedule() {
        final long dueNs = peer.nextTickNs();
        if (dueNs < wakeAtNs) {
            wakeAtNs = dueNs;
            world.at(dueNs, () -> wake(dueNs));
        }
    }

    private void wake(final long atNs) {
        if (wakeAtNs == atNs) {
            wakeAtNs = Long.MAX_VALUE;
            peer.tick();
            schedule();
        }
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
