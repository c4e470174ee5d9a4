package io.sluice.dataplane.port.afxdp;

import io.sluice.dataplane.api.DataplaneException;
import io.sluice.dataplane.api.LaneShare;
import io.sluice.dataplane.os.Errno;
import io.sluice.dataplane.os.NetdevFamily;
import io.sluice.dataplane.os.NetlinkException;
import io.sluice.dataplane.os.NetworkDevice;
import io.sluice.dataplane.os.SystemCallException;
import io.sluice.dataplane.os.XdpSocket;
import io.sluice.dataplane.os.ffm.FfmXdpSocket;
import io.sluice.dataplane.os.ffm.NetlinkSocket;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** Binds sockets to the queues of an interface, in the best way that it has: zero-copy, else copying. Control thread. */
final class Binder {
    private static final int ETHERNET_AND_VLAN = 14 + 4;
    private static final int LONGEST_MTU = Umem.LONGEST_FRAME - ETHERNET_AND_VLAN;
    private static final long BUSY_STEP_NS = TimeUnit.MILLISECONDS.toNanos(20);

    private final String name;
    private final NetworkDevice device;
    private final Umem umem;
    private final SteeringProgram steering;
    private final LaneShare share;

    Binder(final String name, final NetworkDevice device, final Umem umem, final SteeringProgram steering, final LaneShare share) {
        this.name = name;
        this.device = device;
        this.umem = umem;
        this.steering = steering;
        this.share = share;
    }

    /** Throws if this process can have no AF_XDP sockets; before anything is attached to the interface. */
    void requireSockets() {
        try (XdpSocket socket = FfmXdpSocket.open()) {
            assert socket.fileDescriptor() >= 0;
        } catch (final SystemCallException e) {
            throw refused(e);
        }
    }

    /** Throws if packets may come in that do not fit in a frame, or are several merged into one. */
    void requireFittingPackets() {
        final int mtu = device.mtu(name);
        if (mtu > LONGEST_MTU) {
            throw new DataplaneException("the MTU of interface " + name + " is " + mtu + ", but frames of AF_XDP hold packets of up to "
                + LONGEST_MTU + " bytes. Lower it (ip link set dev " + name + " mtu 1500), or set dataplane.port: af_packet.");
        }
        if (device.isMergingReceived(name)) {
            throw new DataplaneException("interface " + name + " merges received packets (large receive offload), which then can not be"
                + " forwarded. Turn it off: ethtool -K " + name + " lro off; or set dataplane.port: af_packet.");
        }
    }

    /** Bytes of the longest frame that is one packet. */
    int longestFrame() {
        return Math.clamp(device.mtu(name), 0, LONGEST_MTU) + ETHERNET_AND_VLAN;
    }

    /**
     * Attaches the program and binds the lane's queues.
     *
     * @param interfaceIndex the interface as it is now
     * @param busyRetries    how often to try, 20 ms apart, to get a queue that a former owner has not quite given up
     * @throws DataplaneException if the kernel refuses, with the next step
     */
    Binding bind(final int interfaceIndex, final int busyRetries) {
        final int deviceQueues = device.receiveQueues(name);
        final int count = share.count(deviceQueues);
        if (count < 1) {
            throw new DataplaneException("interface " + name + " has " + deviceQueues + " receive queues, too few for " + share.lanes()
                + " lanes. Use fewer lanes, or more queues: ethtool -L " + name + " combined " + share.lanes() + ".");
        }
        final NetworkDevice.Driver driver = device.driver(name);
        if (!driver.bus().isEmpty()) {
            // Frames of a VLAN are the kernel's, and the program knows them by their tag.
            device.leaveVlanTags(name);
        }
        steering.attach(interfaceIndex);
        final boolean offloads = fillsInChecksums(interfaceIndex);
        final XskQueue[] queues = new XskQueue[count];
        try {
            boolean zeroCopy = !steering.isGeneric();
            for (int i = 0; i < count; i++) {
                queues[i] = bindQueue(interfaceIndex, share.number(i), zeroCopy, offloads, busyRetries);
                zeroCopy = queues[i].zeroCopy();
            }
            return new Binding(interfaceIndex, deviceQueues, queues, driver);
        } catch (final SystemCallException e) {
            for (final XskQueue queue : queues) {
                if (queue != null) {
                    umem.close(queue);
                }
            }
            throw refused(e);
        }
    }

    private DataplaneException refused(final SystemCallException e) {
        return new DataplaneException("cannot open interface " + name + " for AF_XDP: " + e.getMessage() + ". " + remedy(e.errno()), e);
    }

    private XskQueue bindQueue(final int interfaceIndex, final int queue, final boolean zeroCopyFirst, final boolean offloads,
                               final int busyRetries) {
        boolean zeroCopy = zeroCopyFirst;
        int retries = busyRetries;
        while (true) {
            try {
                return umem.bind(interfaceIndex, queue, zeroCopy, offloads);
            } catch (final SystemCallException e) {
                if (zeroCopy && (e.errno() == Errno.EOPNOTSUPP || e.errno() == Errno.EINVAL)) {
                    zeroCopy = false;
                } else if (e.errno() != Errno.EBUSY || retries-- == 0) {
                    throw e;
                } else {
                    LockSupport.parkNanos(BUSY_STEP_NS);
                }
            }
        }
    }

    private static boolean fillsInChecksums(final int interfaceIndex) {
        try (NetdevFamily netdev = new NetdevFamily(NetlinkSocket.openGeneric())) {
            final NetdevFamily.Features features = netdev.features(interfaceIndex);
            return features != null && (features.xsk() & NetdevFamily.XSK_TX_CHECKSUM) != 0;
        } catch (final NetlinkException e) {
            // Then they are completed in software, which is never wrong.
            return false;
        }
    }

    /** For the status. */
    String describe(final Binding bound) {
        final int count = bound.queues().length;
        return (steering.isGeneric() ? "generic mode" : "native mode") + (bound.transmitQueue().zeroCopy() ? ", zero-copy, " : ", copy, ")
            + count + (count == 1 ? " queue" : " queues");
    }

    private String remedy(final int errno) {
        return switch (errno) {
            case Errno.EBUSY -> "Another process has an AF_XDP socket on this queue: end it. Shortly after a restart the kernel may"
                + " still be giving up the old one; it was waited for.";
            case Errno.ENOBUFS -> "The limit on locked memory is too low: give the process CAP_IPC_LOCK, or raise the limit (ulimit -l,"
                + " LimitMEMLOCK=infinity); or lower dataplane.receiveFrames.";
            case Errno.ENOMEM -> "The kernel has not enough memory for it: lower dataplane.receiveFrames.";
            case Errno.EPERM, Errno.EACCES -> "It needs CAP_NET_RAW: start Sluice as root, or give it AmbientCapabilities=CAP_NET_RAW"
                + " CAP_NET_ADMIN CAP_BPF CAP_PERFMON CAP_IPC_LOCK in its systemd unit.";
            case Errno.EAFNOSUPPORT -> "This kernel has no AF_XDP (CONFIG_XDP_SOCKETS). Set dataplane.port: af_packet.";
            case Errno.EMFILE, Errno.ENFILE -> "Raise the limit on open files (ulimit -n, LimitNOFILE).";
            default -> "dmesg may say more. Otherwise set dataplane.port: af_packet.";
        };
    }
}
