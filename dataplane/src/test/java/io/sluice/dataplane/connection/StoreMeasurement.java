package io.sluice.dataplane.connection;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Prints how long the table of record takes for what it does: arguments are an empty directory, a number of connections, and a number
 * of files. Asserts nothing. Run it with the flags of tools/jvm.options.
 */
final class StoreMeasurement {
    private static final int PAIRS = 1_000_000;
    private static long cpuStartNs = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();

    private StoreMeasurement() {
    }

    /** Arguments: directory, connections, shards. */
    public static void main(final String[] arguments) throws IOException {
        final Path directory = Path.of(arguments[0]);
        final int connections = Integer.parseInt(arguments[1]);
        final int shards = Integer.parseInt(arguments[2]);
        long start = System.nanoTime();
        ConnectionStore store = open(directory, connections, shards);
        print("first open, new files", start, 1);
        final ConnectionEvent event = new ConnectionEvent();
        final MemorySegment record = Arena.global().allocate(ConnectionRecord.LENGTH, 8);
        final int kept = connections * 9 / 10;
        start = System.nanoTime();
        for (int i = 0; i < kept; i++) {
            send(store, event, ConnectionEvent.Kind.OPENED, record, i);
        }
        print("put, new, each", start, kept);
        start = System.nanoTime();
        for (int i = 0; i < PAIRS; i++) {
            final int number = (int) (i * 0x9e37_79b9L % kept);
            send(store, event, ConnectionEvent.Kind.CLOSED, record, number);
            send(store, event, ConnectionEvent.Kind.OPENED, record, number);
        }
        print("remove and put, random, each pair", start, PAIRS);
        start = System.nanoTime();
        store.close();
        print("close", start, 1);
        start = System.nanoTime();
        store = open(directory, connections, shards);
        print("open after an orderly end", start, 1);
        start = System.nanoTime();
        final long[] seen = new long[1];
        store.forEach(StoredConnections.SEEN_S, 0, found -> seen[0]++);
        print("visit of " + seen[0] + ", each", start, seen[0]);
        store.close();
        Files.delete(directory.resolve("clean"));
        start = System.nanoTime();
        store = open(directory, connections, shards);
        print("open with recovery of " + store.statistics().recovered(), start, 1);
        store.close();
    }

    private static ConnectionStore open(final Path directory, final int connections, final int shards) {
        return ConnectionStore.open(directory, connections, shards, StoredConnections.SEEN_S, System.out::println);
    }

    private static void send(final ConnectionStore store, final ConnectionEvent event, final ConnectionEvent.Kind kind,
                             final MemorySegment record, final int number) {
        event.set(kind, StoredConnections.fill(record, number, 1), 0);
        store.onEvent(event, 0, true);
    }

    private static void print(final String what, final long startNs, final long divisor) {
        final long ns = System.nanoTime() - startNs;
        final long cpuNs = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() - cpuStartNs;
        final boolean once = divisor == 1;
        System.out.printf("%-40s %,12d %s, %,12d %s of this thread's processor time%n", what, once ? ns / 1_000_000 : ns / divisor,
            once ? "ms" : "ns", once ? cpuNs / 1_000_000 : cpuNs / divisor, once ? "ms" : "ns");
        cpuStartNs = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
    }
}
