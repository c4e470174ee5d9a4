package io.sluice.dataplane;

import io.sluice.dataplane.api.ConnectionView;
import io.sluice.dataplane.api.CounterView;
import io.sluice.dataplane.api.DataplaneControl;
import io.sluice.dataplane.api.DataplaneException;
import io.sluice.dataplane.api.DataplaneStatus;
import io.sluice.dataplane.api.Explanation;
import io.sluice.dataplane.api.ForwardingSpec;
import io.sluice.dataplane.api.IdleMode;
import io.sluice.dataplane.api.Protocol;
import io.sluice.dataplane.api.ThreadingMode;
import io.sluice.dataplane.classify.LaneHash;
import io.sluice.dataplane.counter.CountersFile;
import io.sluice.dataplane.counter.SystemCounter;
import io.sluice.dataplane.os.Errno;
import io.sluice.dataplane.os.ffm.ThreadPriority;
import io.sluice.dataplane.pipeline.Clock;
import io.sluice.dataplane.port.PacketPort;
import io.sluice.dataplane.service.SharedLimits;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;

/**
 * The data plane of one node on the host's real interfaces: see the package's drawing.
 *
 * <p>Life: {@link #open}, {@link #start}, any number of {@link #apply}, {@link #close}. Packets flow from the first
 * {@code apply} on, since only then it is known whose connections the table of record holds.
 */
public final class Dataplane implements DataplaneControl {
    /** Three times the weight of an ordinary thread: not more, since the compiler has to get on while the path is not compiled. */
    private static final int NICE = -5;
    private static final long SLICE_NS = 100_000;
    private static final int COUNTERS = 1 << 15;

    private final DataplaneConfig config;
    private final OperatorMessages messages = new OperatorMessages();
    private final HostNetwork host = new HostNetwork(messages);
    private final Clock clock = new Clock();
    private StateDirectory state;
    private CountersFile counters;
    private Background<TableOfRecord> opening;
    private TableOfRecord record;
    private Lanes lanes;
    private boolean restored;
    private boolean running;
    private boolean closed;

    private Dataplane(final DataplaneConfig config) {
        this.config = config;
    }

    /**
     * A data plane that has not touched anything yet.
     *
     * @param config concluded settings
     * @return to be started
     */
    public static DataplaneControl open(final DataplaneConfig config) {
        return new Dataplane(config);
    }

    @Override
    public synchronized void start() {
        checkThreads();
        try {
            final int count = host.choose(config);
            state = StateDirectory.open(config.stateDirectory());
            opening = TableOfRecord.begin(state.path(), config, count * Lanes.connections(config, count),
                Clock.seconds(clock.nowNs()), messages);
            counters = CountersFile.create(state.path(), count * COUNTERS);
            final LaneHash hash = state.laneHash();
            host.open(config, count, hash, state.path());
            record = opening.await();
            lanes = new Lanes(new Lanes.Surroundings(config, new SharedLimits(), counters, host.fibs(), record.events(),
                state.sequences(), hash, clock, this::defect), host.lanes());
        } catch (final RuntimeException e) {
            closeAfter(e);
            throw e;
        }
    }

    private void closeAfter(final RuntimeException failure) {
        if (opening != null && record == null) {
            try {
                record = opening.await();
            } catch (final RuntimeException e) {
                if (e != failure) {
                    failure.addSuppressed(e);
                }
            }
        }
        close();
    }

    private void checkThreads() {
        final int perLane = config.threading() == ThreadingMode.DEDICATED ? 3 : 1;
        final int spinning = config.idle() == IdleMode.SPIN ? perLane * Lanes.count(config) : 0;
        final int cores = Runtime.getRuntime().availableProcessors();
        if (spinning > 0 && spinning >= cores) {
            throw new DataplaneException("dataplane.idle: spin with threading " + config.threading().name().toLowerCase(Locale.ROOT)
                + " and " + Lanes.count(config) + " lanes needs " + spinning + " cores for itself, and this machine has " + cores
                + ". Use idle: backoff, threading: shared, or fewer lanes.");
        }
    }

    @Override
    public synchronized void apply(final ForwardingSpec spec) {
        if (lanes == null || closed) {
            throw new DataplaneException("the data plane is not started");
        }
        if (running) {
            host.prepare(spec);
            lanes.publish(spec);
            lanes.awaitTaken();
        } else {
            begin(spec);
            running = true;
        }
        host.commit(spec);
    }

    /** The stored connections are taken over while the network is asked whether anybody has our addresses already. */
    private void begin(final ForwardingSpec spec) {
        final Background<Void> preparing = Background.start("sluice-prepare", () -> {
            host.prepare(spec);
            return null;
        });
        try {
            lanes.publish(spec);
            if (!restored) {
                lanes.restore(record, this::putFirst);
                restored = true;
            }
        } finally {
            preparing.await();
        }
        lanes.start(this::putFirst);
    }

    @Override
    public Explanation explain(final Protocol protocol, final InetSocketAddress client, final InetSocketAddress virtual) {
        return lanes.explain(protocol, client, virtual, host.fibs().current(), host::describe);
    }

    @Override
    public List<ConnectionView> connections(final Predicate<ConnectionView> filter, final int limit) {
        return lanes.connections(filter, limit);
    }

    @Override
    public List<CounterView> counters() {
        final List<CounterView> all = new ArrayList<>(counters.views());
        all.addAll(new LiveCounters().keptFromKernel(host.keptFromKernel()).store(record.statistics()).ports(host.lanes())
            .pools(lanes.tables()).views());
        return all;
    }

    @Override
    public synchronized DataplaneStatus status() {
        // Every lane has a port on every interface, and sees the same of it.
        final List<PacketPort> first = host.lanes().isEmpty() ? List.of() : host.lanes().getFirst().ports();
        final List<DataplaneStatus.Port> ports =
            first.stream().map(port -> new DataplaneStatus.Port(port.name(), port.kind(), port.detail(), port.isUp())).toList();
        return new DataplaneStatus(running, host.lanes().size(), lanes == null ? 0 : lanes.spec().revision(),
            sum(SystemCounter.CONNECTIONS_CURRENT), config.maxConnections(), sum(SystemCounter.CONNECTIONS_RESTORED),
            messages.list(), ports);
    }

    private long sum(final SystemCounter counter) {
        return lanes == null ? 0 : lanes.sum(counter);
    }

    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        if (lanes != null) {
            lanes.close();
        }
        if (record != null) {
            if (running) {
                lanes.storeAll();
            }
            record.close();
        }
        running = false;
        host.close();
        if (counters != null) {
            counters.close();
        }
    }

    /**
     * Gives the calling thread more weight than others: a compiler or a collector on the same core would otherwise hold packets up for
     * milliseconds again and again. Lanes and the table of record have the same, so that neither outruns the other.
     */
    private void putFirst() {
        final int errno = ThreadPriority.set(NICE, SLICE_NS);
        if (errno != 0) {
            messages.say("lanes have to share their cores with other threads as equals, since their priority cannot be raised ("
                + Errno.describe(errno) + "): latencies may vary. Give the process the capability CAP_SYS_NICE.");
        }
    }

    private void defect(final Throwable error) {
        messages.say("a defect of Sluice, please report it: " + stackOf(error));
    }

    private static String stackOf(final Throwable error) {
        final StringBuilder text = new StringBuilder(error.toString());
        for (int i = 0; i < Math.min(8, error.getStackTrace().length); i++) {
            text.append(" at ").append(error.getStackTrace()[i]);
        }
        return text.toString();
    }
}
