package io.sluice.dataplane.pipeline.conversation;

import io.sluice.dataplane.pipeline.Decoded;
import io.sluice.dataplane.pipeline.PathHarness;
import io.sluice.dataplane.pipeline.PathResult;
import io.sluice.dataplane.pipeline.TestFrame;
import io.sluice.dataplane.pipeline.TestNet;
import io.sluice.dataplane.verdict.DropReason;
import java.util.EnumSet;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/** The path between two links, and everything that happens in the order of its time. */
final class World implements AutoCloseable {
    /** What frames go through on their way to the path and from it. */
    record Weather(double loss, double duplication, long delayNs, long jitterNs) {
        static final Weather CLEAR = new Weather(0, 0, 100_000, 0);
    }

    private record Event(long timeNs, long number, Runnable action) implements Comparable<Event> {
        @Override
        public int compareTo(final Event that) {
            return timeNs != that.timeNs ? Long.compare(timeNs, that.timeNs) : Long.compare(number, that.number);
        }
    }

    private static final long SECOND = 1_000_000_000L;

    private final PriorityQueue<Event> events = new PriorityQueue<>();
    private final Set<DropReason> expectedDrops = EnumSet.of(DropReason.NO_CONNECTION);
    private final Random random;
    private PathHarness path;
    private Weather weather;
    private Consumer<TestFrame> atClients;
    private Consumer<TestFrame> atServers;
    private final long startNs;
    private long nowNs;
    private long numbers;
    private boolean down;
    private int restarts;

    World(final PathHarness path, final Random random, final Weather weather) {
        this.path = path;
        this.random = random;
        this.weather = weather;
        this.nowNs = path.nowNs();
        this.startNs = nowNs;
        at(nowNs + SECOND, this::turnEverySecond);
    }

    /** Who gets what arrives behind the links. */
    void inhabit(final Consumer<TestFrame> clients, final Consumer<TestFrame> servers) {
        atClients = clients;
        atServers = servers;
    }

    PathHarness path() {
        return path;
    }

    long nowNs() {
        return nowNs;
    }

    void weather(final Weather next) {
        weather = next;
    }

    void expectDrops(final DropReason reason) {
        expectedDrops.add(reason);
    }

    int restarts() {
        return restarts;
    }

    /** Has something done at a time. */
    void at(final long timeNs, final Runnable action) {
        events.add(new Event(Math.max(timeNs, nowNs), numbers++, action));
    }

    void after(final long ns, final Runnable action) {
        at(nowNs + ns, action);
    }

    /** Lets things happen until a condition holds; false if it does not within a time. */
    boolean runUntil(final BooleanSupplier done, final long atMostNs) {
        final long endNs = nowNs + atMostNs;
        while (!done.getAsBoolean()) {
            final Event event = events.poll();
            if (event.timeNs > endNs) {
                events.add(event);
                return false;
            }
            nowNs = event.timeNs;
            event.action.run();
        }
        return true;
    }

    private void turnEverySecond() {
        if (!down) {
            path.advanceNanos(nowNs - path.nowNs());
            path.turn().forEach(this::leave);
        }
        after(SECOND, this::turnEverySecond);
    }

    /** Puts a frame on the link to the path. */
    void send(final TestFrame frame) {
        travel(() -> arrive(frame));
    }

    /** The path dies, and is back a while later with what the table of record held. */
    void kill(final long downNs) {
        if (down) {
            return;
        }
        down = true;
        after(downNs, () -> {
            path.advanceNanos(nowNs - path.nowNs());
            path = path.restarted();
            down = false;
            restarts++;
        });
    }

    private void travel(final Runnable arrival) {
        final int copies = random.nextDouble() < weather.loss ? 0 : random.nextDouble() < weather.duplication ? 2 : 1;
        for (int i = 0; i < copies; i++) {
            after(weather.delayNs + (weather.jitterNs == 0 ? 0 : random.nextLong(weather.jitterNs)), arrival);
        }
    }

    private void arrive(final TestFrame frame) {
        trace(frame.port() == TestNet.FRONT ? "client > path" : "server > path", frame);
        if (down) {
            return;
        }
        path.advanceNanos(nowNs - path.nowNs());
        final PathResult result = path.send(frame);
        if (result.isPassed() || result.reason() != null && !expectedDrops.contains(result.reason())) {
            throw new AssertionError("the path did not forward " + frame + ": " + result);
        }
        result.leaving().forEach(this::leave);
    }

    private void leave(final TestFrame frame) {
        trace(frame.port() == TestNet.FRONT ? "path > client" : "path > server", frame);
        for (final TestFrame packet : Offload.cut(frame)) {
            final Decoded decoded = Decoded.of(packet);
            if (!decoded.isSound() || decoded.ipLength > path.fib().mtu(0)) {
                throw new AssertionError(decoded.defects + ", " + decoded.ipLength + " bytes, from " + frame);
            }
            travel(() -> (frame.port() == TestNet.FRONT ? atClients : atServers).accept(packet));
        }
    }

    private static String flags(final int flags) {
        final StringBuilder text = new StringBuilder();
        for (int i = 0; i < 5; i++) {
            text.append((flags >> i & 1) == 0 ? "" : "FSRP.".substring(i, i + 1));
        }
        return text.toString();
    }

    private void trace(final String where, final TestFrame frame) {
        if (Seeds.TRACE) {
            final Decoded packet = Decoded.of(frame);
            System.out.printf("%12.6f %s %s > %s %s seq %08x ack %08x %d bytes %s%s%n", (nowNs - startNs) / 1e9, where, packet.source(),
                packet.destination(), flags(packet.flags), packet.sequence, packet.acknowledgment, packet.payload.length,
                packet.options, down ? " (path is down)" : "");
        }
    }

    @Override
    public void close() {
        path.close();
    }
}
