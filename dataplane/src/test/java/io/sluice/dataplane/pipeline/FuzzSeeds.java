package io.sluice.dataplane.pipeline;

import static io.sluice.dataplane.pipeline.TcpPacket.ACK;
import static io.sluice.dataplane.pipeline.TcpPacket.FIN;
import static io.sluice.dataplane.pipeline.TcpPacket.RST;
import static io.sluice.dataplane.pipeline.TcpPacket.SYN;

import java.util.ArrayList;
import java.util.List;

/** Frames to start fuzzing from: every kind that the path treats in its own way, of every pair of families. */
final class FuzzSeeds {
    private FuzzSeeds() {
    }

    /**
     * Opens a TCP and a UDP connection of every pair on a path, and makes frames of these connections and others.
     *
     * @param path fresh
     * @return frames that may be sent in any order
     */
    static List<TestFrame> of(final PathHarness path) {
        final List<TestFrame> frames = new ArrayList<>();
        for (final Pair pair : Pair.values()) {
            final TcpConversation tcp = TcpConversation.open(path, pair.client, pair.virtual);
            final Endpoint local = path.send(Packets.udp(pair.client, pair.virtual)).out().source();
            segments(frames, pair, tcp);
            datagrams(frames, pair, local);
            icmp(frames, pair, tcp);
        }
        return frames;
    }

    private static void segments(final List<TestFrame> frames, final Pair pair, final TcpConversation tcp) {
        final byte[] options = Options.padded(Options.mss(1460), Options.SACK_PERMITTED, Options.timestamps(1, 0), Options.NOP,
            Options.windowScale(7));
        frames.add(Packets.tcp(pair.client.port(7), pair.virtual).syn().options(options).build());
        frames.add(Packets.tcp(pair.client.port(8), pair.virtual).syn().options(Options.fastOpen(1, 2), Options.mptcp()).build());
        frames.add(tcp.fromClient().payload("request").build());
        frames.add(tcp.fromClient().options(Options.sack(1, 2, 3, 4, 5, 6, 7, 8)).payload("full").build());
        frames.add(tcp.fromClient().options(Options.ttm(pair.client)).build());
        frames.add(tcp.fromClient().payload(Packets.pattern(4000)).gso(1000).build());
        frames.add(tcp.fromClient().flags(FIN | ACK).partialChecksum().build());
        frames.add(tcp.fromServer().flags(SYN | ACK).options(options).build());
        frames.add(tcp.fromServer().options(Options.NOP, Options.NOP, Options.sack(1, 2, 3, 4)).payload("answer").build());
        frames.add(tcp.fromServer().payload(Packets.pattern(3000)).gso(1400).build());
        frames.add(tcp.fromServer().payload(Packets.pattern(1460)).mayFragment().build());
        frames.add(tcp.fromServer().flags(RST).build());
        frames.addAll(tcp.fromClient().payload(Packets.pattern(100)).fragments(64));
    }

    private static void datagrams(final List<TestFrame> frames, final Pair pair, final Endpoint local) {
        frames.add(Packets.udp(pair.client, pair.virtual).payload("query").build());
        frames.add(Packets.udp(pair.client, pair.virtual).payload("query").partialChecksum().build());
        frames.add(Packets.udp(pair.server, local).payload("answer").noChecksum().fromBack().build());
        frames.add(Packets.udp(pair.client, pair.virtual).payload(Packets.pattern(1400)).mayFragment().build());
        frames.add(Packets.udp(pair.client, pair.virtual).payload(Packets.pattern(3000)).gso(1000).build());
        frames.addAll(Packets.udp(pair.client, pair.virtual).payload(Packets.pattern(300)).fragments(104));
        frames.addAll(Packets.udp(pair.server, local).fromBack().payload(Packets.pattern(300)).fragments(104));
        if (!pair.client.isIpv4()) {
            frames.add(Packets.udp(pair.client, pair.virtual).hopByHop().destinationOptions().routing(1).build());
            frames.add(Packets.udp(pair.client, pair.virtual).atomicFragment().build());
        } else {
            frames.add(Packets.udp(pair.client, pair.virtual).ipOptions(7, 7, 4, 0, 0, 0, 0, 0).build());
        }
    }

    private static void icmp(final List<TestFrame> frames, final Pair pair, final TcpConversation tcp) {
        final boolean v4 = pair.client.isIpv4();
        frames.add(Packets.ping(pair.client, pair.virtual).data(Packets.pattern(30)).build());
        frames.addAll(Packets.ping(pair.client, pair.virtual).data(Packets.pattern(100)).fragments(56));
        frames.add(Packets.icmp(pair.client, pair.virtual, v4 ? 3 : 2, v4 ? 4 : 0).rest(1280)
            .data(Packets.tcp(pair.virtual, pair.client).sequence(tcp.serverNext()).payload("cut").ipPacket()).build());
        final boolean server4 = pair.server.isIpv4();
        frames.add(Packets.icmp(pair.server, tcp.local(), server4 ? 3 : 2, server4 ? 4 : 0).rest(1400).fromBack()
            .data(Packets.tcp(tcp.local(), pair.server).sequence(tcp.clientNext() + tcp.delta()).ipPacket()).build());
    }
}
