package io.sluice.dataplane.pipeline;

/**
 * A TCP connection through the path, driven segment by segment from both ends. Each end keeps its own numbers, so what the
 * path makes of them can be checked against them.
 */
public final class TcpConversation {
    /** The client's initial sequence number. */
    public static final int CLIENT_ISN = 0xffff_ff00;
    /** The server's initial sequence number. */
    public static final int SERVER_ISN = 0x7000_0000;

    private final PathHarness path;
    private final Endpoint client;
    private final Endpoint virtual;
    private Endpoint local;
    private Endpoint server;
    private int delta;
    private int clientNext = CLIENT_ISN;
    private int serverNext = SERVER_ISN;

    private TcpConversation(final PathHarness path, final Endpoint client, final Endpoint virtual) {
        this.path = path;
        this.client = client;
        this.virtual = virtual;
    }

    /**
     * Only a SYN.
     *
     * @param path    the path
     * @param client  end point
     * @param virtual end point
     * @return a connection in SYN_SENT
     */
    public static TcpConversation syn(final PathHarness path, final Endpoint client, final Endpoint virtual) {
        return syn(path, client, virtual, Packets.tcp(client, virtual).syn().sequence(CLIENT_ISN));
    }

    /** Only a SYN, which is given. */
    static TcpConversation syn(final PathHarness path, final Endpoint client, final Endpoint virtual, final TcpPacket first) {
        final TcpConversation conversation = new TcpConversation(path, client, virtual);
        final Decoded syn = path.send(first).out();
        conversation.local = syn.source();
        conversation.server = syn.destination();
        conversation.delta = syn.sequence - CLIENT_ISN;
        conversation.clientNext++;
        return conversation;
    }

    /**
     * SYN and SYN-ACK.
     *
     * @param path    the path
     * @param client  end point
     * @param virtual end point
     * @return a connection in SYN_RECEIVED
     */
    public static TcpConversation synAck(final PathHarness path, final Endpoint client, final Endpoint virtual) {
        final TcpConversation conversation = syn(path, client, virtual);
        conversation.serverSynAck().out();
        return conversation;
    }

    /**
     * A whole handshake.
     *
     * @param path    the path
     * @param client  end point
     * @param virtual end point
     * @return a connection in ESTABLISHED
     */
    public static TcpConversation open(final PathHarness path, final Endpoint client, final Endpoint virtual) {
        final TcpConversation conversation = synAck(path, client, virtual);
        conversation.clientSends(conversation.fromClient()).out();
        return conversation;
    }

    /**
     * A segment of the client with the numbers that are due: an ACK without data.
     *
     * @return a builder
     */
    public TcpPacket fromClient() {
        return Packets.tcp(client, virtual).sequence(clientNext).acknowledgment(serverNext);
    }

    /**
     * A segment of the server, as it sends it to the local address.
     *
     * @return a builder
     */
    public TcpPacket fromServer() {
        return Packets.tcp(server, local).fromBack().sequence(serverNext).acknowledgment(clientNext + delta);
    }

    /** Sends a segment of the client. */
    public PathResult clientSends(final TcpPacket segment) {
        return path.send(segment);
    }

    /** Sends a segment of the server. */
    public PathResult serverSends(final TcpPacket segment) {
        return path.send(segment);
    }

    /** The client sends data, and counts it. */
    public PathResult clientSends(final String text) {
        final PathResult result = path.send(fromClient().payload(text));
        clientNext += text.length();
        return result;
    }

    /** The client has sent that much in another way. */
    void clientSent(final int bytes) {
        clientNext += bytes;
    }

    /** The server sends data, and counts it. */
    public PathResult serverSends(final String text) {
        final PathResult result = path.send(fromServer().payload(text));
        serverNext += text.length();
        return result;
    }

    /** The server accepts, with these options. */
    public PathResult serverSynAck(final byte[]... options) {
        final PathResult result = path.send(fromServer().flags(TcpPacket.SYN | TcpPacket.ACK).options(options));
        serverNext++;
        return result;
    }

    /** The client closes its direction. */
    public PathResult clientFin() {
        final PathResult result = path.send(fromClient().flags(TcpPacket.FIN | TcpPacket.ACK));
        clientNext++;
        return result;
    }

    /** The server closes its direction. */
    public PathResult serverFin() {
        final PathResult result = path.send(fromServer().flags(TcpPacket.FIN | TcpPacket.ACK));
        serverNext++;
        return result;
    }

    /** The client acknowledges everything. */
    public PathResult clientAcks() {
        return path.send(fromClient());
    }

    /** The server acknowledges everything. */
    public PathResult serverAcks() {
        return path.send(fromServer());
    }

    /** The state that the path has the connection in. */
    public String state() {
        return path.state(client, virtual);
    }

    /** The local end point. */
    public Endpoint local() {
        return local;
    }

    /** The real server. */
    public Endpoint server() {
        return server;
    }

    /** What was added to the client's numbers. */
    public int delta() {
        return delta;
    }

    /** The client's next sequence number, in its own numbers. */
    public int clientNext() {
        return clientNext;
    }

    /** The server's next sequence number. */
    public int serverNext() {
        return serverNext;
    }

    /** The same connection on a path that was restarted. */
    public TcpConversation on(final PathHarness other) {
        final TcpConversation conversation = new TcpConversation(other, client, virtual);
        conversation.local = local;
        conversation.server = server;
        conversation.delta = delta;
        conversation.clientNext = clientNext;
        conversation.serverNext = serverNext;
        return conversation;
    }
}
