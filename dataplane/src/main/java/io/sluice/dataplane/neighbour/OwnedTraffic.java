package io.sluice.dataplane.neighbour;

import io.sluice.dataplane.api.DataplaneException;
import io.sluice.dataplane.api.Protocol;
import io.sluice.dataplane.os.Bpf;
import io.sluice.dataplane.os.BpfException;
import io.sluice.dataplane.os.BpfObject;
import io.sluice.dataplane.os.BpfProgram;
import io.sluice.dataplane.os.Errno;
import io.sluice.dataplane.os.NetlinkException;
import io.sluice.dataplane.os.RtnetlinkClient;
import io.sluice.dataplane.os.RtnetlinkFilters;
import io.sluice.dataplane.os.ffm.BpfSyscall;
import io.sluice.dataplane.os.ffm.NetlinkSocket;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Keeps the kernel from answering traffic that is ours (RST, port unreachable, echo reply): a BPF program at the ingress of
 * every port drops it after the packet sockets took their copy. See {@code native/tc/owned_drop.bpf.c}.
 *
 * <p>The filter outlives the process on purpose: after a crash the kernel stays quiet until the next start, whose own
 * filter takes the old one's place in one step. Only {@link #close} removes it.
 *
 * <p>Thread-safe.
 */
public final class OwnedTraffic implements AutoCloseable {
    private static final String OBJECT = "/native/owned_drop.bpf.o";
    private static final String PROGRAM = "owned_drop";
    /** The filter's name in {@code tc filter show}. */
    static final String FILTER = "sluice-owned";
    /** Name of the filter where the clsact beneath was made by Sluice, so that the last one to go takes it along. */
    static final String FILTER_AND_CLSACT = "sluice-owned+clsact";
    /** First of all, since a program that accepts a packet ends the walk. */
    private static final int PRIORITY = 1;
    private static final int HANDLE = 0x51;

    private final BpfProgram program;
    private final RtnetlinkClient kernel;
    private final RtnetlinkFilters filters;
    private final OwnedMaps maps;
    private final List<String> interfaceNames;
    private final Map<String, Integer> attached = new LinkedHashMap<>();
    private boolean filled;
    private boolean closed;

    private OwnedTraffic(final List<String> interfaceNames, final OwnedMaps maps, final BpfProgram program,
                         final RtnetlinkClient kernel) {
        this.interfaceNames = List.copyOf(interfaceNames);
        this.program = program;
        this.kernel = kernel;
        this.filters = new RtnetlinkFilters(kernel);
        this.maps = maps;
    }

    /**
     * A listener's traffic.
     *
     * @param address  virtual address
     * @param protocol TCP or UDP
     * @param port     1 to 65535
     */
    public record Listener(InetAddress address, Protocol protocol, int port) {
    }

    /**
     * The ports of a local address that are ours, TCP and UDP.
     *
     * @param address   local address
     * @param firstPort first port, 1 or more
     * @param lastPort  last port, at most 65535
     */
    public record LocalRange(InetAddress address, int firstPort, int lastPort) {
    }

    /**
     * Loads the program; nothing is attached before the first {@link #update}. In the calling thread's network namespace.
     *
     * @param interfaceNames the ports' interfaces
     * @return owner of the filters
     * @throws DataplaneException if the kernel refuses, with the next step
     */
    public static OwnedTraffic load(final List<String> interfaceNames) {
        final RtnetlinkClient kernel = new RtnetlinkClient(NetlinkSocket.open(NetlinkSocket.DEFAULT_RECEIVE_BUFFER));
        try (InputStream object = OwnedTraffic.class.getResourceAsStream(OBJECT)) {
            if (object == null) {
                throw new IllegalArgumentException(OBJECT + " is not on the class path: build the module with make and clang installed");
            }
            final Bpf bpf = new BpfSyscall();
            final BpfProgram program = BpfProgram.load(bpf, BpfObject.parse(object.readAllBytes()), PROGRAM, Bpf.PROGRAM_TC);
            return new OwnedTraffic(interfaceNames, new OwnedMaps(bpf, program), program, kernel);
        } catch (final BpfException e) {
            kernel.close();
            throw refused(e, e.errno());
        } catch (final IOException e) {
            kernel.close();
            throw new UncheckedIOException("cannot read " + OBJECT, e);
        } catch (final IllegalArgumentException e) {
            kernel.close();
            throw new DataplaneException("cannot load the ingress filter: " + e.getMessage(), e);
        }
    }

