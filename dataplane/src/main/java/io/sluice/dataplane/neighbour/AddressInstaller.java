package io.sluice.dataplane.neighbour;

import io.sluice.dataplane.api.DataplaneException;
import io.sluice.dataplane.api.VirtualAddressSpec;
import io.sluice.dataplane.os.Errno;
import io.sluice.dataplane.os.NeighbourSocket;
import io.sluice.dataplane.os.NetlinkException;
import io.sluice.dataplane.os.RtnetlinkClient;
import io.sluice.dataplane.os.SystemCallException;
import io.sluice.dataplane.os.ffm.FfmNeighbourSocket;
import io.sluice.dataplane.os.ffm.NetlinkSocket;
import io.sluice.dataplane.wire.Address;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Puts virtual and local addresses on interfaces, so that the kernel answers ARP and ND for them, and takes away exactly
 * those that it has put. They are added alone (/32, /128): no route to a prefix comes along.
 *
 * <p>Without a named interface an address goes to the port in whose connected prefix it lies, else to {@code lo}, where it is
 * reached by routing. What is ours is remembered in {@link InstalledAddresses}: after a crash the next start adopts it.
 * Addresses that were there before are used as they are, reported, and left alone at the end.
 *
 * <p>Before an address is added, the link is asked whether another host uses it: then it is not added, reported, and tried again.
 * What an earlier process has left is not asked for. Installed addresses are announced to the link. Neither is done on {@code lo}.
 *
 * <p>Thread-safe. Methods that add addresses may take a third of a second.
 */
public final class AddressInstaller implements AutoCloseable {
    private static final String LOOPBACK = "lo";

    private final InstalledAddresses ours;
    private final List<String> ports;
    private final RtnetlinkClient kernel;
    private final NeighbourSocket socket;
    private final DuplicateAddresses duplicates;
    private final Announcements announcements;
    private final LongSupplier clockNs;
    /** Null as long as nobody has said: what an earlier process left must not go before that. */
    private Collection<VirtualAddressSpec> wanted;
    private boolean closed;

    private AddressInstaller(final InstalledAddresses ours, final List<String> ports, final NeighbourSocket socket,
                             final LongSupplier clockNs) {
        this.ours = ours;
        this.ports = List.copyOf(ports);
        this.kernel = new RtnetlinkClient(NetlinkSocket.open(NetlinkSocket.DEFAULT_RECEIVE_BUFFER));
        this.socket = socket;
        this.clockNs = clockNs;
        final ClaimSender sender = new ClaimSender(socket);
        this.duplicates = new DuplicateAddresses(new DuplicateProbe(socket, sender, AddressInstaller::realTimeNs));
        this.announcements = new Announcements(sender);
    }

    /**
     * How far {@link #reconcile} got.
     *
     * @param problems addresses that are not installed: why, and what to do
     * @param warnings addresses that are there, but something about them is worth knowing
     */
    public record Report(List<String> problems, List<String> warnings) {
        /**
         * All there is to say.
         *
         * @return problems first
         */
        public List<String> messages() {
            return Stream.concat(problems.stream(), warnings.stream()).toList();
        }
    }

    /**
     * The kernel's state at one moment.
     *
     * @param links     by name
     * @param addresses of this host
     */
    private record Host(Map<String, Link> links, List<KernelAddress> addresses) {
        String nameOf(final int index) {
            return links.values().stream().filter(link -> link.index() == index).map(Link::name).findFirst().orElse("interface " + index);
        }

        boolean has(final Claim claim) {
            return addresses.stream()
                .anyMatch(held -> held.is(claim.address()) && held.isAlone() && held.interfaceIndex() == claim.link().index());
        }

        Set<Long> macs() {
            return links.values().stream().map(Link::mac).collect(Collectors.toSet());
        }
    }

    /**
     * Reads what an earlier process has left behind; changes nothing yet. In the calling thread's network namespace.
     *
     * @param stateDirectory holds the file {@code installed-addresses}
     * @param ports          the ports' interfaces
     * @return installer
     * @throws DataplaneException if the file cannot be read, or the process may not open raw sockets
     */
    public static AddressInstaller open(final Path stateDirectory, final List<String> ports) {
        return open(stateDirectory, ports, AddressInstaller::realTimeNs);
    }

