package io.sluice.dataplane.neighbour;

import io.sluice.dataplane.neighbour.FibInputs.PortLink;
import io.sluice.dataplane.neighbour.Neighbour.Hop;
import io.sluice.dataplane.os.Netlink;
import io.sluice.dataplane.os.NetlinkException;
import io.sluice.dataplane.os.NetlinkMessages;
import io.sluice.dataplane.os.Rtnetlink;
import io.sluice.dataplane.os.RtnetlinkClient;
import io.sluice.dataplane.os.ffm.NetlinkSocket;
import io.sluice.dataplane.wire.Address;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.agrona.concurrent.UnsafeBuffer;
import org.agrona.concurrent.ringbuffer.ManyToOneRingBuffer;
import org.agrona.concurrent.ringbuffer.RingBufferDescriptor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The {@link Fib} as the kernel has it now, and the way to make the kernel resolve neighbours.
 *
 * <pre>
 *   kernel --notifications--> [ thread sluice-fib ] --release store--> Fib --> lanes
 *          &lt;----dumps-------        |      ^
 *          &lt;--NTF_USE--------------+      +--- want: ring of addresses --- lanes
 * </pre>
 *
 * <p>A notification only says which kind of table is stale; the thread then reads that kind whole. Bursts are gathered, and
 * after each reading the thread pauses twice as long as it took (4 to 500 ms): a storm of changes delays news a little and
 * costs part of a core.
 *
 * <p>Only the main and the local table count; policy routing and VRFs are not followed. A snapshot is published only when
 * something that matters to packets has changed.
 */
