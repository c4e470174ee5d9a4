package io.sluice.dataplane.pipeline.conversation;

import io.sluice.dataplane.pipeline.Endpoint;
import java.util.Arrays;
import java.util.Random;

/** What a client and a server have to say to each other, when they say it, and what came of it. */
final class Conversation {
    private static final long MS = 1_000_000L;

    /** Who breaks the connection off, if anybody. */
    enum Ending { BOTH_CLOSE, CLIENT_ABORTS, SERVER_ABORTS, BOTH_FALL_SILENT }

    private final int id;
    private final Endpoint client;
    private final Manner clientManner;
    private final Manner serverManner;
    private final byte[] question;
    private final byte[] answer;
    private final long pauseNs;
    private final Ending ending;
    private final long seed;
    private TcpPeer clientPeer;
    private TcpPeer serverPeer;

    Conversation(final int id, final Endpoint client, final Manner clientManner, final Manner serverManner, final Random random) {
        this(id, client, clientManner, serverManner, random, random.nextInt(8) != 0 ? Ending.BOTH_CLOSE
            : random.nextBoolean() ? Ending.CLIENT_ABORTS : Ending.SERVER_ABORTS);
    }

    Conversation(final int id, final Endpoint client, final Manner clientManner, final Manner serverManner, final Random random,
                 final Ending ending) {
        this.id = id;
        this.client = client;
        this.clientManner = clientManner;
        this.serverManner = serverManner;
        this.question = bytes(random);
        this.answer = bytes(random);
        this.pauseNs = random.nextInt(4) == 0 ? 3000 * MS : 20 * MS;
        this.ending = ending;
        this.seed = random.nextLong();
    }

    private static byte[] bytes(final Random random) {
        final byte[] bytes = new byte[random.nextInt(5) == 0 ? 0 : random.nextInt(1 << 4 + random.nextInt(13))];
        random.nextBytes(bytes);
        return bytes;
    }

    /** The window of its SYN, by which the server's side knows it: nothing changes that on the way. */
    int id() {
        return id;
    }

    Endpoint client() {
        return client;
    }

    TcpPeer clientPeer() {
        return clientPeer;
    }

    TcpPeer serverPeer() {
        return serverPeer;
    }

    TcpPeer newClient(final Endpoint virtual, final int isn, final TcpPeer.Outlet outlet) {
        clientPeer = new TcpPeer(client, virtual, clientManner, question, new Random(seed), isn, id, outlet);
        return clientPeer;
    }

    TcpPeer newServer(final Endpoint server, final Endpoint local, final int isn, final TcpPeer.Outlet outlet) {
        return new TcpPeer(server, local, serverManner, answer, new Random(seed + 1), isn, id, outlet);
    }

    /** The handshake is complete: the application starts to talk. */
    void opened(final TcpPeer peer, final World world) {
        final boolean server = peer != clientPeer;
        if (server) {
            if (serverPeer != null) {
                throw new AssertionError("conversation " + id + " reached the server's application twice");
            }
            serverPeer = peer;
        }
        final Random random = new Random(seed + (server ? 2 : 3));
        final boolean aborts = ending == (server ? Ending.SERVER_ABORTS : Ending.CLIENT_ABORTS);
        talk(peer, (server ? answer : question).length, aborts, random, world);
    }

    private void talk(final TcpPeer peer, final int length, final boolean aborts, final Random random, final World world) {
        final int parts = 1 + random.nextInt(4);
        long at = world.nowNs();
        for (int i = 0; i < parts; i++) {
            at += random.nextLong(pauseNs);
            final int upTo = i == parts - 1 ? length : random.nextInt(length + 1);
            world.at(at, () -> {
                peer.out().produce(upTo);
                peer.pump();
            });
        }
        at += random.nextLong(pauseNs);
        if (ending == Ending.BOTH_FALL_SILENT) {
            return;
        }
        world.at(at, () -> {
            if (peer.state() != TcpPeer.State.OPEN) {
                return;
            }
            if (aborts) {
                peer.abort();
            } else {
                peer.out().close();
                peer.pump();
            }
        });
    }

    /** Each must have heard all that the other said, or, when somebody broke off, the beginning of it. */
    void check() {
        if (ending == Ending.BOTH_CLOSE) {
            if (serverPeer == null) {
                throw new AssertionError(this + " never reached the server's application");
            }
            checkHeard(serverPeer, question, "the server");
            checkHeard(clientPeer, answer, "the client");
        } else {
            checkBeginning(clientPeer, answer, "the client");
            if (serverPeer != null) {
                checkBeginning(serverPeer, question, "the server");
            }
        }
    }

    private void checkHeard(final TcpPeer peer, final byte[] said, final String who) {
        checkBeginning(peer, said, who);
        if (!peer.in().isFinished()) {
            throw new AssertionError(this + ": " + who + " heard " + peer.in().bytes().length + " of " + said.length
                + " bytes and no end");
        }
    }

    private void checkBeginning(final TcpPeer peer, final byte[] said, final String who) {
        final byte[] heard = peer.in().bytes();
        final int wrong = Arrays.mismatch(said, heard);
        if (wrong >= 0 && (wrong < heard.length || peer.in().isFinished())) {
            throw new AssertionError(this + ": " + who + " heard " + heard.length + " bytes of " + said.length
                + "; the first difference is at " + wrong);
        }
    }

    @Override
    public String toString() {
        return "conversation " + id + " of " + client + " (" + question.length + " and " + answer.length + " bytes, " + ending
            + (clientPeer == null ? "" : ", client " + clientPeer.state()) + (serverPeer == null ? "" : ", server " + serverPeer.state())
            + ")";
    }
}
