package io.sluice.dataplane;

import io.sluice.dataplane.api.DataplaneException;
import io.sluice.dataplane.api.ForwardingSpec;
import io.sluice.dataplane.api.PortChoice;
import io.sluice.dataplane.api.VirtualAddressSpec;
import io.sluice.dataplane.classify.LaneHash;
import io.sluice.dataplane.neighbour.AddressInstaller;
import io.sluice.dataplane.neighbour.FibSource;
import io.sluice.dataplane.neighbour.KernelFib;
import io.sluice.dataplane.neighbour.OwnedTraffic;
import io.sluice.dataplane.neighbour.PortInterface;
import io.sluice.dataplane.port.PacketPort;
import java.net.InetAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;

/**
 * This host's network as the data plane uses it: packet ports, routes and neighbours, addresses, and the filter that keeps
 * the kernel from answering our traffic. Follows interfaces that go and come back.
 */
final class HostNetwork implements AutoCloseable {
    private static final long CHECK_MS = 500;
    /** Asking for all links costs more than everything else of a check. The kernel tells of changes; this is for what it left out. */
    private static final int CHECKS_PER_ATTACH = 20;
    private static final long CHECKS_END_WITHIN_S = 5;

    private final OperatorMessages messages;
    private final OperatorMessages.Topic aboutChecks;
    private final OperatorMessages.Topic aboutFilter;
    private final OperatorMessages.Topic aboutAddresses;
    private final List<PortOpener.LanePorts> lanePorts = new ArrayList<>();
    private final ScheduledExecutorService checks =
        Executors.newSingleThreadScheduledExecutor(task -> Thread.ofPlatform().daemon().name("sluice-host").unstarted(task));
    private final AtomicBoolean linksChanged = new AtomicBoolean();
    private int checksToAttach;
    private PortOpener opener;
    private KernelFib fib;
    private OwnedTraffic owned;
    private boolean afXdp;
    private AddressInstaller addresses;
    private ForwardingSpec spec = ForwardingSpec.EMPTY;

    HostNetwork(final OperatorMessages messages) {
        this.messages = messages;
        this.aboutChecks = messages.topic();
        this.aboutFilter = messages.topic();
        this.aboutAddresses = messages.topic();
    }

    /**
     * Chooses the kind of the ports, and with it the number of lanes.
     *
     * @param config what is asked for
     * @return lanes, 1 or more
     * @throws DataplaneException if the interfaces cannot carry so many lanes
     */
    int choose(final DataplaneConfig config) {
        afXdp = isAfXdp(config);
        return afXdp ? PortOpener.lanesByQueues(config) : Lanes.count(config);
    }

    /**
     * Opens everything, in the calling thread's network namespace. Closes again what it opened if that fails.
     *
     * @param config         what is asked for
     * @param lanes          from {@link #choose}
     * @param hash           deals flows out to lanes
     * @param stateDirectory where the list of installed addresses lives
     */
    void open(final DataplaneConfig config, final int lanes, final LaneHash hash, final Path stateDirectory) {
        final List<String> interfaces = config.interfaces();
        try {
            owned = OwnedTraffic.load(interfaces);
            opener = new PortOpener(config, afXdp, lanes, owned.maps());
            opener.open(hash, lanePorts);
            final List<PortInterface> portInterfaces = new ArrayList<>();
            for (int i = 0; i < interfaces.size(); i++) {
                portInterfaces.add(new PortInterface(i, interfaces.get(i)));
            }
            addresses = AddressInstaller.open(stateDirectory, interfaces);
            fib = KernelFib.open(portInterfaces, this::linksChanged);
            checks.scheduleWithFixedDelay(this::check, CHECK_MS, CHECK_MS, TimeUnit.MILLISECONDS);
        } catch (final RuntimeException e) {
            close();
            throw e;
        }
    }

    private boolean isAfXdp(final DataplaneConfig config) {
        if (config.port() != PortChoice.AUTO) {
            return config.port() == PortChoice.AF_XDP;
        }
        final PortSurvey survey = PortSurvey.of(config.interfaces());
        messages.note(survey.explain());
        return survey.afXdp();
    }

