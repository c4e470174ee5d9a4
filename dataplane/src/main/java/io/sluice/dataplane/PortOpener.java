package io.sluice.dataplane;

import io.sluice.dataplane.api.DataplaneException;
import io.sluice.dataplane.api.LaneShare;
import io.sluice.dataplane.classify.LaneHash;
import io.sluice.dataplane.os.NetworkDevice;
import io.sluice.dataplane.os.ffm.FfmNetworkDevice;
import io.sluice.dataplane.port.FrameArena;
import io.sluice.dataplane.port.Frames;
import io.sluice.dataplane.port.PacketPort;
import io.sluice.dataplane.port.afpacket.AfPacketPort;
import io.sluice.dataplane.port.afpacket.FanOut;
import io.sluice.dataplane.port.afxdp.AfXdpPort;
import io.sluice.dataplane.port.afxdp.SteeringProgram;
import io.sluice.dataplane.port.afxdp.Umem;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Opens the ports of each lane, in the kind that was chosen, with frames that suit them. What lanes share (an interface's
 * steering program, the fan-out program) belongs to this and is closed after all ports.
 *
 * <p>Control thread, of the network namespace of the interfaces.
 */
final class PortOpener implements AutoCloseable {
    private static final int SPARE_FRAMES = 256;
    /** Frames that are neither in a fill ring nor free: in bursts, and on their way out. */
    private static final int IN_FLIGHT = 2048;
    private static final int LONGEST_RING = 4096;

    private final List<String> interfaces;
    private final int receiveFrames;
    private final boolean afXdp;
    private final int lanes;
    private final Map<String, Integer> owned;
    private final Map<String, SteeringProgram> steering = new LinkedHashMap<>();
    private FanOut fanOut;

    /**
     * For all lanes.
     *
     * @param config interfaces, in the order of the port indexes, and receive frames
     * @param afXdp  the kind: AF_XDP or else AF_PACKET
     * @param lanes  how many
     * @param owned  maps that say what is ours, see {@link io.sluice.dataplane.neighbour.OwnedTraffic#maps}
     */
    PortOpener(final DataplaneConfig config, final boolean afXdp, final int lanes, final Map<String, Integer> owned) {
        this.interfaces = config.interfaces();
        this.receiveFrames = config.receiveFrames();
        this.afXdp = afXdp;
        this.lanes = lanes;
        this.owned = owned;
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
     * How many lanes AF_XDP can have: each needs a receive queue of every interface for itself.
     *
     * @param config what is asked for
     * @return lanes, 1 or more
     * @throws DataplaneException if more are asked for
     */
    static int lanesByQueues(final DataplaneConfig config) {
        final int wanted = Lanes.count(config);
        try (NetworkDevice device = FfmNetworkDevice.open()) {
            int possible = wanted;
            for (final String name : config.interfaces()) {
                final int queues = Math.max(1, device.receiveQueues(name));
                if (queues < wanted && config.lanes() != DataplaneConfig.AUTOMATIC) {
                    throw new DataplaneException("dataplane.lanes: " + wanted + " lanes need as many receive queues on every interface,"
                        + " and " + name + " has " + queues + ". Use fewer lanes, give it more queues (ethtool -L " + name
                        + "), or set dataplane.port: af_packet.");
                }
                possible = Math.min(possible, queues);
            }
            return possible;
        }
    }

    /**
     * Opens the ports of all lanes.
     *
     * @param hash   deals flows out to lanes
     * @param opened gets frames and ports of each lane, also of those that were opened before one could not be
     * @throws DataplaneException with the next step
     */
    void open(final LaneHash hash, final List<LanePorts> opened) {
        if (!afXdp && lanes > 1) {
            fanOut = FanOut.load(owned, hash.key(), lanes);
        }
        for (int lane = 0; lane < lanes; lane++) {
            final List<PacketPort> ports = new ArrayList<>();
            try {
                opened.add(afXdp ? openAfXdp(new LaneShare(lane, lanes), ports) : openAfPacket(ports));
            } catch (final RuntimeException e) {
                ports.forEach(PacketPort::close);
                throw e;
            }
        }
    }

    private LanePorts openAfPacket(final List<PacketPort> ports) {
        final Frames frames = new Frames(FrameArena.allocate(receiveFrames + SPARE_FRAMES, FrameArena.SUPER_FRAME), SPARE_FRAMES);
        for (final String name : interfaces) {
            ports.add(AfPacketPort.open(name, ports.size(), frames, fanOut));
        }
        return new LanePorts(frames, ports);
    }

    private LanePorts openAfXdp(final LaneShare share, final List<PacketPort> ports) {
        interfaces.forEach(AfXdpPort::check);
        final int ring = Math.min(LONGEST_RING, Integer.highestOneBit(receiveFrames));
        final int count = queues(share) * ring + Math.max(ring, IN_FLIGHT) + SPARE_FRAMES;
        final Frames frames = new Frames(FrameArena.allocate(count, FrameArena.SMALL_FRAME), SPARE_FRAMES);
        final Umem umem = new Umem(frames.arena(), ring);
        for (final String name : interfaces) {
            final SteeringProgram program = steering.computeIfAbsent(name, fresh -> SteeringProgram.load(fresh, owned));
            ports.add(AfXdpPort.open(name, ports.size(), frames, umem, program, share));
        }
        return new LanePorts(frames, ports);
    }

    private int queues(final LaneShare share) {
        try (NetworkDevice device = FfmNetworkDevice.open()) {
            return interfaces.stream().mapToInt(name -> share.count(device.receiveQueues(name))).sum();
        }
    }

    /** Takes the programs off. All ports are closed. */
    @Override
    public void close() {
        steering.values().forEach(SteeringProgram::close);
        steering.clear();
        if (fanOut != null) {
            fanOut.close();
        }
    }
}
