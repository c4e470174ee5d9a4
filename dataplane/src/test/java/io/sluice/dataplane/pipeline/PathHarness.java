package io.sluice.dataplane.pipeline;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.sluice.dataplane.api.CounterView;
import io.sluice.dataplane.api.ForwardingSpec;
import io.sluice.dataplane.api.Protocol;
import io.sluice.dataplane.classify.LaneHash;
import io.sluice.dataplane.connection.ConnectionRecord;
import io.sluice.dataplane.connection.ConnectionTable;
import io.sluice.dataplane.connection.TcpState;
import io.sluice.dataplane.counter.CountersFile;
import io.sluice.dataplane.counter.SystemCounter;
import io.sluice.dataplane.nat.SequenceGenerator;
import io.sluice.dataplane.service.SharedLimits;
import io.sluice.dataplane.verdict.DropReason;
import io.sluice.dataplane.verdict.Verdict;
import io.sluice.dataplane.wire.Address;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import org.agrona.collections.Long2LongHashMap;

/**
 * The real packet path on the caller's thread: frames are handed in, verdicts and frames come out, and time moves by hand.
 *
 * <pre>{@code
 * try (PathHarness path = PathHarness.of(Configuration.of(ListenerDraft.tcp(VIP4, SERVER4)))) {
 *     final Decoded syn = path.send(Packets.tcp(CLIENT4, VIP4).syn()).out();
 *     assertThat(syn.destination()).isEqualTo(SERVER4);
 * }
 * }</pre>
 */
public final class PathHarness implements AutoCloseable {
    /** Where the clock stands at the beginning, in seconds since 1970. */
    public static final int START_SECONDS = 1_800_000_000;
    private static final long NS_PER_SECOND = 1_000_000_000L;
    /** Lanes that packets are scattered over, wherever they belong: each is handed to its owner. */
    public static final int LANES = Integer.getInteger("sluice.test.lanes", 1);
    private static final int MOST_HOPS = 2;
    private static final int COUNTERS = 1024 * LANES;

    private final PathSizes sizes;
    private final StaticFib fib;
    private final RecordedEvents events;
    private final Path directory;
    private final Arena arena = Arena.ofConfined();
    private final CountersFile countersFile;
    private final List<TestLane> lanes = new ArrayList<>();
    private final Random arrival = new Random(4711);
    private ForwardingSpec spec;
    private Consumer<TestFrame> tap = frame -> { };
    private long nowNs;

    private PathHarness(final ForwardingSpec spec, final PathSizes sizes, final StaticFib fib, final RecordedEvents events,
                        final long nowNs) {
        this.spec = spec;
        this.sizes = sizes;
        this.fib = fib;
        this.events = events;
        this.nowNs = nowNs;
        try {
            this.directory = Files.createTempDirectory("sluice-path");
        } catch (final IOException e) {
            throw new UncheckedIOException(e);
        }
        this.countersFile = CountersFile.create(directory, COUNTERS);
        final LaneHash hash = new LaneHash(arrival.nextLong());
        final SharedLimits limits = new SharedLimits();
        final Long2LongHashMap exceptions = Steering.exceptions();
        for (int i = 0; i < LANES; i++) {
            lanes.add(new TestLane(new Steering(i, LANES, hash, exceptions), spec, sizes, fib, events, limits, countersFile, arena, nowNs));
        }
        for (final byte[] stored : events.stored()) {
            final MemorySegment record = MemorySegment.ofArray(stored);
            lanes.get(ConnectionRecord.u16(record, 0, ConnectionRecord.LOCAL_PORT_OFFSET) % LANES).restore(record);
        }
    }

    /** Initial sequence numbers with the same key every time. */
    static SequenceGenerator sequences() {
        return new SequenceGenerator(0x0706_0504_0302_0100L, 0x0f0e_0d0c_0b0a_0908L);
    }

    /**
     * A path in the network of {@link TestNet}.
     *
     * @param spec the configuration
     * @return an empty path
     */
    public static PathHarness of(final ForwardingSpec spec) {
        return of(spec, PathSizes.DEFAULT);
    }

    /**
     * A path in the network of {@link TestNet}.
     *
     * @param spec  the configuration
     * @param sizes of tables and pools
     * @return an empty path
     */
    public static PathHarness of(final ForwardingSpec spec, final PathSizes sizes) {
        return new PathHarness(spec, sizes, TestNet.fib(), new RecordedEvents(), START_SECONDS * NS_PER_SECOND);
    }

    /** A path in another network. */
    static PathHarness of(final ForwardingSpec spec, final StaticFib fib) {
        return new PathHarness(spec, PathSizes.DEFAULT, fib, new RecordedEvents(), START_SECONDS * NS_PER_SECOND);
    }

    /**
     * A path of one listener.
     *
     * @param listener everything that is configured
     * @return an empty path
     */
    public static PathHarness of(final ListenerDraft listener) {
        return of(Configuration.of(listener));
    }

    /**
     * What comes after this path was killed: a new one with the connections that the table of record holds.
     *
     * @return a path at the same time, in the same network; this one is closed
     */
    public PathHarness restarted() {
        return restarted(spec);
    }

    /**
     * The same with another configuration.
     *
     * @param next the configuration
     * @return a path at the same time, in the same network; this one is closed
     */
    public PathHarness restarted(final ForwardingSpec next) {
        close();
        return new PathHarness(next, sizes, fib, events, nowNs);
    }

    /**
     * Sends one frame through the path, in a turn of its own.
     *
     * @param frame as a port delivers it
     * @return what became of it
     */
    public PathResult send(final TestFrame frame) {
        return send(List.of(frame)).getFirst();
    }

    /**
     * Sends one packet through the path, in a turn of its own.
     *
     * @param packet complete
     * @return what became of it
     */
    public PathResult send(final PacketBuilder<?> packet) {
        return send(packet.build());
    }

