package io.sluice.bench.step;

import io.sluice.dataplane.connection.ConnectionRecord;
import io.sluice.dataplane.connection.ConnectionTable;
import io.sluice.dataplane.connection.ExpiryWheel;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Setup;

/** The expiry wheel over a million connections that all live, each visited every 30 seconds. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class WheelBench {
    private static final int PERIOD_SECONDS = 30;
    private static final int VISITS = 256;
    private static final int TURNS_A_SECOND = 130;
    private static final int CONNECTIONS = PERIOD_SECONDS * VISITS * TURNS_A_SECOND;
    private static final int START_SECONDS = 1_800_000_000;

    private final ConnectionTable table = new ConnectionTable(CONNECTIONS);
    private final ExpiryWheel wheel = new ExpiryWheel(table, START_SECONDS);
    private final ExpiryWheel.Visitor visitor = this::visit;
    private final int[] order = new int[CONNECTIONS];
    private int nowSeconds = START_SECONDS;
    private int turn;
    private int next;

    /** Schedules all connections, in random order. */
    @Setup
    public void schedule() {
        final Random random = new Random(1);
        for (int i = 0; i < CONNECTIONS; i++) {
            final int slot = table.allocate();
            final int j = random.nextInt(i + 1);
            order[i] = order[j];
            order[j] = slot;
        }
        for (int i = 0; i < CONNECTIONS; i++) {
            wheel.schedule(order[i], 1 + i % PERIOD_SECONDS);
        }
    }

    /** What the reaper does with a connection that lives, without telling the table of record. */
    private int visit(final int slot, final int now) {
        final int idle = now - ConnectionRecord.i32(table.memory(), table.record(slot), ConnectionRecord.LAST_SEEN_OFFSET);
        return idle == 0 ? 1 : PERIOD_SECONDS;
    }

    /** One turn's visits; the figure is for each. */
    @Benchmark
    @OperationsPerInvocation(VISITS)
    public int visit() {
        if (turn == 0) {
            nowSeconds++;
        }
        turn = turn + 1 == TURNS_A_SECOND ? 0 : turn + 1;
        final int visits = wheel.advance(nowSeconds, visitor, VISITS);
        if (visits != VISITS) {
            throw new IllegalStateException(visits + " visits instead of " + VISITS);
        }
        return visits;
    }

    /** Moves a random connection, as a change of its state does. */
    @Benchmark
    public void reschedule() {
        next = next + 1 == CONNECTIONS ? 0 : next + 1;
        wheel.reschedule(order[next], PERIOD_SECONDS);
    }
}
