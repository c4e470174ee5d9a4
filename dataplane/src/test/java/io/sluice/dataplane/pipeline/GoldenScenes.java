package io.sluice.dataplane.pipeline;

import static io.sluice.dataplane.pipeline.Options.NOP;
import static io.sluice.dataplane.pipeline.Options.SACK_PERMITTED;
import static io.sluice.dataplane.pipeline.Options.mss;
import static io.sluice.dataplane.pipeline.Options.timestamps;
import static io.sluice.dataplane.pipeline.Options.windowScale;
import static io.sluice.dataplane.pipeline.TcpPacket.ACK;
import static io.sluice.dataplane.pipeline.TcpPacket.PSH;
import static io.sluice.dataplane.pipeline.TcpPacket.SYN;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * What happens in the golden captures: scripts that produce {@code in.pcap}. They are played once, when captures are made;
 * the tests play the captures.
 */
final class GoldenScenes {
    /** Scripts by the name of their case. */
    static final Map<String, Consumer<PathHarness>> ALL = new TreeMap<>(Map.of(
        "http-4to4", GoldenScenes::http4to4,
        "http-6to4", GoldenScenes::http6to4,
        "dns-udp", GoldenScenes::dns,
        "ttm-retransmission", GoldenScenes::retransmission,
        "fragments", GoldenScenes::fragments,
        "path-mtu-and-idle", GoldenScenes::pathMtuAndIdle,
        "noise", GoldenScenes::noise));

    private static final byte[] LINUX_SYN = Options.padded(mss(1460), SACK_PERMITTED, timestamps(0x01020304, 0), NOP, windowScale(7));
    private static final byte[] LINUX_SYN_ACK = Options.padded(mss(1460), NOP, NOP, SACK_PERMITTED, NOP, windowScale(9));

    private GoldenScenes() {
    }

    private static void pause(final PathHarness path, final int microseconds) {
        path.advanceNanos(microseconds * 1000L);
    }

    private static TcpConversation connect(final PathHarness path, final Pair pair, final int port) {
        final TcpPacket syn = Packets.tcp(pair.client.port(port), pair.virtual).syn().sequence(TcpConversation.CLIENT_ISN)
            .options(LINUX_SYN);
        final TcpConversation tcp = TcpConversation.syn(path, pair.client.port(port), pair.virtual, syn);
        pause(path, 180);
        tcp.serverSynAck(LINUX_SYN_ACK);
        pause(path, 20_000);
        return tcp;
    }

    private static void http(final PathHarness path, final Pair pair) {
        final TcpConversation tcp = connect(path, pair, 40_000);
        tcp.clientAcks();
        pause(path, 50);
        tcp.clientSends("GET /index.html HTTP/1.1\r\nHost: www.example.com\r\nUser-Agent: curl/8.5.0\r\nAccept: */*\r\n\r\n");
        pause(path, 900);
        tcp.serverAcks();
        tcp.serverSends("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 3000\r\n\r\n" + "<p>0123456789</p>".repeat(70));
        tcp.serverSends("<p>abcdefghij</p>".repeat(80));
        pause(path, 21_000);
        tcp.clientAcks();
        tcp.serverSends("</html>");
        pause(path, 20_500);
        tcp.clientAcks();
        tcp.clientFin();
        pause(path, 300);
        tcp.serverFin();
        pause(path, 20_100);
        tcp.clientAcks();
    }

    private static void http4to4(final PathHarness path) {
        http(path, Pair.FOUR_TO_FOUR);
    }

    private static void http6to4(final PathHarness path) {
        http(path, Pair.SIX_TO_FOUR);
    }

    private static void dns(final PathHarness path) {
        for (final Pair pair : List.of(Pair.FOUR_TO_FOUR, Pair.SIX_TO_SIX)) {
            final Endpoint virtual = pair.virtual.port(53);
            for (int i = 0; i < 3; i++) {
                final Endpoint client = pair.client.port(50_000 + 7 * i);
                final Decoded query = path.send(Packets.udp(client, virtual).mayFragment().payload("query for host" + i + ".example.com"))
                    .out();
                pause(path, 700);
                path.send(Packets.udp(query.destination(), query.source()).payload("answer: 192.0.2." + i));
                pause(path, 11_000);
            }
            path.send(Packets.udp(pair.client.port(50_000), virtual).payload("a second query on the same port"));
        }
    }