public final class KernelFib implements FibSource, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(KernelFib.class);
    private static final int[] GROUPS = {
        Rtnetlink.RTNLGRP_LINK, Rtnetlink.RTNLGRP_NEIGH, Rtnetlink.RTNLGRP_IPV4_IFADDR, Rtnetlink.RTNLGRP_IPV6_IFADDR,
        Rtnetlink.RTNLGRP_IPV4_ROUTE, Rtnetlink.RTNLGRP_IPV6_ROUTE};
    private static final long SETTLE_NS = TimeUnit.MILLISECONDS.toNanos(1);
    private static final long MIN_PAUSE_NS = TimeUnit.MILLISECONDS.toNanos(4);
    private static final long MAX_PAUSE_NS = TimeUnit.MILLISECONDS.toNanos(500);
    private static final int PAUSE_PER_READ = 2;
    private static final long TICK_NS = TimeUnit.SECONDS.toNanos(1);
    private static final long READ_ALL_EVERY_NS = TimeUnit.SECONDS.toNanos(60);
    private static final int MAX_NOTIFICATIONS = 4_096;
    private static final int WANT_RING_BYTES = 64 << 10;
    private static final int WANT_LENGTH = 16;
    private static final int WANT_TYPE = 1;

    private final List<PortInterface> portInterfaces;
    private final Runnable onChange;
    private final Netlink notifications;
    private final RtnetlinkClient requests;
    private final KernelTables tables;
    private final NeighbourKeeper keeper;
    private final ManyToOneRingBuffer wants =
        new ManyToOneRingBuffer(new UnsafeBuffer(ByteBuffer.allocateDirect(WANT_RING_BYTES + RingBufferDescriptor.TRAILER_LENGTH)));
    private final NetlinkMessages messages = new NetlinkMessages();
    private final AtomicBoolean closed = new AtomicBoolean();
    private final Thread thread;

    private volatile CompiledFib current;
    private volatile KernelView view;
    private volatile List<InetAddress> watched = List.of();
    private volatile long overruns;
    private volatile long reads;
    private volatile String trouble = "";

    // Of the thread only.
    private FibInputs inputs;
    private List<Route> compiledRoutes;
    private int stale;
    private long staleSinceNs;
    private long mayReadAtNs;
    private long readAllAtNs;
    private long tickAtNs;

    private KernelFib(final List<PortInterface> portInterfaces, final Runnable onChange, final int receiveBufferBytes) {
        this.portInterfaces = List.copyOf(portInterfaces);
        this.onChange = onChange;
        this.notifications = NetlinkSocket.open(receiveBufferBytes);
        this.requests = new RtnetlinkClient(NetlinkSocket.open(NetlinkSocket.DEFAULT_RECEIVE_BUFFER));
        this.tables = new KernelTables(requests);
        this.keeper = new NeighbourKeeper(requests);
        this.thread = Thread.ofPlatform().daemon().name("sluice-fib").unstarted(this::run);
    }

    /**
     * Reads everything once and starts following changes, in the calling thread's network namespace.
     *
     * @param ports    the node's ports; an interface need not exist yet
     * @param onChange called by the following thread after a snapshot was published or a link changed; must be quick
     * @return a source whose first snapshot is complete
     * @throws NetlinkException if the kernel refuses
     */
    public static KernelFib open(final List<PortInterface> ports, final Runnable onChange) {
        return open(ports, onChange, NetlinkSocket.DEFAULT_RECEIVE_BUFFER);
    }

    /** With a smaller queue for notifications, to be overrun by a test. */
    static KernelFib open(final List<PortInterface> ports, final Runnable onChange, final int receiveBufferBytes) {
        final KernelFib fib = new KernelFib(ports, onChange, receiveBufferBytes);
        try {
            for (final int group : GROUPS) {
                fib.notifications.join(group);
            }
            fib.refresh(KernelTables.ALL);
        } catch (final NetlinkException e) {
            fib.notifications.close();
            fib.requests.close();
            throw e;
        }
        fib.thread.start();
        return fib;
    }

    @Override
    public Fib current() {
        return current;
    }

    @Override
    public void want(final long high, final long low) {
        final int index = wants.tryClaim(WANT_TYPE, WANT_LENGTH);
        if (index > 0) {
            wants.buffer().putLong(index, high);
            wants.buffer().putLong(index + Long.BYTES, low);
            wants.commit(index);
            notifications.wakeUp();
        }
    }

    /**
     * Sets the destinations whose next hops are to be resolved at all times, such as backends. Any thread.
     *
     * @param addresses replace those of the last call
     */
    public void watch(final Collection<InetAddress> addresses) {
        watched = List.copyOf(addresses);
        for (final InetAddress address : addresses) {
            want(Address.high(address), Address.low(address));
        }
    }

    /**
     * How packets to an address leave, or why they do not, for people. Any thread.
     *
     * @param address destination
     * @return one line, such as {@code via 10.2.0.1 dev eth1, neighbour 52:54:00:12:34:56 STALE, mtu 1500}
     */
    public String describe(final InetAddress address) {
        return view.describe(Address.high(address), Address.low(address));
    }

    /**
     * Times that notifications were lost and everything was read anew. Any thread.
     *
     * @return count
     */
    public long overruns() {
        return overruns;
    }

    /**
     * Times that tables were read. Any thread.
     *
     * @return count
     */
    public long reads() {
        return reads;
    }

    /**
     * Why the snapshot may be out of date. Any thread.
     *
     * @return the last failure, empty while all is well
     */
    public String trouble() {
        return trouble;
    }

    /** Stops following. Lanes may go on using the last snapshot. */
    @Override
    public void close() {
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        notifications.wakeUp();
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (final InterruptedException e) {
                interrupted = true;
            }
        }
        notifications.close();
        requests.close();
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        tickAtNs = System.nanoTime();
        readAllAtNs = tickAtNs + READ_ALL_EVERY_NS;
        while (!closed.get()) {
            try {
                doWork();
            } catch (final NetlinkException e) {
                failed(e);
            } catch (final RuntimeException e) {
                // Not expected, but lanes depend on this thread more than on one bad table.
                LOG.error("routes and neighbours could not be read", e);
                failed(e);
            }
        }
    }

    private void doWork() {
        notifications.await(timeoutMs(System.nanoTime()));
        readNotifications();
        final long nowNs = System.nanoTime();
        refreshIfDue(nowNs);
        wants.read((type, buffer, index, length) -> wanted(buffer.getLong(index), buffer.getLong(index + Long.BYTES), nowNs));
        if (nowNs - tickAtNs >= 0) {
            tickAtNs = nowNs + TICK_NS;
            tick(nowNs);
        }
    }

    private int timeoutMs(final long nowNs) {
        final long dueNs = stale == 0 ? tickAtNs : Math.min(tickAtNs - nowNs, readAtNs() - nowNs) + nowNs;
        return Math.clamp((dueNs - nowNs + 999_999) / 1_000_000, 0, 1_000);
    }

    private long readAtNs() {
        final long settledNs = staleSinceNs + SETTLE_NS;
        return settledNs - mayReadAtNs > 0 ? settledNs : mayReadAtNs;
    }

    private void readNotifications() {
        int kinds = 0;
        int received = notifications.receive();
        // Bounded, so that a storm of changes cannot keep this thread from reading tables and answering wants.
        for (int i = 0; received != 0 && i < MAX_NOTIFICATIONS; i++) {
            if (received == Netlink.OVERRUN) {
                overruns = overruns + 1;
                kinds = KernelTables.ALL;
            } else {
                messages.over(notifications.buffer(), received);
                while (messages.next()) {
                    kinds |= KernelTables.staleAfter(messages.type());
                }
            }
            received = notifications.receive();
        }
        markStale(kinds, System.nanoTime());
    }

    private void markStale(final int kinds, final long nowNs) {
        if (stale == 0 && kinds != 0) {
            staleSinceNs = nowNs;
        }
        stale |= kinds;
    }

    private void refreshIfDue(final long nowNs) {
        if (nowNs - readAllAtNs >= 0) {
            readAllAtNs = nowNs + READ_ALL_EVERY_NS;
            markStale(KernelTables.ALL, nowNs);
        }
        if (stale != 0 && nowNs - readAtNs() >= 0) {
            final int kinds = stale;
            stale = 0;
            trouble = "";
            refresh(kinds);
            final long endNs = System.nanoTime();
            mayReadAtNs = endNs + Math.clamp(PAUSE_PER_READ * (endNs - nowNs), MIN_PAUSE_NS, MAX_PAUSE_NS);
        }
    }

    private void refresh(final int kinds) {
        final Map<Integer, Link> linksBefore = tables.links();
        tables.read(kinds);
        reads = reads + 1;
        final boolean linksChanged = linksBefore != tables.links();
        if (tables.routes() != compiledRoutes || linksChanged) {
            compiledRoutes = tables.routes();
            view = new KernelView(tables.links(), ports(), tables.neighbours(), RouteTable.of(compiledRoutes, this::isUp));
        } else {
            view = new KernelView(tables.links(), view.ports(), tables.neighbours(), view.routes());
        }
        final FibInputs fresh = view.inputs();
        final boolean publish = !fresh.equals(inputs);
        if (publish) {
            if (current != null) {
                current.takeUsed(hop -> keeper.use(hop, millis(System.nanoTime())));
            }
            inputs = fresh;
            current = FibCompiler.compile(current == null ? 1 : current.generation() + 1, fresh);
        }
        if (publish || linksChanged) {
            tellOfChange();
        }
    }

    private void tellOfChange() {
        try {
            onChange.run();
        } catch (final RuntimeException e) {
            LOG.warn("a change of links or routes could not be followed everywhere: {}", e.getMessage());
            trouble = String.valueOf(e.getMessage());
        }
    }

    private Map<Integer, PortLink> ports() {
        final Map<Integer, PortLink> ports = new HashMap<>();
        for (final Link link : tables.links().values()) {
            for (final PortInterface port : portInterfaces) {
                if (port.interfaceName().equals(link.name())) {
                    ports.put(link.index(), new PortLink(port.port(), link));
                }
            }
        }
        return Map.copyOf(ports);
    }

    private boolean isUp(final int interfaceIndex) {
        final Link link = tables.links().get(interfaceIndex);
        return link != null && link.up();
    }

    private void wanted(final long high, final long low, final long nowNs) {
        for (final Hop hop : view.hops(high, low)) {
            keeper.want(hop, view.neighbours().get(hop), millis(nowNs));
        }
    }

    private void tick(final long nowNs) {
        final long nowMs = millis(nowNs);
        current.takeUsed(hop -> keeper.use(hop, nowMs));
        for (final Hop hop : view.sharedGateways()) {
            keeper.use(hop, nowMs);
        }
        for (final InetAddress address : watched) {
            for (final Hop hop : view.hops(Address.high(address), Address.low(address))) {
                keeper.use(hop, nowMs);
            }
        }
        keeper.tick(view.neighbours(), nowMs);
    }

    private void failed(final RuntimeException e) {
        if (trouble.isEmpty()) {
            LOG.warn("routes and neighbours may be out of date: {}; trying again every second", e.getMessage());
        }
        trouble = String.valueOf(e.getMessage());
        final long nowNs = System.nanoTime();
        markStale(KernelTables.ALL, nowNs);
        mayReadAtNs = nowNs + TICK_NS;
        tickAtNs = nowNs + TICK_NS;
    }

    private static long millis(final long ns) {
        return TimeUnit.NANOSECONDS.toMillis(ns);
    }
}
