package io.sluice.dataplane.port.afpacket;

import io.sluice.dataplane.api.DataplaneException;
import io.sluice.dataplane.os.Errno;
import io.sluice.dataplane.os.NetworkDevice;
import io.sluice.dataplane.os.PacketSocket;
import io.sluice.dataplane.os.SystemCallException;
import io.sluice.dataplane.os.ffm.FfmNetworkDevice;
import io.sluice.dataplane.os.ffm.FfmPacketSocket;
import io.sluice.dataplane.port.Burst;
import io.sluice.dataplane.port.EthernetInterface;
import io.sluice.dataplane.port.Frames;
import io.sluice.dataplane.port.PacketPort;

/**
 * A port over a raw packet socket: packet(7).
 *
 * <p>It sees every frame that the interface receives, the host's own traffic included, and none that the host sends. The
 * kernel's own copy of each frame goes its way; that the kernel does not answer what is ours is settled elsewhere. GSO
 * super-frames and partial checksums come and go whole, if the arena's frames are as large as
 * {@link io.sluice.dataplane.port.FrameArena#SUPER_FRAME}; longer ones are dropped and counted.
 *
 * <p>An interface that is down, removed, or made anew under its old name is picked up again by {@link #checkLink}. Carrier
 * loss is not looked at: that is rtnetlink's to tell.
 */
public final class AfPacketPort implements PacketPort {
    private final String name;
    private final Frames frames;
    private final PacketSocket socket;
    private final NetworkDevice device;
    private final Link link;
    private final AfPacketReceiver receiver;
    private final AfPacketTransmitter transmitter;
    private boolean closed;

    AfPacketPort(final String name, final int index, final Frames frames, final PacketSocket socket,
                 final NetworkDevice device) {
        this.name = name;
        this.frames = frames;
        this.socket = socket;
        this.device = device;
        this.link = new Link(socket, device, name);
        this.receiver = new AfPacketReceiver(socket, link, index, frames);
        this.transmitter = new AfPacketTransmitter(socket, link, frames);
    }

    /**
     * Opens an interface of the calling thread's network namespace. The interface may be down.
     *
     * @param name   interface name
     * @param index  of this port in its lane's list of ports
     * @param frames the lane's frames; the port keeps up to 64 receive buffers for itself
     * @return an open port
     * @throws DataplaneException if the interface does not exist or is not Ethernet, if the process may not open raw
     *     sockets, or if the kernel lacks an option; the message says what to do
     */
    public static AfPacketPort open(final String name, final int index, final Frames frames) {
        return open(name, index, frames, null);
    }

    /**
     * Opens an interface as one of several lanes that share it.
     *
     * @param name   interface name
     * @param index  of this port in its lane's list of ports
     * @param frames the lane's frames; the port keeps up to 64 receive buffers for itself
     * @param fanOut deals packets out to the ports of an interface in the order in which they were opened; null if this is
     *               the only one
     * @return an open port
     * @throws DataplaneException as {@link #open(String, int, Frames)} does
     */
    public static AfPacketPort open(final String name, final int index, final Frames frames, final FanOut fanOut) {
        final PacketSocket socket = socket(name, fanOut);
        final NetworkDevice device = FfmNetworkDevice.open();
        try {
            EthernetInterface.require(device, name);
            final AfPacketPort port = new AfPacketPort(name, index, frames, socket, device);
            final int result = port.link.check();
            if (result < 0) {
                throw new DataplaneException("cannot bind the packet socket to interface " + name + ": "
                    + Errno.describe(-result) + ". See dmesg for what the kernel holds against it.");
            }
            return port;
        } catch (final DataplaneException e) {
            socket.close();
            device.close();
            throw e;
        }
    }

    @Override
    public int poll(final Burst burst) {
        return receiver.poll(burst);
    }

    @Override
    public void transmit(final Burst burst, final int i) {
        transmitter.transmit(burst, i);
    }

    @Override
    public int flush() {
        return transmitter.flush();
    }

    @Override
    public int fileDescriptor() {
        return socket.fileDescriptor();
    }

    @Override
    public boolean isUp() {
        return link.isUp();
    }

    @Override
    public void checkLink() {
        link.check();
        receiver.countDrops(socket.takeDrops());
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public String kind() {
        return "afpacket";
    }

    @Override
    public long transmitFailures() {
        return transmitter.failures();
    }

    @Override
    public long receiveFailures() {
        return receiver.failures();
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            socket.close();
            device.close();
            receiver.close(frames);
            transmitter.close();
        }
    }

    @Override
    public String toString() {
        return name + (isUp() ? " (up)" : " (down)");
    }

    private static PacketSocket socket(final String name, final FanOut fanOut) {
        try {
            return fanOut == null ? FfmPacketSocket.open() : FfmPacketSocket.openForFanOut(fanOut.program());
        } catch (final SystemCallException e) {
            throw new DataplaneException("cannot open interface " + name + ": " + e.getMessage() + ". " + remedy(e.errno()), e);
        }
    }

    private static String remedy(final int errno) {
        return switch (errno) {
            case Errno.EPERM, Errno.EACCES -> "The process lacks the capability CAP_NET_RAW: run it as root, or give it "
                + "AmbientCapabilities=CAP_NET_RAW CAP_NET_ADMIN in its systemd unit.";
            case Errno.ENOPROTOOPT -> "The kernel is too old: Linux 4.20 or newer is needed.";
            case Errno.ENOMEM -> "The kernel has no memory left for the receive ring, 8 MiB for each interface and lane.";
            case Errno.EMFILE, Errno.ENFILE -> "Raise the limit on open files (ulimit -n, LimitNOFILE).";
            default -> "Check with: strace -e trace=network";
        };
    }
}