    /** With a clock that a test moves: it tells when to try and when to announce again. */
    static AddressInstaller open(final Path stateDirectory, final List<String> ports, final LongSupplier clockNs) {
        final InstalledAddresses ours = new InstalledAddresses(stateDirectory);
        try {
            return new AddressInstaller(ours, ports, FfmNeighbourSocket.open(), clockNs);
        } catch (final SystemCallException e) {
            throw silenced(e);
        }
    }

    private static long realTimeNs() {
        return System.nanoTime();
    }

    /**
     * Makes the host have these addresses, and removes those of ours that are not among them.
     *
     * @param addresses virtual and local addresses; of several with the same address the first counts
     * @return what could not be done, and what is worth knowing
     * @throws DataplaneException if the kernel forbids it altogether, or the state file cannot be written
     */
    public synchronized Report reconcile(final Collection<VirtualAddressSpec> addresses) {
        wanted = List.copyOf(addresses);
        return retry();
    }

    /**
     * Does again what the last {@link #reconcile} wanted: to be called when links or addresses have changed, and when it
     * {@link #isDue}. Does nothing before the first reconcile.
     *
     * @return as for reconcile
     * @throws DataplaneException as for reconcile
     */
    public synchronized Report retry() {
        final Report report = new Report(new ArrayList<>(), new ArrayList<>());
        if (closed || wanted == null) {
            return report;
        }
        final Map<InetAddress, VirtualAddressSpec> distinct = new LinkedHashMap<>();
        wanted.forEach(spec -> distinct.putIfAbsent(spec.address(), spec));
        try {
            final Host host = read();
            removeAllBut(distinct.keySet(), host);
            install(host, distinct.values().stream().map(spec -> place(host, spec, report)).filter(Objects::nonNull).toList(), report);
        } catch (final NetlinkException e) {
            throw refused(e);
        } catch (final SystemCallException e) {
            throw silenced(e);
        }
        return report;
    }

    /**
     * Whether an address that another host uses is to be tried again, or one of ours to be announced again.
     *
     * @return true if it is time for {@link #retry}
     */
    public synchronized boolean isDue() {
        final long nowNs = clockNs.getAsLong();
        return !closed && (duplicates.isDue(nowNs) || announcements.isDue(nowNs));
    }

    /** Leaves everything in place for the next process, which finds it in the state file. */
    public synchronized void leave() {
        if (!closed) {
            closed = true;
            kernel.close();
            socket.close();
        }
    }

