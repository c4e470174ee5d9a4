package io.sluice.bench.step;

import io.sluice.dataplane.nat.LocalPortPool;
import io.sluice.dataplane.nat.PortLeases;
import java.net.InetAddress;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Setup;

/** Leasing a local port and giving one back, among half a million of which half are leased. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class LeaseBench {
    private static final int FIRST_PORT = 5000;
    private static final int LAST_PORT = 65_535;

    private final PortLeases leases = new PortLeases(new LocalPortPool("bench",
        List.of(address(1), address(2), address(3), address(4), address(5), address(6), address(7), address(8)), FIRST_PORT, LAST_PORT));
    private int[] leased;
    private int next;

    private static InetAddress address(final int host) {
        return InetAddress.ofLiteral("10.2.1." + host);
    }

    /** Leases half of the ports. */
    @Setup
    public void lease() {
        leased = new int[leases.capacity() / 2];
        for (int i = 0; i < leased.length; i++) {
            leased[i] = leases.lease();
        }
    }

    /** The oldest goes, a new one comes. */
    @Benchmark
    public int leaseAndRelease() {
        next = next + 1 == leased.length ? 0 : next + 1;
        leases.release(leased[next]);
        leased[next] = leases.lease();
        return leased[next];
    }
}
