package io.sluice.dataplane.port.afxdp;

import io.sluice.dataplane.api.DataplaneException;
import io.sluice.dataplane.api.LaneShare;
import io.sluice.dataplane.os.NetworkDevice;
import io.sluice.dataplane.os.ReadySet;
import io.sluice.dataplane.os.SystemCallException;
import io.sluice.dataplane.os.ffm.FfmNetworkDevice;
import io.sluice.dataplane.os.ffm.FfmReadySet;
import io.sluice.dataplane.port.Burst;
import io.sluice.dataplane.port.EthernetInterface;
import io.sluice.dataplane.port.Frames;
import io.sluice.dataplane.port.PacketPort;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/**
 * A port over AF_XDP sockets, one for each receive queue of the lane's share:
 * <a href="https://docs.kernel.org/networking/af_xdp.html">AF_XDP</a>.
 *
 * <p>It sees only what the steering program gives it, which the kernel then does not see. Frames are single packets, never
 * GSO super-frames; those are counted as lost. Checksums may be partial, see {@link Checksums}.
 *
 * <p>An interface that is down, removed, made anew under its old name, or given other queues is picked up again by
 * {@link #checkLink}, which must be called by a thread of the interface's network namespace.
 */
public final class AfXdpPort implements PacketPort {
    private static final long STEP_NS = TimeUnit.MILLISECONDS.toNanos(1);
    private static final int LEAVE_WITHIN_STEPS = 300;
    /** How often a busy queue is tried again: for three seconds at the start, for a third of one when the interface is back. */
    private static final int OPEN_RETRIES = 150;
    private static final int REOPEN_RETRIES = 15;

    private final AtomicReference<Binding> binding = new AtomicReference<>();
    private final String name;
    private final Frames frames;
    private final Umem umem;
    private final SteeringProgram steering;
    private final Binder binder;
    private final NetworkDevice device;
    private final ReadySet ready;
    private final AfXdpReceiver receiver;
    private final AfXdpTransmitter transmitter;
    private Binding retired;
    private long countedDrops;
    private long toldTooLong;
    private volatile boolean up;
    private volatile String mode = "not bound yet";
    private boolean closed;

    private AfXdpPort(final String name, final int index, final Frames frames, final Umem umem, final SteeringProgram steering,
                      final LaneShare share) {
        this.name = name;
        this.frames = frames;
        this.umem = umem;
        this.steering = steering;
        this.device = FfmNetworkDevice.open();
        this.ready = FfmReadySet.open();
        this.binder = new Binder(name, device, umem, steering, share);
        this.receiver = new AfXdpReceiver(binding, index, frames, umem.ringSize());
        this.transmitter = new AfXdpTransmitter(binding, frames, () -> up = false);
    }

    /**
     * Opens an interface of the calling thread's network namespace. The interface may be down.
     *
     * @param name     interface name
     * @param index    of this port in its lane's list of ports
     * @param frames   the lane's frames
     * @param umem     the same frames, shared by all ports of the lane
     * @param steering the interface's program, shared by all lanes; it stays the caller's
     * @param share    which of the queues are the lane's
     * @return an open port
     * @throws DataplaneException if the interface, its settings or the kernel do not allow it; the message says what to do
     */
    public static AfXdpPort open(final String name, final int index, final Frames frames, final Umem umem, final SteeringProgram steering,
                                 final LaneShare share) {
        final AfXdpPort port = new AfXdpPort(name, index, frames, umem, steering, share);
        try {
            EthernetInterface.require(port.device, name);
            port.binder.requireSockets();
            port.check(OPEN_RETRIES);
            return port;
        } catch (final DataplaneException e) {
            port.close();
            throw e;
        }
    }