    private static void retransmission(final PathHarness path) {
        final TcpConversation tcp = connect(path, Pair.FOUR_TO_FOUR, 41_000);
        // The third packet of the handshake is lost on its way to us; so is the first data segment.
        final TcpPacket first = tcp.fromClient().flags(ACK | PSH).payload("POST /first HTTP/1.1\r\n");
        final TcpPacket second = Packets.tcp(Pair.FOUR_TO_FOUR.client.port(41_000), Pair.FOUR_TO_FOUR.virtual).flags(ACK | PSH)
            .sequence(tcp.clientNext() + 22).acknowledgment(tcp.serverNext()).payload("second segment\r\n");
        path.send(second).out();
        pause(path, 200);
        final int left = tcp.clientNext() + tcp.delta() + 22;
        path.send(tcp.fromServer().options(NOP, NOP, Options.sack(left, left + 16))).out();
        pause(path, 200_000);
        path.send(first).out();
        pause(path, 200_000);
        // Retransmitted by an impatient client that claims to be another one.
        path.send(tcp.fromClient().flags(ACK | PSH).options(Options.ttm(Endpoint.of("192.0.2.66:66"))).payload("POST /first HTTP/1.1\r\n"))
            .out();
        pause(path, 100);
        tcp.clientSent(22 + 16);
        tcp.serverSends("HTTP/1.1 204 No Content\r\n\r\n").out();
        pause(path, 20_000);
        tcp.clientAcks().out();
    }

    private static void fragments(final PathHarness path) {
        for (final Pair pair : Pair.values()) {
            final Endpoint virtual = pair.virtual.port(53);
            final List<TestFrame> query = Packets.udp(pair.client, virtual).payload(Packets.pattern(3000)).fragments(1400);
            final Decoded first = path.send(query.getFirst()).out();
            query.stream().skip(1).forEach(path::send);
            pause(path, 1000);
            final int most = pair.server.isIpv4() ? 1480 : 1448;
            Packets.udp(first.destination(), first.source()).payload(Packets.pattern(2500)).fragments(most).forEach(path::send);
            pause(path, 1000);
            // An orphan, and a datagram that has to be cut here on its way from IPv4 to IPv6.
            path.send(Packets.udp(pair.client, virtual).identification(99).payload(Packets.pattern(3000)).fragments(1400).getLast());
            path.send(Packets.udp(first.destination(), first.source()).payload(Packets.pattern(most - 8)).mayFragment());
        }
    }

    private static void pathMtuAndIdle(final PathHarness path) {
        final TcpConversation tcp = connect(path, Pair.SIX_TO_FOUR, 42_000);
        tcp.clientAcks();
        path.send(tcp.fromClient().flags(ACK | PSH).payload(Packets.pattern(1400)));
        pause(path, 20_000);
        final Decoded sent = path.send(tcp.fromClient().flags(ACK | PSH).payload(Packets.pattern(1300))).out();
        pause(path, 2000);
        path.send(Packets.icmp(Endpoint.of("192.0.2.254:0"), tcp.local(), 3, 4).rest(1300).data(Packets.tcp(sent.source(),
            sent.destination()).sequence(sent.sequence).acknowledgment(sent.acknowledgment).payload(new byte[1300]).ipPacket()));
        pause(path, 20_000);
        tcp.clientSends("x".repeat(1240));
        tcp.serverAcks();
    }

    private static void noise(final PathHarness path) {
        final Pair pair = Pair.FOUR_TO_FOUR;
        path.send(Packets.ping(pair.client, pair.virtual).data(Packets.pattern(56)));
        path.send(Packets.ping(Pair.SIX_TO_FOUR.client, Pair.SIX_TO_FOUR.virtual).data(Packets.pattern(56)));
        for (final int port : new int[] {21, 22, 23, 80, 443}) {
            pause(path, 10);
            path.send(Packets.tcp(pair.client.port(55_555), pair.virtual.port(port)).flags(ACK));
        }
        path.send(Packets.tcp(pair.client.port(55_556), pair.virtual).flags(SYN | TcpPacket.FIN));
        path.send(Packets.tcp(pair.client.port(55_557), pair.virtual).syn().ttl(1));
        path.send(Packets.raw(pair.client, pair.virtual, 0, Packets.pattern(28)).etherType(0x0806));
        path.send(Packets.tcp(pair.server, pair.local.port(40_000)));
        path.send(Packets.udp(pair.client, pair.virtual).claimedLength(3));
    }
}
