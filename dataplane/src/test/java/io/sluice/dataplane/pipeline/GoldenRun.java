package io.sluice.dataplane.pipeline;

import io.sluice.dataplane.api.IdleMode;
import io.sluice.dataplane.api.ThreadingMode;
import io.sluice.dataplane.api.CounterView;
import io.sluice.dataplane.counter.CountersFile;
import io.sluice.dataplane.port.FrameArena;
import io.sluice.dataplane.port.Frames;
import io.sluice.dataplane.port.pcap.PcapPort;
import io.sluice.dataplane.port.pcap.PcapReader;
import io.sluice.dataplane.port.pcap.PcapWriter;
import io.sluice.dataplane.service.ForwardingCompiler;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;

/**
 * Plays a capture through a whole lane: port, Disruptor, path, port. Time is that of the capture, and the key of initial
 * sequence numbers is fixed, so the same input gives the same output to the last byte.
 */
final class GoldenRun {
    private static final long NS_PER_SECOND = 1_000_000_000L;
    private static final int COUNTERS = 1024;

    private GoldenRun() {
    }

    /**
     * Plays a capture.
     *
     * @param config of the case
     * @param in     what the port receives
     * @param out    what it sends
     * @param state  an empty directory for the counters file
     * @return counters that are not zero, a line each
     */
    static List<String> play(final GoldenConfig config, final Path in, final Path out, final Path state) throws Exception {
        final AtomicLong nowNs = new AtomicLong(PathHarness.START_SECONDS * NS_PER_SECOND);
        final Frames frames = new Frames(FrameArena.allocate(160, FrameArena.SMALL_FRAME), 80);
        try (CountersFile counters = CountersFile.create(state, COUNTERS);
             PcapPort port = new PcapPort("eth0", TestNet.FRONT, frames, PcapReader.open(in), PcapWriter.create(out), nowNs::get)) {
            final ForwardingSource source =
                new ForwardingSource(new ForwardingCompiler(counters).compile(config.spec(), nowNs.get()));
            final PathParts parts = new PathParts(frames, config.fib(), source, counters.lane(), new RecordedEvents(),
                PathHarness.sequences(), Steering.ALONE, new LaneSizes(1024, 64, 30), nowNs.get());
            try (Lane lane = new Lane(ThreadingMode.INVOKER, IdleMode.BACKOFF, parts, List.of(port), List.of(),
                new Clock(nowNs::get, nowNs.get()), GoldenRun::fail)) {
                while (port.nextTimeNs() != Long.MAX_VALUE) {
                    nowNs.set(port.nextTimeNs());
                    port.pollUntil(nowNs.get());
                    lane.doWork();
                }
                for (int i = 0; i < config.waitSeconds(); i++) {
                    nowNs.addAndGet(NS_PER_SECOND);
                    lane.doWork();
                }
            }
            return counters.views().stream().filter(view -> view.value() != 0 && !"cycles".equals(view.name()))
                .map(GoldenRun::line).sorted().collect(Collectors.toList());
        } finally {
            Files.delete(state.resolve(CountersFile.FILE_NAME));
        }
    }

    private static String line(final CounterView view) {
        return (view.name() + " " + view.value() + " " + view.subject()).trim();
    }

    private static void fail(final Throwable defect) {
        throw new AssertionError("the lane threw", defect);
    }

    /** An empty directory for a run. */
    static Path state() throws IOException {
        return Files.createTempDirectory("sluice-golden");
    }
}
