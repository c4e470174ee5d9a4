package io.sluice.dataplane.port.afpacket;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.dataplane.lab.NetworkNamespace;
import io.sluice.dataplane.port.FrameArena;
import io.sluice.dataplane.port.Frames;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Random;
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
    private static final int TOTAL = 50 << 20;
    private static final int PORT = 5001;
    private static final int TIMEOUT_MS = 30_000;

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
            final FutureTask<String> received = new FutureTask<>(() -> receive(listener));
            Thread.ofPlatform().start(received);
            final String sent = client.call(() -> send(address));
            assertThat(received.get()).isEqualTo(sent);
        }
        if (offloads) {
            assertThat(bridge.superFrames).isGreaterThan(100);
            assertThat(bridge.partialChecksums).isGreaterThan(bridge.superFrames);
            assertThat(bridge.longest).isGreaterThan(32_000);
        } else {
            assertThat(bridge.superFrames).isZero();
            assertThat(bridge.partialChecksums).isZero();
            assertThat(bridge.longest).isLessThanOrEqualTo(1514);
        }
    }

    private static String receive(final ServerSocket listener) throws IOException, NoSuchAlgorithmException {
        try (listener; Socket connection = listener.accept()) {
            connection.setSoTimeout(TIMEOUT_MS);
            final MessageDigest digest = MessageDigest.getInstance("SHA-256");
            final byte[] buffer = new byte[1 << 16];
            for (int n = connection.getInputStream().read(buffer); n > 0; n = connection.getInputStream().read(buffer)) {
                digest.update(buffer, 0, n);
            }
            return HexFormat.of().formatHex(digest.digest());
        }
    }

    private static String send(final String address) throws IOException, NoSuchAlgorithmException {
        try (Socket connection = new Socket()) {
            connection.connect(new InetSocketAddress(address, PORT), TIMEOUT_MS);
            final MessageDigest digest = MessageDigest.getInstance("SHA-256");
            final OutputStream out = connection.getOutputStream();
            final Random random = new Random(42);
            final byte[] buffer = new byte[1 << 18];
            for (int sent = 0; sent < TOTAL; sent += buffer.length) {
                random.nextBytes(buffer);
                digest.update(buffer);
                out.write(buffer);
            }
            return HexFormat.of().formatHex(digest.digest());
        }
    }
}
