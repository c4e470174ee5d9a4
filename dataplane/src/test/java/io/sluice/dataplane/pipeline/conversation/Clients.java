package io.sluice.dataplane.pipeline.conversation;

import io.sluice.dataplane.pipeline.Decoded;
import io.sluice.dataplane.pipeline.Endpoint;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;

/** Clients that have one conversation after the other, always from the same port. */
final class Clients {
    private static final long SECOND = 1_000_000_000L;

    private final World world;
    private final Random random;
    private final Endpoint virtual;
    private final Map<Endpoint, Deque<Conversation>> waiting = new HashMap<>();
    private final Map<Endpoint, Conversation> current = new HashMap<>();
    private int busy;

    Clients(final World world, final Random random, final Endpoint virtual) {
        this.world = world;
        this.random = random;
        this.virtual = virtual;
    }

    void add(final Conversation conversation) {
        waiting.computeIfAbsent(conversation.client(), client -> new ArrayDeque<>()).add(conversation);
    }

    void start() {
        waiting.keySet().forEach(client -> {
            busy++;
            world.after(random.nextLong(SECOND), () -> next(client));
        });
    }

    boolean areFinished() {
        return busy == 0;
    }

    private void next(final Endpoint client) {
        final Conversation conversation = waiting.get(client).poll();
        if (conversation == null) {
            busy--;
            return;
        }
        current.put(client, conversation);
        final PeerOutlet outlet = new PeerOutlet(world, false) {
            @Override
            public void changed(final TcpPeer peer, final Decoded by) {
                switch (peer.state()) {
                    case OPEN -> conversation.opened(peer, world);
                    case TIME_WAIT -> { }
                    // A port that was not the first to close may be used again at once.
                    default -> world.after(random.nextBoolean() ? 0 : random.nextLong(5 * SECOND), () -> next(client));
                }
            }
        };
        final TcpPeer peer = conversation.newClient(virtual, random.nextInt(), outlet);
        outlet.serve(peer);
        peer.connect();
    }

    /** Takes a packet that the path sent to the clients' side. */
    void receive(final Decoded packet) {
        final Conversation conversation = current.get(packet.destination());
        if (conversation == null || !packet.source().equals(virtual)) {
            throw new AssertionError("for nobody: " + packet.source() + " to " + packet.destination());
        }
        final TcpPeer peer = conversation.clientPeer();
        if (PeerOutlet.isGone(peer)) {
            PeerOutlet.refuse(world, packet, false);
        } else {
            peer.receive(packet);
        }
    }
}
