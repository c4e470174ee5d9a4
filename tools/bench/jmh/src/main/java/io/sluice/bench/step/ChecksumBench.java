package io.sluice.bench.step;

import io.sluice.dataplane.wire.Checksum;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** The Internet checksum: over a full segment, and carried over a change. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class ChecksumBench {
    private static final int SEGMENT_BYTES = 1460;
    private static final int HEADER_BYTES = 32;

    private final MemorySegment memory = Arena.global().allocate(2048, 64);
    private int checksum;

    /** Random bytes. */
    public ChecksumBench() {
        final Random random = new Random(1);
        for (int i = 0; i < memory.byteSize(); i++) {
            memory.set(ValueLayout.JAVA_BYTE, i, (byte) random.nextInt());
        }
    }

    /** Sums 1460 bytes from an offset that is even but no multiple of four, as behind an Ethernet header. */
    @Benchmark
    public int full() {
        return Checksum.finish(Checksum.sum(memory, 14 + 20 + 20, SEGMENT_BYTES));
    }

    /** RFC 1624 as the translation does it: sums over a TCP header of 32 bytes and its pseudo-header, before and after. */
    @Benchmark
    public int incremental() {
        final long before = Checksum.sum(memory, 34, HEADER_BYTES)
            + Checksum.pseudoHeader(0, 0xffff_c612_0001L, 0, 0xffff_cb00_710aL, 6, 64);
        final long after = Checksum.sum(memory, 134, HEADER_BYTES)
            + Checksum.pseudoHeader(0, 0xffff_0a02_0064L, 0, 0xffff_0a02_000bL, 6, 64);
        checksum = Checksum.update(checksum, before, after);
        return checksum;
    }
}
