package io.sluice.dataplane.port.afxdp;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.dataplane.api.LaneShare;
import io.sluice.dataplane.lab.NetworkNamespace;
import io.sluice.dataplane.neighbour.OwnedTraffic;
import io.sluice.dataplane.neighbour.OwnedTraffic.LocalRange;
import io.sluice.dataplane.port.Bridge;
import io.sluice.dataplane.port.FrameArena;
import io.sluice.dataplane.port.Frames;
import io.sluice.dataplane.port.Transfer;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.List;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Two kernels talk TCP through two ports that share their frames. Both ends of a veth have the other one's far MAC address,
 * so that frames cross as they are and yet are for the host they meet:
 * <pre>
 *   client c0 (..:0b) ---- (..:0a) l0 [ Bridge ] r0 (..:0b) ---- (..:0a) s0 server
 * </pre>
 */
@Tag("netns")
class AfXdpTcpTest {
    private static final int PORT = 5001;
    private static final String A = "02:00:00:00:00:0a";
    private static final String B = "02:00:00:00:00:0b";

    private final Frames frames = new Frames(FrameArena.allocate(4096 + 16, FrameArena.SMALL_FRAME), 16);
    private final Umem umem = new Umem(frames.arena(), 256);
    private NetworkNamespace client;
    private NetworkNamespace middle;
    private NetworkNamespace server;

    @BeforeEach
    void make() {
        client = NetworkNamespace.create("client");
        middle = NetworkNamespace.create("middle");
        server = NetworkNamespace.create("server");
    }

    @AfterEach
    void remove() {
        client.close();
        middle.close();
        server.close();
    }

    @ParameterizedTest
    @CsvSource({
        "10.9.0.2, 1, false, true",
        "fd09::2, 1, false, true",
        "10.9.0.2, 4, false, true",
        "10.9.0.2, 4, false, false",
        "fd09::2, 2, true, false",
    })
    void shouldCarryTcpIntact(final String address, final int queues, final boolean generic, final boolean offloads) throws Exception {
        connect(queues, offloads);
        final boolean ipv4 = address.contains(".");
        final List<LocalRange> ours = List.of(
            new LocalRange(InetAddress.getByName(ipv4 ? "10.9.0.1" : "fd09::1"), 1, 65_535),
            new LocalRange(InetAddress.getByName(address), 1, 65_535));
        try (OwnedTraffic owned = middle.call(() -> OwnedTraffic.load(List.of("l0", "r0")));
             SteeringProgram left = SteeringProgram.load("l0", owned.maps(), generic);
             SteeringProgram right = SteeringProgram.load("r0", owned.maps(), generic)) {
            owned.update(List.of(), ours);
            final Bridge bridge = middle.call(() -> new Bridge(frames,
                AfXdpPort.open("l0", 0, frames, umem, left, LaneShare.ALL), AfXdpPort.open("r0", 1, frames, umem, right, LaneShare.ALL)));
            try (bridge) {
                final ServerSocket listener = server.call(() -> new ServerSocket(PORT, 1, InetAddress.getByName(address)));
                final FutureTask<String> received = new FutureTask<>(() -> Transfer.receive(listener));
                Thread.ofPlatform().start(received);
                final String sent = client.call(() -> Transfer.send(address, PORT));
                assertThat(received.get()).isEqualTo(sent);
                assertThat(owned.dropped()).as("what was left for the filter").isZero();
            }
            assertThat(bridge.superFrames()).isZero();
            assertThat(bridge.longest()).isLessThanOrEqualTo(1518);
            assertThat(bridge.partialChecksums() > 0).isEqualTo(offloads);
        }
    }

    private void connect(final int queues, final boolean offloads) {
        NetworkNamespace.connect(client, "c0", middle, "l0", queues);
        NetworkNamespace.connect(server, "s0", middle, "r0", queues);
        client.exec("ip", "link", "set", "c0", "address", B);
        middle.exec("ip", "link", "set", "l0", "address", A);
        middle.exec("ip", "link", "set", "r0", "address", B);
        server.exec("ip", "link", "set", "s0", "address", A);
        end(client, "c0", "1", "2", A, offloads);
        end(server, "s0", "2", "1", B, offloads);
    }

    private static void end(final NetworkNamespace host, final String name, final String self, final String peer, final String peerMac,
                            final boolean offloads) {
        host.exec("ip", "addr", "add", "10.9.0." + self + "/24", "dev", name);
        host.exec("ip", "addr", "add", "fd09::" + self + "/64", "dev", name, "nodad");
        host.exec("ip", "neigh", "replace", "10.9.0." + peer, "lladdr", peerMac, "dev", name, "nud", "permanent");
        host.exec("ip", "neigh", "replace", "fd09::" + peer, "lladdr", peerMac, "dev", name, "nud", "permanent");
        if (!offloads) {
            host.exec("ethtool", "-K", name, "tso", "off", "gso", "off", "tx", "off");
        }
    }
}
