package io.sluice.bench.step;

import io.sluice.dataplane.classify.LaneHash;
import io.sluice.dataplane.connection.FlowHash;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/**
 * The hash of the hot table, and the hash that deals flows out to lanes. Ports change, as from flow to flow; addresses are
 * not final, so that nothing about them can be computed once and for all.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class HashBench {
    private static final int TCP = 6;

    private final FlowHash flow = new FlowHash();
    private final LaneHash lane = new LaneHash(0x1234_5678_9abc_def0L);
    private long sourceHigh = 0x2001_0db8_000c_0000L;
    private long sourceLow = 7;
    private long destinationHigh = 0x2001_0db8_000f_0000L;
    private long destinationLow = 0x10;
    private int port;

    /** {@link FlowHash#of}. */
    @Benchmark
    public long flow() {
        return flow.of(TCP, sourceHigh, sourceLow, port++ & 0xffff, destinationHigh, destinationLow, 80);
    }

    /** {@link LaneHash#ofFlow}, and the lane that it means. */
    @Benchmark
    public int lane() {
        return LaneHash.lane(lane.ofFlow(TCP, sourceHigh, sourceLow, port++ & 0xffff, destinationHigh, destinationLow, 80), 4);
    }
}
