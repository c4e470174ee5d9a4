package io.sluice.dataplane.neighbour;

import io.sluice.dataplane.api.DataplaneException;
import io.sluice.dataplane.api.VirtualAddressSpec;
import io.sluice.dataplane.os.Errno;
import io.sluice.dataplane.os.NetlinkException;
import io.sluice.dataplane.os.RtnetlinkClient;
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

/**
 * Puts virtual and local addresses on interfaces, so that the kernel answers ARP and ND for them, and takes away exactly
 * those that it has put. They are added alone (/32, /128): no route to a prefix comes along.
 *
 * <p>Without a named interface an address goes to the port in whose connected prefix it lies, else to {@code lo}, where it is
 * reached by routing. What is ours is remembered in {@link InstalledAddresses}: after a crash the next start adopts it.
 * Addresses that were there before are used as they are, reported, and left alone at the end.
 *
 * <p>Thread-safe.
 */
public final class AddressInstaller implements AutoCloseable {
    private static final String LOOPBACK = "lo";

    private final InstalledAddresses ours;
    private final List<String> ports;
    private final RtnetlinkClient kernel;
    private Collection<VirtualAddressSpec> wanted = List.of();
    private boolean closed;

    private AddressInstaller(final InstalledAddresses ours, final List<String> ports) {
        this.ours = ours;
        this.ports = List.copyOf(ports);
        this.kernel = new RtnetlinkClient(NetlinkSocket.open(NetlinkSocket.DEFAULT_RECEIVE_BUFFER));
    }

    /**
     * How far {@link #reconcile} got.
     *
     * @param problems addresses that are not installed: why, and what to do
     * @param warnings addresses that are there, but something about them is worth knowing
     */
    public record Report(List<String> problems, List<String> warnings) {
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
    }

    /**
     * Reads what an earlier process has left behind; changes nothing yet. In the calling thread's network namespace.
     *
     * @param stateDirectory holds the file {@code installed-addresses}
     * @param ports          the ports' interfaces
     * @return installer
     * @throws DataplaneException if the file cannot be read
     */
    public static AddressInstaller open(final Path stateDirectory, final List<String> ports) {
        return new AddressInstaller(new InstalledAddresses(stateDirectory), ports);
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
     * Does again what the last {@link #reconcile} wanted: to be called when links or addresses have changed.
     *
     * @return as for reconcile
     * @throws DataplaneException as for reconcile
     */
    public synchronized Report retry() {
        final Report report = new Report(new ArrayList<>(), new ArrayList<>());
        if (closed) {
            return report;
        }
        final Map<InetAddress, VirtualAddressSpec> distinct = new LinkedHashMap<>();
        wanted.forEach(spec -> distinct.putIfAbsent(spec.address(), spec));
        try {
            final Host host = read();
            distinct.values().forEach(spec -> install(host, spec, report));
            removeAllBut(distinct.keySet(), host);
        } catch (final NetlinkException e) {
            throw refused(e);
        }
        return report;
    }

    /** Leaves everything in place for the next process, which finds it in the state file. */
    public synchronized void leave() {
        if (!closed) {
            closed = true;
            kernel.close();
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

    private void install(final Host host, final VirtualAddressSpec spec, final Report report) {
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
                return;
            }
        }
        final String name = spec.interfaceName() == null ? choose(host, spec.address()) : spec.interfaceName();
        final Link link = host.links().get(name);
        if (link == null) {
            report.problems().add(text + " is not installed: interface " + name + " does not exist. It follows when the interface appears;"
                + " else name one of " + host.links().keySet());
            return;
        }
        if (!link.up() && !LOOPBACK.equals(name)) {
            report.warnings().add(text + " is on " + name + ", which is down: ip link set " + name + " up");
        }
        if (before != null && !before.equals(name)) {
            // First away, then there: a crash in between must not leave an address that nobody remembers.
            take(host, spec.address(), before);
            ours.remove(spec.address());
        }
        put(host, spec.address(), link, report);
        if (spec.address() instanceof Inet4Address) {
            AddressSysctls.check(ports, text, name, report.warnings());
        }
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

    private void put(final Host host, final InetAddress address, final Link link, final Report report) {
        final boolean present = host.addresses().stream()
            .anyMatch(held -> held.is(address) && held.isAlone() && held.interfaceIndex() == link.index());
        if (present) {
            return;
        }
        ours.put(address, link.name());
        try {
            KernelAddress.add(kernel, address, link.index());
        } catch (final NetlinkException e) {
            ours.remove(address);
            if (e.errno() == Errno.EPERM) {
                throw e;
            }
            report.problems().add(text(address) + " is not installed on " + link.name() + ": " + e.getMessage()
                + (e.errno() == Errno.EACCES ? ". IPv6 is switched off there: sysctl -w net.ipv6.conf." + link.name() + ".disable_ipv6=0"
                    : ". It is tried again when an interface changes"));
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

    private static DataplaneException refused(final NetlinkException cause) {
        return new DataplaneException("cannot install addresses: " + cause.getMessage()
            + ". It needs CAP_NET_ADMIN: start Sluice as root, or give its service this capability", cause);
    }
}