    /**
     * Sets what is ours, and attaches the filter to interfaces that lack it. New entries are in force before old ones go.
     *
     * @param listeners   all listeners
     * @param localRanges all local addresses with their ports, at most four ranges per address
     * @return what is wrong with which interface, empty if all is well
     * @throws DataplaneException if the kernel refuses, or the maps are full
     */
    public synchronized List<String> update(final Collection<Listener> listeners, final Collection<LocalRange> localRanges) {
        try {
            maps.set(listeners, localRanges);
            filled = true;
        } catch (final BpfException e) {
            throw refused(e, e.errno());
        }
        return attachMissing();
    }

    /**
     * Attaches the filter to interfaces that lack it: those that have appeared, or were made again. To be called when links
     * have changed; does nothing before the first {@link #update}.
     *
     * @return what is wrong with which interface, empty if all is well
     * @throws DataplaneException if the kernel refuses
     */
    public synchronized List<String> attachMissing() {
        final List<String> problems = new ArrayList<>();
        if (!filled || closed) {
            return problems;
        }
        try {
            final Map<String, Integer> present = new LinkedHashMap<>();
            Link.list(kernel).values().forEach(link -> present.put(link.name(), link.index()));
            for (final String name : interfaceNames) {
                final Integer index = present.get(name);
                if (index == null) {
                    attached.remove(name);
                    problems.add("interface " + name + " does not exist; its filter follows when it appears");
                } else if (!index.equals(attached.get(name))) {
                    attach(name, index);
                }
            }
        } catch (final NetlinkException e) {
            throw refused(e, e.errno());
        }
        return problems;
    }

    /**
     * The maps that say what is ours, for a steering program that is to agree with this filter. They follow every
     * {@link #update}.
     *
     * @return file descriptors by their symbols in {@code native/include/owned.bpf.h}, valid until this is closed
     */
    public Map<String, Integer> maps() {
        return program.maps();
    }

    /**
     * Packets kept from the kernel since {@link #load}.
     *
     * @return sum over all CPUs
     */
    public synchronized long dropped() {
        return closed ? 0 : maps.dropped();
    }

    /** Gives up the filters but leaves them in place, for the next process to replace. */
    public synchronized void leave() {
        if (!closed) {
            closed = true;
            program.close();
            kernel.close();
        }
    }

    /** Removes the filters, and what Sluice made for them. */
    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        try {
            final Collection<Integer> present = Link.list(kernel).keySet();
            for (final int index : attached.values()) {
                if (present.contains(index)) {
                    detach(index);
                }
            }
        } finally {
            leave();
        }
    }

    private void attach(final String name, final int index) {
        boolean own = filters.makeClsact(index);
        for (final RtnetlinkFilters.Filter filter : filters.ingress(index)) {
            own |= isOurs(filter) && FILTER_AND_CLSACT.equals(filter.name());
            if (filter.priority() == PRIORITY && filter.handle() == HANDLE && !isOurs(filter)) {
                throw new DataplaneException("another program has priority " + PRIORITY + ", handle " + HANDLE + " at the ingress of "
                    + name + ". Move it to another handle: tc filter show dev " + name + " ingress");
            }
        }
        filters.attach(index, place(own), program.fileDescriptor());
        attached.put(name, index);
    }

    private void detach(final int index) {
        for (final RtnetlinkFilters.Filter filter : filters.ingress(index)) {
            if (isOurs(filter)) {
                filters.remove(index, filter);
                if (FILTER_AND_CLSACT.equals(filter.name())) {
                    filters.removeClsactIfUnused(index);
                }
            }
        }
    }

    private static boolean isOurs(final RtnetlinkFilters.Filter filter) {
        return filter.handle() == HANDLE && (FILTER.equals(filter.name()) || FILTER_AND_CLSACT.equals(filter.name()));
    }

    private static RtnetlinkFilters.Filter place(final boolean ownClsact) {
        return new RtnetlinkFilters.Filter(PRIORITY, HANDLE, ownClsact ? FILTER_AND_CLSACT : FILTER);
    }

    private static DataplaneException refused(final RuntimeException cause, final int errno) {
        final String next = switch (errno) {
            case Errno.EPERM, Errno.EACCES -> "It needs CAP_BPF and CAP_NET_ADMIN: start Sluice as root, or give its service these two.";
            case Errno.ENOSYS -> "This kernel has no BPF: use one with CONFIG_BPF_SYSCALL, 5.10 or newer.";
            case Errno.ENOENT, Errno.EOPNOTSUPP ->
                "This kernel may lack clsact or BPF filters: load them with modprobe sch_ingress cls_bpf, or use one with"
                    + " CONFIG_NET_SCH_INGRESS and CONFIG_NET_CLS_BPF.";
            default -> "Without the filter the kernel would reset the connections of our clients, so Sluice does not start without it.";
        };
        return new DataplaneException("cannot keep the kernel from answering our traffic: " + cause.getMessage() + ". " + next, cause);
    }
}
