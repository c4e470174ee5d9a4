package io.sluice.bench.binding;

import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** The hot system calls, side by side. Most of each figure is the kernel's: what counts is the difference. Needs root. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class BindingBench {
    /** How C is called. */
    @Param
    public Binding binding;

    private HotCalls calls;

    /** Opens the socket, and tries every call. */
    @Setup
    public void open() {
        calls = binding.calls(new Target());
    }

    /** The floor: getppid(2). */
    @Benchmark
    public int getppid() {
        return calls.parent();
    }

    /** What a lane does before it waits. */
    @Benchmark
    public int poll() {
        return calls.poll();
    }

    /** What a lane does when nothing has come. */
    @Benchmark
    public int recvmmsg() {
        return calls.receive();
    }

    /** What a lane does with an answer, without sharing the call's cost among a burst. */
    @Benchmark
    public int sendmmsg() {
        return calls.send();
    }
}
