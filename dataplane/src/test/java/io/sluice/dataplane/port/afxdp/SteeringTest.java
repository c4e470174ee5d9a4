package io.sluice.dataplane.port.afxdp;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.dataplane.api.Protocol;
import io.sluice.dataplane.neighbour.OwnedTraffic;
import io.sluice.dataplane.neighbour.OwnedTraffic.Listener;
import io.sluice.dataplane.neighbour.OwnedTraffic.LocalRange;
import io.sluice.dataplane.neighbour.RawPacket;
import io.sluice.dataplane.os.Bpf;
import io.sluice.dataplane.os.XdpSocket;
import io.sluice.dataplane.os.ffm.FfmXdpSocket;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What the program would do with frames, as the kernel runs it. */
@Tag("netns")
class SteeringTest {
    private static final String CLIENT_MAC = "02:00:00:00:01:02";
    private static final String NODE_MAC = "02:00:00:00:01:01";

    private OwnedTraffic owned;
    private Steering steering;
    private XdpSocket socket;

    @BeforeEach
    void load() {
        owned = OwnedTraffic.load(List.of());
        steering = Steering.load("lo", owned.maps());
        socket = FfmXdpSocket.open();
        steering.socket(0, socket.fileDescriptor());
        steering.hardwareAddress(HexFormat.ofDelimiter(":").parseHex(NODE_MAC));
        owned.update(
            List.of(new Listener(address("10.1.0.80"), Protocol.TCP, 80), new Listener(address("fd01::80"), Protocol.UDP, 53)),
            List.of(new LocalRange(address("10.1.0.90"), 5000, 5999), new LocalRange(address("fd01::90"), 5000, 5999)));
    }

    @AfterEach
    void unload() {
        socket.close();
        steering.close();
        owned.close();
    }

    @Test
    void shouldTakeWhatTheIngressFilterTakes() {
        assertThat(verdict("10.1.0.80", RawPacket.TCP, packet("10.1.0.80").syn(80))).isEqualTo(Bpf.XDP_REDIRECT);
    }

    private int verdict(final String destination, final int protocol, final byte[] payload) {
        return steering.verdict(HexFormat.of().parseHex(packet(destination).frame(protocol, payload)));
    }

    private static RawPacket packet(final String destination) {
        return new RawPacket(CLIENT_MAC, destination.contains(":") ? "fd01::2" : "10.1.0.2", NODE_MAC, destination);
    }

    private static InetAddress address(final String text) {
        try {
            return InetAddress.getByName(text);
        } catch (final UnknownHostException e) {
            throw new IllegalArgumentException(e);
        }
    }
}
