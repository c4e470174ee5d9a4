package io.sluice.bench.step;

import io.sluice.bench.traffic.Clients;
import io.sluice.bench.traffic.Ends;
import io.sluice.bench.traffic.Rig;
import io.sluice.bench.traffic.Scene;
import io.sluice.dataplane.connection.ConnectionTable;
import io.sluice.dataplane.pipeline.Steering;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.TearDown;

/**
 * Finding the connection of a packet, in random order, half of the packets from clients and half from real servers. The keys lie
 * one after the other, so that reading them costs next to nothing.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class LookUpBench {
    private static final int KEY_BYTES = 40;
    private static final int PORTS = 32;

    /** Families. */
    @Param({"TCP_4TO4", "TCP_6TO6"})
    public Scene scene;
    /** Open connections. */
    @Param({"1", "1000000"})
    public int connections;

    private Rig rig;
    private ConnectionTable table;
    private MemorySegment keys;
    private int protocol;
    private int size;
    private int next;

    /** Opens the connections, and notes both keys of each. */
    @Setup
    public void open() {
        rig = new Rig(scene, connections, Steering.ALONE);
        new Clients(rig, Scene.LASTING, IntStream.range(0, connections).toArray()).open();
        protocol = scene.protocol().number();
        table = rig.parts().table();
        size = 2 * connections;
        keys = Arena.ofAuto().allocate((long) size * KEY_BYTES, 64);
        final int[] order = IntStream.range(0, size).toArray();
        final Random random = new Random(size);
        for (int i = size - 1; i > 0; i--) {
            final int j = random.nextInt(i + 1);
            final int swapped = order[i];
            order[i] = order[j];
            order[j] = swapped;
        }
        for (int i = 0; i < size; i++) {
            final Ends client = scene.ends(order[i] >> 1, Scene.LASTING);
            put(i, (order[i] & 1) == 0 ? client : Ends.fromServer(table.memory(), table.record(ConnectionTable.slot(find(client)))));
        }
    }

    private int find(final Ends ends) {
        return table.find(protocol, ends.sourceHigh(), ends.sourceLow(), ends.sourcePort(), ends.destinationHigh(),
            ends.destinationLow(), ends.destinationPort());
    }

    private void put(final int i, final Ends ends) {
        final long at = (long) i * KEY_BYTES;
        keys.set(ValueLayout.JAVA_LONG, at, ends.sourceHigh());
        keys.set(ValueLayout.JAVA_LONG, at + 8, ends.sourceLow());
        keys.set(ValueLayout.JAVA_LONG, at + 16, ends.destinationHigh());
        keys.set(ValueLayout.JAVA_LONG, at + 24, ends.destinationLow());
        keys.set(ValueLayout.JAVA_INT, at + PORTS, ends.sourcePort());
        keys.set(ValueLayout.JAVA_INT, at + PORTS + 4, ends.destinationPort());
        if (find(ends) == ConnectionTable.NONE) {
            throw new IllegalStateException("a key of the bench is not in the table");
        }
    }

    private int find(final int i) {
        final long at = (long) i * KEY_BYTES;
        return table.find(protocol, keys.get(ValueLayout.JAVA_LONG, at), keys.get(ValueLayout.JAVA_LONG, at + 8),
            keys.get(ValueLayout.JAVA_INT, at + PORTS), keys.get(ValueLayout.JAVA_LONG, at + 16),
            keys.get(ValueLayout.JAVA_LONG, at + 24), keys.get(ValueLayout.JAVA_INT, at + PORTS + 4));
    }

    /** Hits that do not depend on each other: the processor may fetch for the next while it waits for this one. */
    @Benchmark
    public int hit() {
        next = next + 1 == size ? 0 : next + 1;
        return find(next);
    }

    /** Hits one after the other: which is next depends on what was found, though it is always the same. */
    @Benchmark
    public int hitInTurn() {
        next = next + 1 >= size ? 0 : next + 1;
        final int handle = find(next);
        next += handle >>> 31;
        return handle;
    }

    /** Removes what is on disk. */
    @TearDown
    public void close() {
        rig.close();
    }
}
