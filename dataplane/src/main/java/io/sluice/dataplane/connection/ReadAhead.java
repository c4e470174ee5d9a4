package io.sluice.dataplane.connection;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.function.Consumer;

/**
 * Reads records on a thread of its own while the caller takes in the ones before: one waits for the files, the other for the hot
 * table's memory, and neither for the other.
 *
 * <pre>
 *   reading thread --- full ---> caller
 *                 &lt;--- empty ---
 * </pre>
 */
final class ReadAhead {
    private static final int BATCHES = 4;
    private static final int RECORDS = 512;

    private final BlockingQueue<Batch> full = new ArrayBlockingQueue<>(BATCHES + 1);
    private final BlockingQueue<Batch> empty = new ArrayBlockingQueue<>(BATCHES);
    private Batch filling;

    private ReadAhead(final Arena memory) {
        for (int i = 0; i < BATCHES; i++) {
            empty.add(new Batch(memory.allocate((long) RECORDS * ConnectionRecord.LENGTH, Long.BYTES)));
        }
    }

    private static final class Batch {
        private final MemorySegment records;
        private int count;
        private Throwable failure;

        Batch(final MemorySegment records) {
            this.records = records;
        }
    }

    /**
     * Takes every record in.
     *
     * @param source hands out records, on another thread; it goes on to its end even if the taker fails
     * @param taker  gets them in the same order, on this thread
     */
    static void forEach(final Consumer<RecordVisitor> source, final RecordVisitor taker) {
        try (Arena memory = Arena.ofShared()) {
            new ReadAhead(memory).run(source, taker);
        }
    }

    private void run(final Consumer<RecordVisitor> source, final RecordVisitor taker) {
        Thread.ofPlatform().daemon().name("sluice-read").start(() -> read(source));
        Throwable failure = null;
        Batch batch = next(full);
        while (batch.count > 0) {
            try {
                if (failure == null) {
                    hand(batch, taker);
                }
            } catch (final RuntimeException | Error e) {
                failure = e;
            }
            batch.count = 0;
            empty.add(batch);
            batch = next(full);
        }
        rethrow(failure == null ? batch.failure : failure);
    }

    private static void hand(final Batch batch, final RecordVisitor taker) {
        for (int i = 0; i < batch.count; i++) {
            taker.visit(batch.records.asSlice((long) i * ConnectionRecord.LENGTH, ConnectionRecord.LENGTH));
        }
    }

    private static void rethrow(final Throwable failure) {
        switch (failure) {
            case null -> {
            }
            case final RuntimeException e -> throw e;
            case final Error e -> throw e;
            default -> throw new IllegalStateException(failure);
        }
    }

    /** An empty batch is the end. */
    private void read(final Consumer<RecordVisitor> source) {
        final Batch end = new Batch(MemorySegment.NULL);
        filling = next(empty);
        try {
            source.accept(this::put);
        } catch (final RuntimeException | Error e) {
            end.failure = e;
        }
        if (filling.count > 0) {
            full.add(filling);
        }
        full.add(end);
    }

    private void put(final MemorySegment record) {
        MemorySegment.copy(record, 0, filling.records, (long) filling.count * ConnectionRecord.LENGTH, ConnectionRecord.LENGTH);
        if (++filling.count == RECORDS) {
            full.add(filling);
            filling = next(empty);
        }
    }

    /** An interrupt is kept for later: the other thread must not be left alone with memory that is gone. */
    private static Batch next(final BlockingQueue<Batch> queue) {
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    return queue.take();
                } catch (final InterruptedException e) {
                    interrupted = true;
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
