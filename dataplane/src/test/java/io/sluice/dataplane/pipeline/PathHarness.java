package io.sluice.dataplane.pipeline;

import io.sluice.dataplane.api.CounterView;
import io.sluice.dataplane.api.ForwardingSpec;
import io.sluice.dataplane.api.Protocol;
import io.sluice.dataplane.connection.ConnectionRecord;
import io.sluice.dataplane.connection.ConnectionTable;
import io.sluice.dataplane.connection.TcpState;
import io.sluice.dataplane.counter.CountersFile;
import io.sluice.dataplane.counter.LaneCounters;
import io.sluice.dataplane.counter.SystemCounter;
import io.sluice.dataplane.nat.SequenceGenerator;
import io.sluice.dataplane.port.Burst;
import io.sluice.dataplane.port.FrameArena;
import io.sluice.dataplane.port.Frames;
import io.sluice.dataplane.service.ForwardingCompiler;
import io.sluice.dataplane.service.ForwardingTable;
import io.sluice.dataplane.verdict.DropReason;
import io.sluice.dataplane.verdict.Verdict;
import io.sluice.dataplane.wire.Address;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

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
    private static final int FRAME_BYTES = FrameArena.HEADROOM + FrameArena.SUPER_FRAME + 63 & ~63;
    private static final int COUNTERS = 1024;

    private final PathSizes sizes;
    private final StaticFib fib;
    private final RecordedEvents events;
    private final Path directory;
    private final Arena arena = Arena.ofConfined();
    private final CountersFile countersFile;
    private final ForwardingCompiler compiler;
    private final ForwardingSource source;
    private final LaneCounters counters;
    private final Frames frames;
    private final PathParts parts;
    private final LaneEvent event = new LaneEvent();
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
        this.counters = countersFile.lane(0);
        this.compiler = new ForwardingCompiler(countersFile);
        final ForwardingTable first = compiler.compile(spec, nowNs);
        this.source = new ForwardingSource(first);
        final int count = sizes.receiveFrames() + sizes.spareFrames();
        this.frames = new Frames(new FrameArena(arena.allocate((long) count * FRAME_BYTES, 64), count, FRAME_BYTES),
            sizes.spareFrames());
        this.parts = new PathParts(frames, fib, source, counters, events, sequences(), sizes.connections(), sizes.fragments(),
            sizes.refreshSeconds(), nowNs);
        final Restorer restorer = new Restorer(parts, compiler, first);
        events.stored().forEach(record -> restorer.restore(MemorySegment.ofArray(record), 0));
        source.publish(compiler.refresh(first));
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
        event.received().clear();
        event.made().clear();
        for (final TestFrame frame : burst) {
            tap.accept(frame);
            place(frame);
        }
        event.nowNs(nowNs);
        parts.path().process(event);
        final List<PathResult> results = new ArrayList<>();
        List<TestFrame> made = collectMade();
        for (int i = 0; i < burst.size(); i++) {
            final byte verdict = event.received().verdict(i);
            results.add(new PathResult(verdict, verdict == Verdict.DROP ? event.received().reason(i) : null,
                collect(event.received(), i), made));
            made = List.of();
        }
        return results;
    }

    private void place(final TestFrame frame) {
        final long offset = frames.receive().take();
        if (offset < 0) {
            throw new IllegalStateException("a burst of more than " + sizes.receiveFrames() + " frames");
        }
        MemorySegment.copy(frame.bytes(), 0, frames.arena().memory(), ValueLayout.JAVA_BYTE, offset, frame.bytes().length);
        frame.describe(event.received(), event.received().add(offset, frame.bytes().length, frame.port()));
    }

    private TestFrame collect(final Burst burst, final int i) {
        final TestFrame frame = TestFrame.of(frames.arena().memory().asSlice(burst.offset(i), burst.length(i))
            .toArray(ValueLayout.JAVA_BYTE), burst, i);
        frames.release(burst.offset(i));
        return frame;
    }

    private List<TestFrame> collectMade() {
        final List<TestFrame> made = new ArrayList<>();
        for (int i = 0; i < event.made().size(); i++) {
            if (event.made().verdict(i) != Verdict.FORWARD) {
                throw new AssertionError("a made frame that is not forwarded");
            }
            made.add(collect(event.made(), i));
        }
        return made;
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
        event.received().clear();
        event.made().clear();
        event.nowNs(nowNs);
        parts.path().process(event);
        return collectMade();
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
        source.publish(compiler.compile(next, nowNs));
        return turn();
    }

    /**
     * Reads a counter.
     *
     * @param counter which
     * @return its value
     */
    public long count(final SystemCounter counter) {
        return counters.get(counter);
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
        return counters.get(reason);
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
        return parts.table().size();
    }

    /**
     * The state of a TCP connection.
     *
     * @param client  its client
     * @param virtual its virtual address
     * @return name of a {@link TcpState}; {@code NONE} if there is no such connection
     */
    public String state(final Endpoint client, final Endpoint virtual) {
        final ConnectionTable table = parts.table();
        final int handle = table.find(Protocol.TCP.number(), Address.high(client.address()), Address.low(client.address()),
            client.port(), Address.high(virtual.address()), Address.low(virtual.address()), virtual.port());
        return handle == ConnectionTable.NONE ? TcpState.name(0) : TcpState.name(ConnectionRecord.u8(table.memory(),
            table.record(ConnectionTable.slot(handle)), ConnectionRecord.STATE_OFFSET));
    }

    /** The configuration in force. */
    ForwardingTable forwarding() {
        return source.newest();
    }

    /** The stages, for tests that look inside. */
    PathParts parts() {
        return parts;
    }

    /** The frames, for tests that fill bursts themselves. */
    Frames frames() {
        return frames;
    }

    /**
     * Checks that everything that knows of connections agrees: table, leases, backends, listeners, counters, frames.
     *
     * @throws AssertionError naming what does not
     */
    public void checkConsistency() {
        Consistency.check(this);
        Consistency.same(sizes.receiveFrames(), frames.receive().available(), "free receive frames");
        Consistency.same(sizes.spareFrames(), frames.spare().available(), "free spare frames");
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
