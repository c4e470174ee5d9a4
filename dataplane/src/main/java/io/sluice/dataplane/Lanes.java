package io.sluice.dataplane;

import io.sluice.dataplane.api.ConnectionView;
import io.sluice.dataplane.api.DataplaneException;
import io.sluice.dataplane.api.Explanation;
import io.sluice.dataplane.api.ForwardingSpec;
import io.sluice.dataplane.api.Protocol;
import io.sluice.dataplane.classify.LaneHash;
import io.sluice.dataplane.connection.ConnectionEvents;
import io.sluice.dataplane.connection.ConnectionRecord;
import io.sluice.dataplane.counter.CountersFile;
import io.sluice.dataplane.counter.LaneCounters;
import io.sluice.dataplane.counter.SystemCounter;
import io.sluice.dataplane.nat.SequenceGenerator;
import io.sluice.dataplane.neighbour.Fib;
import io.sluice.dataplane.neighbour.FibSource;
import io.sluice.dataplane.pipeline.Clock;
import io.sluice.dataplane.pipeline.ForwardingSource;
import io.sluice.dataplane.pipeline.HandOverRing;
import io.sluice.dataplane.pipeline.Lane;
import io.sluice.dataplane.pipeline.LaneSizes;
import io.sluice.dataplane.pipeline.PathParts;
import io.sluice.dataplane.pipeline.Restorer;
import io.sluice.dataplane.pipeline.Steering;
import io.sluice.dataplane.service.ForwardingCompiler;
import io.sluice.dataplane.service.ForwardingTable;
import io.sluice.dataplane.service.SharedLimits;
import io.sluice.dataplane.trace.ConnectionLister;
import io.sluice.dataplane.trace.Explainer;
import io.sluice.dataplane.wire.Address;
import java.lang.foreign.MemorySegment;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.agrona.ErrorHandler;
import org.agrona.collections.Long2LongHashMap;

/**
 * The lanes of this node: each has its own connections, local ports, schedulers and frames, and its own copy of the
 * configuration. Control thread, but for what says otherwise.
 */
final class Lanes implements AutoCloseable {
    private static final int CORES_PER_LANE = 2;
    private static final int AUTOMATIC_AT_MOST = 8;
    private static final long TAKEN_WITHIN_NS = TimeUnit.SECONDS.toNanos(10);

    private final List<Member> members = new ArrayList<>();
    private final Steering steering;
    private final Clock clock;

    /** One lane and what only the control thread touches of it. */
    private record Member(Lane lane, PathParts parts, LaneCounters counters, ForwardingCompiler compiler,
                          ForwardingSource forwarding) {
    }

    /** What all lanes share. */
    record Surroundings(DataplaneConfig config, SharedLimits limits, CountersFile counters, FibSource fibs, ConnectionEvents events,
                        SequenceGenerator sequences, LaneHash hash, Clock clock, ErrorHandler errors) {
    }

    /**
     * Lanes that stand still.
     *
     * @param shared what they share
     * @param ports  frames and ports of each lane
     */
    Lanes(final Surroundings shared, final List<PortOpener.LanePorts> ports) {
        this.clock = shared.clock();
        final int count = ports.size();
        final Long2LongHashMap exceptions = Steering.exceptions();
        final List<HandOverRing> rings = count == 1 ? List.of()
            : IntStream.range(0, count).mapToObj(i -> new HandOverRing(ports.get(i).frames().arena().capacity())).toList();
        for (int i = 0; i < count; i++) {
            members.add(member(shared, new Steering(i, count, shared.hash(), exceptions), ports.get(i), rings));
        }
        this.steering = new Steering(0, count, shared.hash(), exceptions);
    }

    private static Member member(final Surroundings shared, final Steering steering, final PortOpener.LanePorts ports,
                                 final List<HandOverRing> rings) {
        final DataplaneConfig config = shared.config();
        final LaneCounters counters = shared.counters().lane();
        final ForwardingCompiler compiler =
            new ForwardingCompiler(shared.counters(), steering.ports(), shared.limits(), new SecureRandom()::nextInt);
        final long nowNs = shared.clock().nowNs();
        final ForwardingSource forwarding = new ForwardingSource(compiler.compile(ForwardingSpec.EMPTY, nowNs));
        final LaneSizes sizes =
            new LaneSizes(connections(config, steering.ports().lanes()), config.maxFragments(), config.refreshSeconds());
        final PathParts parts = new PathParts(ports.frames(), shared.fibs(), forwarding, counters, shared.events(), shared.sequences(),
            steering, sizes, nowNs);
        final Lane lane =
            new Lane(config.threading(), config.idle(), parts, ports.ports(), rings, shared.clock(), shared.errors());
        return new Member(lane, parts, counters, compiler, forwarding);
    }