    /** Frames and ports of each lane; none before {@link #open}. */
    List<PortOpener.LanePorts> lanes() {
        return lanePorts;
    }

    private Stream<PacketPort> ports() {
        return lanePorts.stream().flatMap(lane -> lane.ports().stream());
    }

    FibSource fibs() {
        return fib;
    }

    String describe(final InetAddress address) {
        return fib.describe(address);
    }

    /** Gets ready for a specification: what is new is owned and watched, what is old still is. */
    void prepare(final ForwardingSpec next) {
        update(List.of(spec, next));
    }

    /** The specification is in force: what only the old one had is given back. */
    void commit(final ForwardingSpec next) {
        spec = next;
        update(List.of(next));
    }

    private void update(final List<ForwardingSpec> specs) {
        final Set<OwnedTraffic.Listener> listeners = new LinkedHashSet<>();
        final Set<OwnedTraffic.LocalRange> ranges = new LinkedHashSet<>();
        final Set<InetAddress> watched = new LinkedHashSet<>();
        for (final ForwardingSpec each : specs) {
            each.listeners().forEach(listener ->
                listeners.add(new OwnedTraffic.Listener(listener.address(), listener.protocol(), listener.port())));
            each.localPools().forEach(pool -> pool.addresses().forEach(address ->
                ranges.add(new OwnedTraffic.LocalRange(address, pool.firstPort(), pool.lastPort()))));
            each.serverGroups().forEach(group -> group.backends().forEach(backend -> watched.add(backend.serverIp())));
        }
        // The filter first: the kernel must not answer for an address before we do.
        aboutFilter.say(() -> owned.update(listeners, ranges));
        aboutAddresses.say(() -> addresses.reconcile(addresses(specs)).messages());
        fib.watch(watched);
    }

    private static List<VirtualAddressSpec> addresses(final List<ForwardingSpec> specs) {
        final List<VirtualAddressSpec> all = new ArrayList<>();
        for (final ForwardingSpec spec : specs) {
            all.addAll(spec.virtualAddresses());
            spec.localPools().forEach(pool ->
                pool.addresses().forEach(address -> all.add(new VirtualAddressSpec(address, pool.interfaceName()))));
        }
        return all;
    }

    /** Packets of ours that the kernel was kept from seeing. */
    long keptFromKernel() {
        return owned.dropped();
    }

    private void linksChanged() {
        linksChanged.set(true);
        checks.execute(this::check);
    }

    private void check() {
        final List<String> problems = new ArrayList<>();
        ports().forEach(port -> attempt(port::checkLink, problems));
        attempt(this::checkFilterAndAddresses, problems);
        aboutChecks.say(() -> problems);
    }

    private void checkFilterAndAddresses() {
        final boolean changed = linksChanged.getAndSet(false);
        if (changed || --checksToAttach <= 0) {
            checksToAttach = CHECKS_PER_ATTACH;
            aboutFilter.say(owned::attachMissing);
        }
        if (changed || addresses.isDue()) {
            aboutAddresses.say(() -> addresses.retry().messages());
        }
    }

    private static void attempt(final Runnable step, final List<String> problems) {
        try {
            step.run();
        } catch (final RuntimeException e) {
            problems.add(String.valueOf(e.getMessage()));
        }
    }

    private void stopChecks() {
        checks.shutdown();
        try {
            if (!checks.awaitTermination(CHECKS_END_WITHIN_S, TimeUnit.SECONDS)) {
                messages.say("a check of the interfaces does not end; closing them all the same");
            }
        } catch (final InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Takes everything off the host again. The lanes have stopped. */
    @Override
    public void close() {
        if (fib != null) {
            fib.close();
        }
        stopChecks();
        if (addresses != null) {
            addresses.close();
        }
        if (owned != null) {
            owned.close();
        }
        ports().forEach(PacketPort::close);
        lanePorts.clear();
        if (opener != null) {
            opener.close();
        }
    }
}
