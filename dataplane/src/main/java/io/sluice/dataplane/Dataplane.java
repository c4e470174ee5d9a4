package io.sluice.dataplane;

import io.sluice.dataplane.api.ConnectionView;
import io.sluice.dataplane.api.CounterView;
import io.sluice.dataplane.api.DataplaneControl;
import io.sluice.dataplane.api.DataplaneException;
import io.sluice.dataplane.api.DataplaneStatus;
import io.sluice.dataplane.api.Explanation;
import io.sluice.dataplane.api.ForwardingSpec;
import io.sluice.dataplane.api.Protocol;
import io.sluice.dataplane.counter.CountersFile;
import io.sluice.dataplane.counter.LaneCounters;
import io.sluice.dataplane.counter.SystemCounter;
import io.sluice.dataplane.pipeline.Clock;
import io.sluice.dataplane.pipeline.ForwardingSource;
import io.sluice.dataplane.pipeline.Lane;
import io.sluice.dataplane.pipeline.PathParts;
import io.sluice.dataplane.service.ForwardingCompiler;
import io.sluice.dataplane.service.ForwardingTable;
import io.sluice.dataplane.trace.ConnectionLister;
import io.sluice.dataplane.trace.Explainer;
import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;

/**
 * The data plane of one node on the host's real interfaces: see the package's drawing.
 *
 * <p>Life: {@link #open}, {@link #start}, any number of {@link #apply}, {@link #close}. Packets flow from the first
 * {@code apply} on, since only then it is known whose connections the table of record holds.
 */
public final class Dataplane implements DataplaneControl {
    private static final int SPARE_FRAMES = 256;
    private static final int COUNTERS = 1 << 15;
    private static final long TAKEN_WITHIN_NS = TimeUnit.SECONDS.toNanos(10);

    private final DataplaneConfig config;
    private final OperatorMessages messages = new OperatorMessages();
    private final HostNetwork host = new HostNetwork(messages);
    private final Clock clock = new Clock();
    private StateDirectory state;
    private CountersFile counters;
    private LaneCounters laneCounters;
    private ForwardingCompiler compiler;
    private ForwardingSource forwarding;
    private TableOfRecord record;
    private PathParts parts;
    private Lane lane;
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
            state = StateDirectory.open(config.stateDirectory());
            record = TableOfRecord.open(state.path(), config, Clock.seconds(clock.nowNs()), messages);
            counters = CountersFile.create(state.path(), COUNTERS);
            laneCounters = counters.lane(0);
            host.open(config, SPARE_FRAMES, state.path());
            compiler = new ForwardingCompiler(counters, new SecureRandom()::nextInt);
            forwarding = new ForwardingSource(compiler.compile(ForwardingSpec.EMPTY, clock.nowNs()));
            parts = new PathParts(host.frames(), host.fibs(), forwarding, laneCounters, record.events(), state.sequences(),
                config.maxConnections(), config.maxFragments(), config.refreshSeconds(), clock.nowNs());
            lane = new Lane(config.threading(), config.idle(), parts, host.ports(), clock,
                error -> messages.say("a defect of Sluice, please report it: " + stackOf(error)));
        } catch (final RuntimeException e) {
            close();
            throw e;
        }
    }

    private void checkThreads() {
        final int spinning = config.idle() != IdleMode.SPIN ? 0 : config.threading() == ThreadingMode.DEDICATED ? 3 : 1;
        final int cores = Runtime.getRuntime().availableProcessors();
        if (spinning > 0 && spinning >= cores) {
            throw new DataplaneException("dataplane.idle: spin with threading " + config.threading().name().toLowerCase(Locale.ROOT)
                + " needs " + spinning + " cores for itself, and this machine has " + cores
                + ". Use idle: backoff, or threading: shared.");
        }
    }

    @Override
    public synchronized void apply(final ForwardingSpec spec) {
        if (lane == null || closed) {
            throw new DataplaneException("the data plane is not started");
        }
        final ForwardingTable table;
        try {
            table = compiler.compile(spec, clock.nowNs());
        } catch (final IllegalArgumentException e) {
            throw new DataplaneException(e.getMessage(), e);
        }
        host.prepare(spec);
        forwarding.publish(table);
        if (running) {
            waitUntilTaken();
        } else {
            record.restore(parts, compiler, forwarding);
            lane.start();
            running = true;
        }
        host.commit(spec);
    }

    private void waitUntilTaken() {
        final long deadline = System.nanoTime() + TAKEN_WITHIN_NS;
        while (!forwarding.isTaken()) {
            if (System.nanoTime() - deadline > 0) {
                throw new DataplaneException("the lane has not taken the new configuration within ten seconds: it is stuck."
                    + " Take a thread dump (jcmd PID Thread.print) and restart; connections survive.");
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
        }
    }

    @Override
    public Explanation explain(final Protocol protocol, final InetSocketAddress client, final InetSocketAddress virtual) {
        return lane.ask(() -> new Explainer(parts.table(), forwarding.newest(), host.fibs().current(), host::describe, clock.nowNs())
            .explain(protocol, client, virtual));
    }

    @Override
    public List<ConnectionView> connections(final Predicate<ConnectionView> filter, final int limit) {
        return new ConnectionLister(parts.table(), () -> Clock.seconds(clock.nowNs())).list(lane::ask, filter, limit);
    }

    @Override
    public List<CounterView> counters() {
        final List<CounterView> all = new ArrayList<>(counters.views());
        all.addAll(new LiveCounters().keptFromKernel(host.keptFromKernel()).store(record.statistics()).ports(host.ports())
            .pools(forwarding.newest()).views());
        return all;
    }

    @Override
    public synchronized DataplaneStatus status() {
        final List<DataplaneStatus.Port> ports = host.ports().stream()
            .map(port -> new DataplaneStatus.Port(port.name(), port.kind(), port.detail(), port.isUp())).toList();
        return new DataplaneStatus(running, forwarding == null ? 0 : forwarding.newest().spec().revision(),
            laneCounters == null ? 0 : laneCounters.get(SystemCounter.CONNECTIONS_CURRENT), config.maxConnections(),
            laneCounters == null ? 0 : laneCounters.get(SystemCounter.CONNECTIONS_RESTORED), messages.list(), ports);
    }

    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        if (lane != null) {
            lane.close();
        }
        running = false;
        if (record != null) {
            record.close(parts);
        }
        host.close();
        if (counters != null) {
            counters.close();
        }
    }

    private static String stackOf(final Throwable error) {
        final StringBuilder text = new StringBuilder(error.toString());
        for (int i = 0; i < Math.min(8, error.getStackTrace().length); i++) {
            text.append(" at ").append(error.getStackTrace()[i]);
        }
        return text.toString();
    }
}