    /**
     * Removes every address that Sluice has put.
     *
     * @throws DataplaneException if the kernel forbids it, or the state file cannot be written
     */
    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        try {
            removeAllBut(List.of(), read());
        } catch (final NetlinkException e) {
            throw refused(e);
        } finally {
            leave();
        }
    }

    private Host read() {
        final Map<String, Link> links = new LinkedHashMap<>();
        Link.list(kernel).values().forEach(link -> links.put(link.name(), link));
        return new Host(links, KernelAddress.list(kernel));
    }

    private void install(final Host host, final List<Claim> claims, final Report report) {
        final long nowNs = clockNs.getAsLong();
        final List<Claim> installed = new ArrayList<>();
        final List<Claim> missing = new ArrayList<>();
        for (final Claim claim : claims) {
            if (host.has(claim)) {
                installed.add(claim);
            } else if (claim.link().up() || !claim.hasNeighbours()) {
                missing.add(claim);
            } else {
                report.problems().add(claim.text() + " is not installed on " + claim.link().name() + ", which is down: ip link set "
                    + claim.link().name() + " up, and look at its cable. It follows when the interface is up");
            }
        }
        for (final Claim claim : duplicates.free(missing, host.macs(), report.problems(), nowNs)) {
            if (put(host, claim, report)) {
                installed.add(claim);
            }
        }
        announcements.follow(installed.stream().filter(claim -> claim.link().up()).toList(), nowNs);
    }

    /** Where an address belongs, or null if it is there without us or its interface does not exist. */
    private Claim place(final Host host, final VirtualAddressSpec spec, final Report report) {
        final String text = text(spec.address());
        final String before = ours.interfaceOf(spec.address());
        for (final KernelAddress present : host.addresses()) {
            if (!present.is(spec.address())) {
                continue;
            }
            final String on = host.nameOf(present.interfaceIndex());
            if (!present.isAlone() || !on.equals(before)) {
                report.warnings().add(text + " was on " + on + " before Sluice: it is used as it is, and will be left there"
                    + (spec.interfaceName() == null || spec.interfaceName().equals(on) ? "" : ", although " + spec.interfaceName()
                        + " is configured"));
                return null;
            }
        }
        final String name = spec.interfaceName() == null ? choose(host, spec.address()) : spec.interfaceName();
        final Link link = host.links().get(name);
        if (link == null) {
            report.problems().add(text + " is not installed: interface " + name + " does not exist. It follows when the interface appears;"
                + " else name one of " + host.links().keySet());
            return null;
        }
        final Claim claim = new Claim(spec.address(), link);
        if (!link.up() && host.has(claim) && claim.hasNeighbours()) {
            report.warnings().add(text + " is on " + name + ", which is down: ip link set " + name + " up");
        }
        if (spec.address() instanceof Inet4Address) {
            AddressSysctls.check(ports, text, name, report.warnings());
        }
        return claim;
    }

    /** The port whose connected prefix holds the address; the longest such prefix if there are several. */
    private String choose(final Host host, final InetAddress address) {
        String best = LOOPBACK;
        int bestLength = -1;
        for (final KernelAddress connected : host.addresses()) {
            final String name = host.nameOf(connected.interfaceIndex());
            final boolean holds = !connected.isAlone() && connected.prefix().contains(Address.high(address), Address.low(address));
            if (holds && ports.contains(name) && connected.prefix().length() > bestLength) {
                best = name;
                bestLength = connected.prefix().length();
            }
        }
        return best;
    }

    private boolean put(final Host host, final Claim claim, final Report report) {
        final String name = claim.link().name();
        final String before = ours.interfaceOf(claim.address());
        if (before != null && !before.equals(name)) {
            // First away, then there: a crash in between must not leave an address that nobody remembers.
            take(host, claim.address(), before);
            ours.remove(claim.address());
        }
        ours.put(claim.address(), name);
        try {
            KernelAddress.add(kernel, claim.address(), claim.link().index());
            return true;
        } catch (final NetlinkException e) {
            ours.remove(claim.address());
            if (e.errno() == Errno.EPERM) {
                throw e;
            }
            report.problems().add(claim.text() + " is not installed on " + name + ": " + e.getMessage()
                + (e.errno() == Errno.EACCES ? ". IPv6 is switched off there: sysctl -w net.ipv6.conf." + name + ".disable_ipv6=0"
                    : ". It is tried again when an interface changes"));
            return false;
        }
    }

    private void removeAllBut(final Collection<InetAddress> kept, final Host host) {
        ours.interfaces().forEach((address, name) -> {
            if (!kept.contains(address)) {
                take(host, address, name);
                ours.remove(address);
            }
        });
    }

    private void take(final Host host, final InetAddress address, final String interfaceName) {
        final Link link = host.links().get(interfaceName);
        if (link == null) {
            return;
        }
        try {
            KernelAddress.remove(kernel, address, link.index());
        } catch (final NetlinkException e) {
            if (e.errno() != Errno.EADDRNOTAVAIL && e.errno() != Errno.ENODEV) {
                throw e;
            }
        }
    }

    private static String text(final InetAddress address) {
        return Address.toString(Address.high(address), Address.low(address));
    }

    private static DataplaneException silenced(final SystemCallException cause) {
        return new DataplaneException("cannot ask other hosts about addresses, nor announce them: " + cause.getMessage()
            + ". It needs CAP_NET_RAW: start Sluice as root, or give its service this capability", cause);
    }

    private static DataplaneException refused(final NetlinkException cause) {
        return new DataplaneException("cannot install addresses: " + cause.getMessage()
            + ". It needs CAP_NET_ADMIN: start Sluice as root, or give its service this capability", cause);
    }
}
