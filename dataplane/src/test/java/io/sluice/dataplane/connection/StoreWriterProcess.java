package io.sluice.dataplane.connection;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/**
 * A process that writes to the table of record until it is killed, and notes after every event how many it has finished.
 * What it does follows from a seed, so that the test can tell what must be stored after any number of events.
 */
final class StoreWriterProcess {
    static final int CAPACITY = 20_000;
    static final int SHARDS = 2;
    /** Fewer numbers than the capacity: every event is meant to succeed. */
    static final int NUMBERS = 15_000;

    private static final Path JVM_OPTIONS = Path.of("..", "tools", "jvm.options");

    private StoreWriterProcess() {
    }

    /** Arguments: directory, file for the number of finished events, seed; "ring" to publish rather than store the events. */
    public static void main(final String[] arguments) throws IOException {
        final MemorySegment finished = counter(Path.of(arguments[1]));
        final Events events = new Events(Long.parseLong(arguments[2]));
        final MemorySegment record = Arena.global().allocate(ConnectionRecord.LENGTH, 8);
        final ConnectionStore store = ConnectionStore.open(Path.of(arguments[0]), CAPACITY, SHARDS, StoredConnections.SEEN_S,
            System.err::println);
        final ConnectionEventRing ring = new ConnectionEventRing(store.log());
        final boolean publish = arguments.length > 3;
        if (publish) {
            ring.start(() -> { }, store);
        }
        final ConnectionEvent event = new ConnectionEvent();
        // Bounded, in case nobody kills it.
        final long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        for (long n = 1; System.nanoTime() < end; n++) {
            events.next();
            StoredConnections.fill(record, events.number(), events.version());
            if (publish) {
                publish(ring, events.kind(), record);
            } else {
                event.set(events.kind(), record, 0);
                store.onEvent(event, n, true);
            }
            finished.set(ValueLayout.JAVA_LONG, 0, n);
        }
        ring.close();
        store.close();
    }

    private static void publish(final ConnectionEventRing ring, final ConnectionEvent.Kind kind, final MemorySegment record) {
        while (!ring.publish(kind, record, 0)) {
            Thread.yield();
        }
    }

    static MemorySegment counter(final Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            return channel.map(FileChannel.MapMode.READ_WRITE, 0, Long.BYTES, Arena.ofAuto());
        }
    }

    /** Starts a class of the test class path with the flags of the product; what it prints goes to the log. */
    static Process start(final Path log, final Class<?> main, final String... arguments) throws IOException {
        return command(main, arguments).redirectErrorStream(true).redirectOutput(log.toFile()).start();
    }

    /** The command that runs a class of the test class path with the flags of the product. */
    static ProcessBuilder command(final Class<?> main, final String... arguments) {
        final String java = ProcessHandle.current().info().command().orElseThrow();
        final String classPath = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
        final List<String> words = new ArrayList<>(List.of(java, "@" + JVM_OPTIONS, "-Xmx256m", "-cp", classPath, main.getName()));
        words.addAll(List.of(arguments));
        return new ProcessBuilder(words);
    }

    /** What must be stored after some events, by number of the connection. */
    static Map<Integer, Integer> model(final Map<Integer, Integer> before, final long seed, final long count) {
        final Map<Integer, Integer> model = new TreeMap<>(before);
        final Events events = new Events(seed);
        for (long n = 0; n < count; n++) {
            events.next();
            if (events.kind() == ConnectionEvent.Kind.CLOSED) {
                model.remove(events.number());
            } else {
                model.put(events.number(), events.version());
            }
        }
        return model;
    }

    /** A sequence of events: about as many ends as beginnings, and as many changes. */
    static final class Events {
        private long state;
        private long drawn;

        Events(final long seed) {
            this.state = seed;
        }

        void next() {
            state += 0x9e37_79b9_7f4a_7c15L;
            long mixed = (state ^ state >>> 30) * 0xbf58_476d_1ce4_e5b9L;
            mixed = (mixed ^ mixed >>> 27) * 0x94d0_49bb_1331_11ebL;
            drawn = mixed ^ mixed >>> 31;
        }

        ConnectionEvent.Kind kind() {
            return switch ((int) (drawn & 3)) {
                case 0 -> ConnectionEvent.Kind.CLOSED;
                case 1 -> ConnectionEvent.Kind.OPENED;
                default -> ConnectionEvent.Kind.CHANGED;
            };
        }

        int number() {
            return (int) ((drawn >>> 8 & 0xff_ffff) % NUMBERS);
        }

        int version() {
            return (int) (drawn >>> 32);
        }
    }
}