    /**
     * Looks at an interface of the calling thread's network namespace without touching it.
     *
     * @param name interface name
     * @throws DataplaneException if there is no such interface, or it is of a kind that can not be opened
     */
    public static void check(final String name) {
        try (NetworkDevice device = FfmNetworkDevice.open()) {
            EthernetInterface.require(device, name);
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
        return ready.fileDescriptor();
    }

    @Override
    public boolean isUp() {
        return up;
    }

    @Override
    public synchronized void checkLink() {
        if (!closed) {
            check(REOPEN_RETRIES);
            countDrops();
            tellOfSuperFrames();
        }
    }

    @Override
    public String detail() {
        return mode;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public String kind() {
        return "afxdp";
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
    public synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        up = false;
        final Binding last = binding.getAndSet(null);
        if (retired != null) {
            retired.closeSockets(umem);
        }
        if (last != null) {
            last.closeSockets(umem);
        }
        receiver.close(frames);
        transmitter.close();
        ready.close();
        device.close();
    }

    @Override
    public String toString() {
        return name + (isUp() ? " (up)" : " (down)");
    }

    private void check(final int busyRetries) {
        final int found = device.index(name);
        final int flags = device.flags(name);
        final boolean usable = found > 0 && flags > 0 && (flags & NetworkDevice.IFF_UP) != 0
            && device.linkType(name) == NetworkDevice.ARPHRD_ETHER;
        final Binding now = binding.get();
        if (now != null && (!usable || now.interfaceIndex() != found || now.deviceQueues() != device.receiveQueues(name))) {
            retire(now);
        }
        if (!hasRetired() || !usable) {
            up = false;
            return;
        }
        try {
            binder.requireFittingPackets();
            steering.hardwareAddress(device.mac(name));
            if (binding.get() == null) {
                bind(found, busyRetries);
            }
            binding.get().longestFrame(binder.longestFrame());
            up = true;
        } catch (final DataplaneException e) {
            up = false;
            throw e;
        }
    }

    private void bind(final int interfaceIndex, final int busyRetries) {
        final Binding fresh = binder.bind(interfaceIndex, busyRetries);
        try {
            for (final XskQueue queue : fresh.queues()) {
                ready.add(queue.socket().fileDescriptor());
                steering.socket(queue.number(), queue.socket().fileDescriptor());
            }
        } catch (final DataplaneException | SystemCallException e) {
            fresh.closeSockets(umem);
            throw e instanceof DataplaneException refused ? refused : new DataplaneException(e.getMessage(), e);
        }
        fresh.longestFrame(binder.longestFrame());
        mode = binder.describe(fresh);
        countedDrops = 0;
        binding.set(fresh);
    }

    private void retire(final Binding old) {
        up = false;
        countDrops();
        retired = old;
        binding.set(null);
    }

    /**
     * Whether nothing is left of a former binding. The packet threads are given a moment to let go of it; when they do not
     * run, the next check goes on.
     */
    private boolean hasRetired() {
        if (retired == null) {
            return true;
        }
        if (!retired.isClosed()) {
            if (!await(() -> !retired.isInUse())) {
                return false;
            }
            retired.closeSockets(umem);
            if (!retired.settle()) {
                return false;
            }
        }
        if (!await(retired::isFree)) {
            return false;
        }
        retired = null;
        return true;
    }

    private static boolean await(final BooleanSupplier condition) {
        for (int step = 0; step < LEAVE_WITHIN_STEPS; step++) {
            if (condition.getAsBoolean()) {
                return true;
            }
            LockSupport.parkNanos(STEP_NS);
        }
        return condition.getAsBoolean();
    }

    private void countDrops() {
        final Binding now = binding.get();
        if (now == null) {
            return;
        }
        long drops = 0;
        for (final XskQueue queue : now.queues()) {
            drops += queue.socket().drops();
        }
        receiver.countDrops(drops - countedDrops);
        countedDrops = drops;
    }

    private void tellOfSuperFrames() {
        final long tooLong = receiver.tooLong();
        if (tooLong != toldTooLong) {
            toldTooLong = tooLong;
            throw new DataplaneException("interface " + name + " receives packets longer than its MTU, which are dropped and counted"
                + " (port.receive_failures): they were to be cut by hardware that AF_XDP has no part in. Turn that off where they"
                + " are sent (ethtool -K INTERFACE tso off gso off) and where they are merged (ethtool -K " + name
                + " lro off), or set dataplane.port: af_packet.");
        }
    }
}
