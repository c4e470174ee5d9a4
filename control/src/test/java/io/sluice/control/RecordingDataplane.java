package io.sluice.control;

import io.sluice.dataplane.DataplaneConfig;
import io.sluice.dataplane.api.ConnectionView;
import io.sluice.dataplane.api.CounterView;
import io.sluice.dataplane.api.DataplaneControl;
import io.sluice.dataplane.api.DataplaneException;
import io.sluice.dataplane.api.DataplaneStatus;
import io.sluice.dataplane.api.Explanation;
import io.sluice.dataplane.api.ForwardingSpec;
import io.sluice.dataplane.api.Protocol;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;

/** A data plane without packets: remembers what it was told, tells what it was given. */
public final class RecordingDataplane implements DataplaneControl {
    private final List<ForwardingSpec> applied = new CopyOnWriteArrayList<>();
    private final List<ConnectionView> connections = new CopyOnWriteArrayList<>();
    private final List<CounterView> counters = new CopyOnWriteArrayList<>();
    private final AtomicInteger inside = new AtomicInteger();
    private volatile int mostInside;
    private volatile DataplaneConfig settings;
    private volatile String refusal;
    private volatile boolean running;
    private volatile boolean closed;

    /** To be given to the daemon as the way to open a data plane. */
    public DataplaneControl open(final DataplaneConfig concluded) {
        settings = concluded;
        return this;
    }

    /** From now on every apply is refused with this message; null ends it. */
    public void refuseWith(final String message) {
        refusal = message;
    }

    /** As if the lanes had stopped. */
    public void stopLanes() {
        running = false;
    }

    public void add(final ConnectionView connection) {
        connections.add(connection);
    }

    public void add(final CounterView counter) {
        counters.add(counter);
    }

    public List<ForwardingSpec> applied() {
        return applied;
    }

    public DataplaneConfig settings() {
        return settings;
    }

    public boolean closed() {
        return closed;
    }

    /** Most applies that were under way at once. */
    public int mostInside() {
        return mostInside;
    }

    @Override
    public void start() {
        running = true;
    }

    @Override
    public void apply(final ForwardingSpec spec) {
        final int now = inside.incrementAndGet();
        mostInside = Math.max(mostInside, now);
        try {
            Thread.yield();
            if (refusal != null) {
                throw new DataplaneException(refusal);
            }
            applied.add(spec);
        } finally {
            inside.decrementAndGet();
        }
    }

    @Override
    public Explanation explain(final Protocol protocol, final InetSocketAddress client, final InetSocketAddress virtual) {
        return new Explanation(List.of(new Explanation.Step("classify", protocol + " from " + client + " to " + virtual),
            new Explanation.Step("listener", "front/http")), "forward to 10.2.0.11:80");
    }

    @Override
    public List<ConnectionView> connections(final Predicate<ConnectionView> filter, final int limit) {
        return connections.stream().filter(filter).limit(limit).toList();
    }

    @Override
    public List<CounterView> counters() {
        return new ArrayList<>(counters);
    }

    @Override
    public DataplaneStatus status() {
        return new DataplaneStatus(running, 2, applied.isEmpty() ? 0 : applied.getLast().revision(), connections.size(),
            1_000_000, 12, List.of("table opened cleanly"),
            List.of(new DataplaneStatus.Port("eth0", "afxdp", "native mode, copy, 2 queues", true),
                new DataplaneStatus.Port("eth1", "afpacket", "", false)));
    }

    @Override
    public void close() {
        running = false;
        closed = true;
    }
}
