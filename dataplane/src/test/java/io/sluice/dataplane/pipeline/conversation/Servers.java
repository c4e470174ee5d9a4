package io.sluice.dataplane.pipeline.conversation;

import io.sluice.dataplane.pipeline.Decoded;
import io.sluice.dataplane.pipeline.Endpoint;
import io.sluice.dataplane.pipeline.TcpPacket;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** A real server: accepts connections of local addresses, holds TIME_WAIT, and reads clients' addresses from the TTM option. */
final class Servers {
    private record Connection(Conversation conversation, TcpPeer peer, int isn) {
    }

    private final World world;
    private final Random random;
    private final Endpoint server;
    private final boolean ttm;
    private final boolean timestampsStripped;
    private final Map<Integer, Conversation> conversations = new HashMap<>();
    private final Map<Endpoint, Connection> connections = new HashMap<>();
    private final List<TcpPeer> peers = new ArrayList<>();
    private int timeWaitsReused;

    Servers(final World world, final Random random, final Endpoint server, final boolean ttm, final boolean timestampsStripped) {
        this.world = world;
        this.random = random;
        this.server = server;
        this.ttm = ttm;
        this.timestampsStripped = timestampsStripped;
    }

    void add(final Conversation conversation) {
        conversations.put(conversation.id(), conversation);
    }

    /** Connections that took the place of one in TIME_WAIT. */
    int timeWaitsReused() {
        return timeWaitsReused;
    }

    List<TcpPeer> peers() {
        return peers;
    }

    /** Takes a packet that the path sent to the servers' side. */
    void receive(final Decoded packet) {
        if (!packet.destination().equals(server)) {
            throw new AssertionError("for nobody: " + packet.source() + " to " + packet.destination());
        }
        final Connection connection = connections.get(packet.source());
        final boolean syn = (packet.flags & (TcpPacket.SYN | TcpPacket.ACK)) == TcpPacket.SYN;
        if (syn) {
            checkSyn(packet);
        }
        if (syn && (connection == null || connection.peer.makesWayFor(packet))) {
            if (connection != null && connection.peer.state() == TcpPeer.State.TIME_WAIT) {
                timeWaitsReused++;
            }
            accept(packet);
        } else if (connection == null || PeerOutlet.isGone(connection.peer)) {
            PeerOutlet.refuse(world, packet, true);
        } else {
            checkTtm(packet, connection);
            connection.peer.receive(packet);
        }
    }

    private void checkSyn(final Decoded syn) {
        if (syn.option(254) != null || timestampsStripped && syn.option(8) != null) {
            throw new AssertionError("a SYN with options " + syn.options);
        }
    }

    /** An option tells the truth, and is only in segments that precede the server's data. */
    private void checkTtm(final Decoded packet, final Connection connection) {
        final int acknowledged = packet.acknowledgment - (connection.isn + 1);
        if (acknowledged < 0 || acknowledged > connection.peer.out().sent()) {
            // Late, and of an earlier connection of the same local port.
            return;
        }
        final boolean expected = ttm && acknowledged == 0
            && (packet.flags & (TcpPacket.SYN | TcpPacket.RST)) == 0;
        final Endpoint told = packet.option(254) == null ? null : packet.ttm();
        if (expected ? !connection.conversation.client().equals(told) : told != null) {
            throw new AssertionError(connection.conversation + ": the option says " + told);
        }
    }

    private void accept(final Decoded syn) {
        final Conversation conversation = conversations.get(syn.window);
        final int isn = random.nextInt();
        final PeerOutlet outlet = new PeerOutlet(world, true) {
            @Override
            public void changed(final TcpPeer peer, final Decoded by) {
                if (peer.state() == TcpPeer.State.OPEN) {
                    if (ttm && !conversation.client().equals(by.ttm())) {
                        throw new AssertionError(conversation + " was accepted without its client's address");
                    }
                    conversation.opened(peer, world);
                }
            }
        };
        final TcpPeer peer = conversation.newServer(server, syn.source(), isn, outlet);
        peers.add(peer);
        connections.put(syn.source(), new Connection(conversation, peer, isn));
        outlet.serve(peer);
        peer.accept(syn);
    }
}
