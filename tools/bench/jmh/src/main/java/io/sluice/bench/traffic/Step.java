package io.sluice.bench.traffic;

import io.sluice.dataplane.wire.Tcp;
import java.util.List;

/**
 * A moment of a short TCP connection: who sends what. Numbers count from each side's initial sequence number.
 *
 * <p>A datagram knows {@link #REQUEST} and {@link #RESPONSE} only.
 */
public enum Step {
    /** The client asks for a connection. */
    SYN(true, Tcp.SYN, 0, 0, 0),
    /** The server accepts. */
    SYN_ACK(false, Tcp.SYN | Tcp.ACK, 1, 0, 0),
    /** The client confirms. */
    ACK(true, Tcp.ACK, 1, 1, 0),
    /** The client's first data: gets the TTM option. */
    REQUEST(true, Tcp.PSH | Tcp.ACK, 1, 1, Step.PAYLOAD),
    /** The server answers. */
    RESPONSE(false, Tcp.PSH | Tcp.ACK, 1 + Step.PAYLOAD, 1, Step.PAYLOAD),
    /** More data of the client: what most packets of a connection are like. May come again and again. */
    NEXT_REQUEST(true, Tcp.PSH | Tcp.ACK, 1 + Step.PAYLOAD, 1 + Step.PAYLOAD, Step.PAYLOAD),
    /** More data of the server. May come again and again. */
    NEXT_RESPONSE(false, Tcp.PSH | Tcp.ACK, 1 + 2 * Step.PAYLOAD, 1 + Step.PAYLOAD, Step.PAYLOAD),
    /** The client closes, in place of {@link #NEXT_REQUEST}. */
    CLIENT_FIN(true, Tcp.FIN | Tcp.ACK, 1 + Step.PAYLOAD, 1 + Step.PAYLOAD, 0),
    /** The server closes too. */
    SERVER_FIN(false, Tcp.FIN | Tcp.ACK, 2 + Step.PAYLOAD, 1 + Step.PAYLOAD, 0),
    /** The connection is over. */
    LAST_ACK(true, Tcp.ACK, 2 + Step.PAYLOAD, 2 + Step.PAYLOAD, 0);

    /** Bytes of data: nobody but the network looks at them, so that few are as good as many. */
    public static final int PAYLOAD = 32;
    /** From nothing to a connection whose both sides have sent data. */
    public static final List<Step> OPENING = List.of(SYN, SYN_ACK, ACK, REQUEST, RESPONSE, NEXT_REQUEST, NEXT_RESPONSE);
    /** From nothing to nothing. */
    public static final List<Step> CYCLE = List.of(SYN, SYN_ACK, ACK, REQUEST, RESPONSE, CLIENT_FIN, SERVER_FIN, LAST_ACK);

    private final boolean fromClient;
    private final int flags;
    private final int client;
    private final int server;
    private final int payload;

    Step(final boolean fromClient, final int flags, final int client, final int server, final int payload) {
        this.fromClient = fromClient;
        this.flags = flags;
        this.client = client;
        this.server = server;
        this.payload = payload;
    }

    /** {@return whether the client sends it} */
    public boolean isFromClient() {
        return fromClient;
    }

    /** {@return TCP flags} */
    int flags() {
        return flags;
    }

    /** {@return how far the client has sent, the SYN counted} */
    int client() {
        return client;
    }

    /** {@return how far the server has sent, the SYN counted} */
    int server() {
        return server;
    }

    /** {@return bytes of data} */
    int payload() {
        return payload;
    }
}
