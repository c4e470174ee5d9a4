package io.sluice.dataplane.port.afxdp;

import io.sluice.dataplane.api.LaneShare;
import io.sluice.dataplane.lab.NetworkNamespace;
import io.sluice.dataplane.neighbour.OwnedTraffic;
import io.sluice.dataplane.neighbour.OwnedTraffic.LocalRange;
import io.sluice.dataplane.neighbour.RawPacket;
import io.sluice.dataplane.port.Burst;
import io.sluice.dataplane.port.EthernetBytes;
import io.sluice.dataplane.port.FrameArena;
import io.sluice.dataplane.port.Frames;
import io.sluice.dataplane.port.PacketPort;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.awaitility.Awaitility;

/**
 * Two namespaces joined by a veth pair, with a port at each end: {@code near} on n0, {@code far} on f0. UDP to 10.9.0.1 is
 * near's, to 10.9.0.2 far's.
 */
final class AfXdpPair implements AutoCloseable {
    static final int FRAMES = 512;
    static final int SPARE = 16;
    static final int RING = 64;
    static final String NEAR = "10.9.0.1";
    static final String FAR = "10.9.0.2";
    static final String NEAR_MAC = "02:00:00:00:00:0a";
    static final String FAR_MAC = "02:00:00:00:00:0b";

    final NetworkNamespace nearHost = NetworkNamespace.create("near");
    final NetworkNamespace farHost = NetworkNamespace.create("far");
    final OwnedTraffic owned = OwnedTraffic.load(List.of());
    final Frames nearFrames = frames(FRAMES);
    final Frames farFrames = frames(FRAMES);
    final Umem farUmem = new Umem(farFrames.arena(), RING);
    final SteeringProgram nearSteering = SteeringProgram.load("n0", owned.maps());
    final SteeringProgram farSteering = SteeringProgram.load("f0", owned.maps());
    final AfXdpPort near;
    AfXdpPort far;

    AfXdpPair(final int queues) {
        owned.update(List.of(), List.of(new LocalRange(address(NEAR), 1, 65_535), new LocalRange(address(FAR), 1, 65_535)));
        connect(queues);
        near = nearHost.call(() -> AfXdpPort.open("n0", 0, nearFrames, new Umem(nearFrames.arena(), RING), nearSteering, LaneShare.ALL));
        far = openFar();
    }

    static Frames frames(final int count) {
        return new Frames(FrameArena.allocate(count, FrameArena.SMALL_FRAME), SPARE);
    }

    AfXdpPort openFar() {
        return farHost.call(() -> AfXdpPort.open("f0", 7, farFrames, farUmem, farSteering, LaneShare.ALL));
    }

    /** Makes the veth pair, or makes it anew. */
    void connect(final int queues) {
        NetworkNamespace.connect(nearHost, "n0", farHost, "f0", queues);
        nearHost.exec("ip", "link", "set", "n0", "address", NEAR_MAC);
        farHost.exec("ip", "link", "set", "f0", "address", FAR_MAC);
    }

    /** A datagram to the far end; the port tells it from others. */
    static byte[] datagram(final int number, final int payloadBytes) {
        final RawPacket packet = new RawPacket(NEAR_MAC, NEAR, FAR_MAC, FAR);
        return HexFormat.of().parseHex(packet.frame(RawPacket.UDP, packet.datagram(number, payloadBytes)));
    }

    /** A datagram to the near end. */
    static byte[] answer(final int number) {
        final RawPacket packet = new RawPacket(FAR_MAC, FAR, NEAR_MAC, NEAR);
        return HexFormat.of().parseHex(packet.frame(RawPacket.UDP, packet.datagram(number, 20)));
    }

    /** Sends frames by the near port; true if all were sent. */
    boolean send(final byte[]... frames) {
        return send(near, nearFrames, frames);
    }

    static boolean send(final PacketPort port, final Frames pool, final byte[]... frames) {
        final Burst burst = new Burst();
        for (final byte[] frame : frames) {
            port.transmit(burst, EthernetBytes.add(pool, burst, frame));
        }
        return port.flush() == frames.length;
    }

    /** Polls a port until it has seen so many frames, and returns all it has seen. */
    static Burst receive(final PacketPort port, final int count) {
        final Burst burst = new Burst();
        Awaitility.await().atMost(Duration.ofSeconds(10)).pollInterval(Duration.ofMillis(1)).until(() -> {
            port.poll(burst);
            return burst.size() >= count;
        });
        return burst;
    }

    /** Frames of a burst, as bytes, which are released. */
    static List<byte[]> bytes(final Frames frames, final Burst burst) {
        final List<byte[]> all = new ArrayList<>();
        for (int i = 0; i < burst.size(); i++) {
            all.add(EthernetBytes.bytes(frames, burst, i));
            frames.release(burst.offset(i));
        }
        return all;
    }

    /** What packet threads and the control thread do, until the port is up or down. */
    void awaitFar(final boolean up) {
        Awaitility.await().atMost(Duration.ofSeconds(10)).pollInterval(Duration.ofMillis(1)).until(() -> {
            turn(far, farFrames);
            checkFar();
            return far.isUp() == up;
        });
    }

    /** What a lane does that forwards nothing. */
    static void turn(final PacketPort port, final Frames frames) {
        final Burst burst = new Burst();
        port.poll(burst);
        bytes(frames, burst);
        port.flush();
    }

    void checkFar() {
        farHost.call(() -> {
            far.checkLink();
            return null;
        });
    }

    void checkNear() {
        nearHost.call(() -> {
            near.checkLink();
            return null;
        });
    }

    static InetAddress address(final String text) {
        try {
            return InetAddress.getByName(text);
        } catch (final UnknownHostException e) {
            throw new IllegalArgumentException(e);
        }
    }

    @Override
    public void close() {
        near.close();
        far.close();
        nearSteering.close();
        farSteering.close();
        owned.close();
        nearHost.close();
        farHost.close();
    }
}
