package io.sluice.dataplane.port.afpacket;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.dataplane.lab.NetworkNamespace;
import io.sluice.dataplane.port.Bridge;
import io.sluice.dataplane.port.FrameArena;
import io.sluice.dataplane.port.Frames;
import io.sluice.dataplane.port.Transfer;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Two kernels talk TCP through two ports:
 * <pre>
 *   client c0 ---- l0 [ Bridge ] r0 ---- s0 server
 * </pre>
 */
@Tag("netns")
class AfPacketTcpTest {
    private static final int PORT = 5001;

    private final Frames frames = new Frames(FrameArena.allocate(1024, FrameArena.SUPER_FRAME), 16);
    private NetworkNamespace client;
    private NetworkNamespace middle;
    private NetworkNamespace server;

    @BeforeEach
    void connect() {
        client = NetworkNamespace.create("client");
        middle = AfPacketPair.quiet("middle");
        server = NetworkNamespace.create("server");
        NetworkNamespace.connect(client, "c0", middle, "l0");
        NetworkNamespace.connect(server, "s0", middle, "r0");
        client.exec("ip", "addr", "add", "10.9.0.1/24", "dev", "c0");
        server.exec("ip", "addr", "add", "10.9.0.2/24", "dev", "s0");
        client.exec("ip", "addr", "add", "fd09::1/64", "dev", "c0", "nodad");
        server.exec("ip", "addr", "add", "fd09::2/64", "dev", "s0", "nodad");
    }

    @AfterEach
    void remove() {
        client.close();
        middle.close();
        server.close();
    }

    @ParameterizedTest
    @CsvSource({"10.9.0.2, true", "fd09::2, true", "10.9.0.2, false", "fd09::2, false"})
    void shouldCarryTcpIntactWithAndWithoutOffloads(final String address, final boolean offloads) throws Exception {
        if (!offloads) {
            client.exec("ethtool", "-K", "c0", "tso", "off", "gso", "off", "tx", "off");
            server.exec("ethtool", "-K", "s0", "tso", "off", "gso", "off", "tx", "off");
        }
        final Bridge bridge = middle.call(() ->
            new Bridge(frames, AfPacketPort.open("l0", 0, frames), AfPacketPort.open("r0", 1, frames)));
        try (bridge) {
            final ServerSocket listener = server.call(() -> new ServerSocket(PORT, 1, InetAddress.getByName(address)));
            final FutureTask<String> received = new FutureTask<>(() -> Transfer.receive(listener));
            Thread.ofPlatform().start(received);
            final String sent = client.call(() -> Transfer.send(address, PORT));
            assertThat(received.get()).isEqualTo(sent);
        }
        if (offloads) {
            assertThat(bridge.superFrames()).isGreaterThan(100);
            assertThat(bridge.partialChecksums()).isGreaterThan(bridge.superFrames());
            assertThat(bridge.longest()).isGreaterThan(32_000);
        } else {
            assertThat(bridge.superFrames()).isZero();
            assertThat(bridge.partialChecksums()).isZero();
            assertThat(bridge.longest()).isLessThanOrEqualTo(1514);
        }
    }
}
