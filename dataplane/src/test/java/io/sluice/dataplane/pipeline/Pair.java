package io.sluice.dataplane.pipeline;

/** The families that a client and its real server can have. */
public enum Pair {
    /** Both IPv4. */
    FOUR_TO_FOUR(TestNet.CLIENT4, TestNet.VIP4, TestNet.LOCAL4, TestNet.SERVER4),
    /** Both IPv6. */
    SIX_TO_SIX(TestNet.CLIENT6, TestNet.VIP6, TestNet.LOCAL6, TestNet.SERVER6),
    /** An IPv6 client at an IPv4 real server. */
    SIX_TO_FOUR(TestNet.CLIENT6, TestNet.VIP64, TestNet.LOCAL4, TestNet.SERVER4);

    /** Where packets come from. */
    public final Endpoint client;
    /** Where they are addressed to. */
    public final Endpoint virtual;
    /** The local end point of a path's first connection. */
    public final Endpoint local;
    /** Where they go. */
    public final Endpoint server;

    Pair(final Endpoint client, final Endpoint virtual, final Endpoint local, final Endpoint server) {
        this.client = client;
        this.virtual = virtual;
        this.local = local;
        this.server = server;
    }

    /** A TCP listener for this pair. */
    public ListenerDraft tcp() {
        return ListenerDraft.tcp(virtual, server);
    }

    /** A UDP listener for this pair. */
    public ListenerDraft udp() {
        return ListenerDraft.udp(virtual, server);
    }

    /** Bytes of the client's TTM option. */
    public int optionLength() {
        return client.isIpv4() ? 8 : 20;
    }

    /** Whether packets change their family. */
    public boolean isBetweenFamilies() {
        return client.isIpv4() != server.isIpv4();
    }

    /** Bytes of the IP header towards the client. */
    public int clientHeader() {
        return client.isIpv4() ? 20 : 40;
    }

    /** Bytes of the IP header towards the server. */
    public int serverHeader() {
        return server.isIpv4() ? 20 : 40;
    }
}