    /** How many lanes a configuration asks for on this machine, if its interfaces can carry them. */
    static int count(final DataplaneConfig config) {
        final int cores = Runtime.getRuntime().availableProcessors();
        return config.lanes() != DataplaneConfig.AUTOMATIC ? config.lanes()
            : Math.clamp(cores / CORES_PER_LANE, 1, AUTOMATIC_AT_MOST);
    }

    /** Connections that one lane holds: its share, and an eighth more since they are never dealt out quite evenly. */
    static int connections(final DataplaneConfig config, final int lanes) {
        final int share = (config.maxConnections() + lanes - 1) / lanes;
        return lanes == 1 ? share : Math.min(config.maxConnections(), share + share / 8 + 64);
    }

    /** Compiles for every lane before any lane sees it. Nothing is in force if this fails. */
    void publish(final ForwardingSpec spec) {
        final List<ForwardingTable> tables = new ArrayList<>();
        try {
            members.forEach(member -> tables.add(member.compiler().compile(spec, clock.nowNs())));
        } catch (final IllegalArgumentException e) {
            throw new DataplaneException(e.getMessage(), e);
        }
        for (int i = 0; i < tables.size(); i++) {
            members.get(i).forwarding().publish(tables.get(i));
        }
    }

    /** Waits until no lane uses an older configuration. */
    void awaitTaken() {
        final long deadline = System.nanoTime() + TAKEN_WITHIN_NS;
        while (!members.stream().allMatch(member -> member.forwarding().isTaken())) {
            if (System.nanoTime() - deadline > 0) {
                throw new DataplaneException("a lane has not taken the new configuration within ten seconds: it is stuck."
                    + " Take a thread dump (jcmd PID Thread.print) and restart; connections survive.");
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
        }
    }

    /** Takes over what the table of record holds, before the lanes run: each connection to the lane that has its local port. */
    void restore(final TableOfRecord record, final Runnable first) {
        final List<Restorer> restorers = members.stream()
            .map(member -> new Restorer(member.parts(), member.compiler(), member.forwarding().newest())).toList();
        record.restore(connection -> restorers.get(lane(connection)).restore(connection, 0), first);
        members.forEach(member -> member.forwarding().publish(member.compiler().refresh(member.forwarding().newest())));
    }

    private int lane(final MemorySegment connection) {
        return steering.ofLocalPort(ConnectionRecord.u16(connection, 0, ConnectionRecord.LOCAL_PORT_OFFSET));
    }

    void start(final Runnable first) {
        members.forEach(member -> member.lane().start(first));
    }

    /** The configuration in force. Any thread. */
    ForwardingSpec spec() {
        return members.getFirst().forwarding().newest().spec();
    }

    /** What each lane made of the configuration. Any thread. */
    List<ForwardingTable> tables() {
        return members.stream().map(member -> member.forwarding().newest()).toList();
    }

    /** A sum over all lanes. Any thread. */
    long sum(final SystemCounter counter) {
        return members.stream().mapToLong(member -> member.counters().get(counter)).sum();
    }

    /** Connections of all lanes. Any thread. */
    List<ConnectionView> connections(final Predicate<ConnectionView> filter, final int limit) {
        final List<ConnectionView> found = new ArrayList<>();
        for (final Member member : members) {
            found.addAll(new ConnectionLister(member.parts().table(), () -> Clock.seconds(clock.nowNs()))
                .list(member.lane()::ask, filter, limit - found.size()));
        }
        return found;
    }

    /** Asks the lane that owns a packet what would become of it. Any thread. */
    Explanation explain(final Protocol protocol, final InetSocketAddress source, final InetSocketAddress destination,
                        final Fib fib, final Function<InetAddress, String> way) {
        final Member owner = members.get(owner(protocol, source, destination));
        return owner.lane().ask(() -> new Explainer(owner.parts().table(), owner.forwarding().newest(), fib, way, clock.nowNs())
            .explain(protocol, source, destination));
    }

    private int owner(final Protocol protocol, final InetSocketAddress source, final InetSocketAddress destination) {
        final long high = Address.high(destination.getAddress());
        final long low = Address.low(destination.getAddress());
        final int port = destination.getPort();
        return members.getFirst().forwarding().newest().ownsLocalPort(high, low, port) ? steering.ofLocalPort(port)
            : steering.ofClient(protocol.number(), Address.high(source.getAddress()), Address.low(source.getAddress()),
            source.getPort(), high, low, port);
    }

    /** Stops all lanes, and only then gives back what they wake each other with. */
    @Override
    public void close() {
        members.forEach(member -> member.lane().stop());
        members.forEach(member -> member.lane().close());
    }

    /** Tells the table of record what it does not know up to date. The lanes have stopped. */
    void storeAll() {
        members.forEach(member -> member.parts().storeAll());
    }
}
