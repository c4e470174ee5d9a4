package io.sluice.dataplane;

import io.sluice.dataplane.os.NetworkDevice;
import io.sluice.dataplane.os.ffm.FfmNetworkDevice;
import io.sluice.dataplane.port.FrameArena;
import io.sluice.dataplane.port.Frames;
import io.sluice.dataplane.port.PacketPort;
import io.sluice.dataplane.port.afpacket.AfPacketPort;
import io.sluice.dataplane.port.afxdp.AfXdpPort;
import io.sluice.dataplane.port.afxdp.LaneShare;
import io.sluice.dataplane.port.afxdp.Steering;
import io.sluice.dataplane.port.afxdp.Umem;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Opens the ports of each lane, in the kind that was chosen, with frames that suit them. What lanes share (an interface's
 * steering program) belongs to this and is closed after all ports.
 *
 * <p>Control thread, of the network namespace of the interfaces.
 */
final class PortOpener implements AutoCloseable {
    /** Frames that are neither in a fill ring nor free: in bursts, and on their way out. */
    private static final int IN_FLIGHT = 2048;
    private static final int LONGEST_RING = 4096;

    private final List<String> interfaces;
    private final boolean afXdp;
    private final int receiveFrames;
    private final int spareFrames;
    private final Map<String, Steering> steering = new LinkedHashMap<>();

    /**
     * For all lanes.
     *
     * @param interfaces    in the order of the port indexes
     * @param afXdp         the kind: AF_XDP or else AF_PACKET
     * @param receiveFrames as configured
     * @param spareFrames   of each lane, for packets of our own making
     */
    PortOpener(final List<String> interfaces, final boolean afXdp, final int receiveFrames, final int spareFrames) {
        this.interfaces = interfaces;
        this.afXdp = afXdp;
        this.receiveFrames = receiveFrames;
        this.spareFrames = spareFrames;
    }

    /**
     * The ports of one lane.
     *
     * @param frames of the lane
     * @param ports  one for each interface
     */
    record LanePorts(Frames frames, List<PacketPort> ports) {
    }

    /**
     * Opens a lane's ports. If one of them can not be opened, none is.
     *
     * @param share which lane of how many
     * @param owned maps that say what is ours, see {@link io.sluice.dataplane.neighbour.OwnedTraffic#maps}
     * @return the lane's ports and frames
     * @throws io.sluice.dataplane.api.DataplaneException with the next step
     */
    LanePorts open(final LaneShare share, final Map<String, Integer> owned) {
        final List<PacketPort> ports = new ArrayList<>();
        try {
            return afXdp ? openAfXdp(share, owned, ports) : openAfPacket(ports);
        } catch (final RuntimeException e) {
            ports.forEach(PacketPort::close);
            throw e;
        }
    }

    private LanePorts openAfPacket(final List<PacketPort> ports) {
        final Frames frames = new Frames(FrameArena.allocate(receiveFrames + spareFrames, FrameArena.SUPER_FRAME), spareFrames);
        for (final String name : interfaces) {
            ports.add(AfPacketPort.open(name, ports.size(), frames));
        }
        return new LanePorts(frames, ports);
    }

    private LanePorts openAfXdp(final LaneShare share, final Map<String, Integer> owned, final List<PacketPort> ports) {
        interfaces.forEach(AfXdpPort::check);
        final int ring = Math.min(LONGEST_RING, Integer.highestOneBit(receiveFrames));
        final int count = queues(share) * ring + Math.max(ring, IN_FLIGHT) + spareFrames;
        final Frames frames = new Frames(FrameArena.allocate(count, FrameArena.SMALL_FRAME), spareFrames);
        final Umem umem = new Umem(frames.arena(), ring);
        for (final String name : interfaces) {
            final Steering program = steering.computeIfAbsent(name, fresh -> Steering.load(fresh, owned));
            ports.add(AfXdpPort.open(name, ports.size(), frames, umem, program, share));
        }
        return new LanePorts(frames, ports);
    }

    private int queues(final LaneShare share) {
        try (NetworkDevice device = FfmNetworkDevice.open()) {
            return interfaces.stream().mapToInt(name -> share.count(device.receiveQueues(name))).sum();
        }
    }

    /** Takes the steering programs off. All ports are closed. */
    @Override
    public void close() {
        steering.values().forEach(Steering::close);
        steering.clear();
    }
}