    /**
     * Sends frames through the path in one burst.
     *
     * @param burst no more than there are receive frames
     * @return what became of each; the first has what was made in the turn
     */
    public List<PathResult> send(final List<TestFrame> burst) {
        burst.forEach(tap);
        if (LANES > 1) {
            return burst.stream().map(this::scatter).toList();
        }
        final TestLane lane = lanes.getFirst();
        lane.begin(nowNs);
        burst.forEach(lane::place);
        lane.process();
        final List<PathResult> results = new ArrayList<>();
        List<TestFrame> made = lane.collectMade();
        for (int i = 0; i < burst.size(); i++) {
            results.add(lane.result(i, made));
            made = List.of();
        }
        return results;
    }

    /** Sends a frame into any lane, and follows it to its owner. */
    private PathResult scatter(final TestFrame frame) {
        TestLane lane = lanes.get(arrival.nextInt(LANES));
        lane.begin(nowNs);
        lane.place(frame);
        lane.process();
        final List<TestFrame> made = lane.collectMade();
        for (int hops = 1; lane.verdict() == Verdict.HAND_OVER; hops++) {
            Consistency.same(Math.min(hops, MOST_HOPS), hops, "times handed over");
            final TestLane next = lanes.get(lane.target());
            next.begin(nowNs);
            lane.handTo(next);
            next.process();
            made.addAll(next.collectMade());
            lane = next;
        }
        return lane.result(0, made);
    }

    /** Shows every frame that is sent to somebody else too. */
    void tap(final Consumer<TestFrame> listener) {
        tap = listener;
    }

    /**
     * A turn without any frame.
     *
     * @return frames that were made
     */
    public List<TestFrame> turn() {
        final List<TestFrame> made = new ArrayList<>();
        for (final TestLane lane : lanes) {
            lane.begin(nowNs);
            lane.process();
            made.addAll(lane.collectMade());
        }
        return made;
    }

    /**
     * Lets time pass, with a turn in every second.
     *
     * @param seconds how many
     * @return frames that were made
     */
    public List<TestFrame> advanceSeconds(final int seconds) {
        final List<TestFrame> made = new ArrayList<>();
        for (int i = 0; i < seconds; i++) {
            nowNs += NS_PER_SECOND;
            made.addAll(turn());
        }
        return made;
    }

    /**
     * Moves time without a turn.
     *
     * @param nanoseconds how many
     */
    public void advanceNanos(final long nanoseconds) {
        nowNs += nanoseconds;
    }

    /**
     * The time.
     *
     * @return nanoseconds since 1970
     */
    public long nowNs() {
        return nowNs;
    }

    /**
     * Puts another configuration into force, and lets the path take it.
     *
     * @param next the configuration
     * @return frames that were made in the turn after that
     */
    public List<TestFrame> apply(final ForwardingSpec next) {
        spec = next;
        lanes.forEach(lane -> lane.apply(next, nowNs));
        return turn();
    }

    /**
     * Reads a counter.
     *
     * @param counter which
     * @return its value
     */
    public long count(final SystemCounter counter) {
        return lanes.stream().mapToLong(lane -> lane.counters().get(counter)).sum();
    }

    /** Sum of a counter over all listeners or all backends, by the name it has in the API. */
    long count(final String name) {
        return countersFile.views().stream().filter(view -> view.name().equals(name)).mapToLong(CounterView::value).sum();
    }

    /**
     * Reads a drop counter.
     *
     * @param reason which
     * @return frames dropped for it
     */
    public long drops(final DropReason reason) {
        return lanes.stream().mapToLong(lane -> lane.drops(reason)).sum();
    }

    /**
     * Routes and neighbours, to be changed at will.
     *
     * @return those of this path
     */
    public StaticFib fib() {
        return fib;
    }

    /**
     * What the lane told of its connections.
     *
     * @return a recording
     */
    public RecordedEvents events() {
        return events;
    }

    /**
     * Connections now.
     *
     * @return size of the table
     */
    public int connections() {
        return lanes.stream().mapToInt(lane -> lane.parts().table().size()).sum();
    }

    /**
     * The state of a TCP connection.
     *
     * @param client  its client
     * @param virtual its virtual address
     * @return name of a {@link TcpState}; {@code NONE} if there is no such connection
     */
    public String state(final Endpoint client, final Endpoint virtual) {
        for (final TestLane lane : lanes) {
            final ConnectionTable table = lane.parts().table();
            final int handle = table.find(Protocol.TCP.number(), Address.high(client.address()), Address.low(client.address()),
                client.port(), Address.high(virtual.address()), Address.low(virtual.address()), virtual.port());
            if (handle != ConnectionTable.NONE) {
                return TcpState.name(ConnectionRecord.u8(table.memory(), table.record(ConnectionTable.slot(handle)),
                    ConnectionRecord.STATE_OFFSET));
            }
        }
        return TcpState.name(0);
    }

    /** The lanes, for tests that look inside. */
    List<TestLane> lanes() {
        return lanes;
    }

    /** The lane of tests that fill bursts themselves. */
    TestLane onlyLane() {
        assumeTrue(LANES == 1, "a test of one lane");
        return lanes.getFirst();
    }

    /**
     * Checks that everything that knows of connections agrees: table, leases, backends, listeners, counters, frames.
     *
     * @throws AssertionError naming what does not
     */
    public void checkConsistency() {
        lanes.forEach(TestLane::checkConsistency);
    }

    @Override
    public void close() {
        if (!arena.scope().isAlive()) {
            return;
        }
        arena.close();
        final Path file = countersFile.file();
        countersFile.close();
        try {
            Files.delete(file);
            Files.delete(directory);
        } catch (final IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
