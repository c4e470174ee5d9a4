package io.sluice.dataplane.port.afpacket;

import static io.sluice.dataplane.port.EthernetBytes.EXPERIMENTAL;

import io.sluice.dataplane.lab.NetworkNamespace;
import io.sluice.dataplane.port.Burst;
import io.sluice.dataplane.port.EthernetBytes;
import io.sluice.dataplane.port.FrameArena;
import io.sluice.dataplane.port.Frames;
import io.sluice.dataplane.port.PacketPort;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.awaitility.Awaitility;

/** Two namespaces joined by a veth pair, with a port at each end: {@code near} on n0, {@code far} on f0. */
final class AfPacketPair implements AutoCloseable {
    static final int FRAMES = 256;

    final NetworkNamespace nearHost;
    final NetworkNamespace farHost;
    final Frames nearFrames = new Frames(FrameArena.allocate(FRAMES, FrameArena.SUPER_FRAME), 16);
    final Frames farFrames = new Frames(FrameArena.allocate(FRAMES, FrameArena.SUPER_FRAME), 16);
    final AfPacketPort near;
    final AfPacketPort far;

    AfPacketPair() {
        nearHost = quiet("near");
        farHost = quiet("far");
        NetworkNamespace.connect(nearHost, "n0", farHost, "f0");
        near = nearHost.call(() -> AfPacketPort.open("n0", 0, nearFrames));
        far = farHost.call(() -> AfPacketPort.open("f0", 7, farFrames));
    }

    /** A namespace that sends nothing by itself. */
    static NetworkNamespace quiet(final String role) {
        final NetworkNamespace namespace = NetworkNamespace.create(role);
        namespace.exec("sysctl", "-qw", "net.ipv6.conf.all.disable_ipv6=1", "net.ipv6.conf.default.disable_ipv6=1");
        return namespace;
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

    /** Polls the far port until it has seen so many frames of the experimental ethertype, and returns all it has seen. */
    Burst receive(final int count) {
        final Burst burst = new Burst();
        Awaitility.await().atMost(Duration.ofSeconds(10)).pollInterval(Duration.ofMillis(1)).until(() -> {
            far.poll(burst);
            return burst.size() >= count;
        });
        return burst;
    }

    /** Frames of a burst, as bytes, which are released. */
    List<byte[]> bytes(final Burst burst) {
        final List<byte[]> all = new ArrayList<>();
        for (int i = 0; i < burst.size(); i++) {
            if (EthernetBytes.etherType(farFrames, burst, i) == EXPERIMENTAL) {
                all.add(EthernetBytes.bytes(farFrames, burst, i));
            }
            farFrames.release(burst.offset(i));
        }
        return all;
    }

    @Override
    public void close() {
        near.close();
        far.close();
        nearHost.close();
        farHost.close();
    }
}
