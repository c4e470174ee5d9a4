package io.sluice.dataplane.connection;

import com.lmax.disruptor.BatchEventProcessor;
import com.lmax.disruptor.BatchEventProcessorBuilder;
import com.lmax.disruptor.EventHandler;
import com.lmax.disruptor.InsufficientCapacityException;
import com.lmax.disruptor.RingBuffer;
import com.lmax.disruptor.SleepingWaitStrategy;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The Disruptor between lanes and those who keep or send connections: many producers, consumers side by side, each on a
 * thread of its own. A consumer that falls behind fills the ring; lanes then get a refusal, never a wait. Consumers look for
 * events twenty times a second: nobody waits for them, so lanes need not spend system calls on waking them.
 *
 * <pre>
 *   lane --> [ ConnectionEvent ... ] --> table of record
 *   lane -->                         --> (others, in parallel)
 * </pre>
 */
public final class ConnectionEventRing implements ConnectionEvents, AutoCloseable {
    private static final long NAP_NS = TimeUnit.MILLISECONDS.toNanos(50);
    /** Slots are free again after so many events: a lane that waits for one waits a millisecond, not for all that is in the ring. */
    private static final int BATCH = 128;

    private final EventLog log;
    private final RingBuffer<ConnectionEvent> ring;
    private final List<BatchEventProcessor<ConnectionEvent>> processors = new ArrayList<>();
    private final List<Thread> threads = new ArrayList<>();

    /**
     * A ring without consumers.
     *
     * @param log an empty log, the memory of the events
     */
    public ConnectionEventRing(final EventLog log) {
        this.log = log;
        final AtomicInteger next = new AtomicInteger();
        this.ring = RingBuffer.createMultiProducer(() -> new ConnectionEvent(log.record(next.getAndIncrement())), log.capacity(),
            new SleepingWaitStrategy(0, NAP_NS));
    }

    /**
     * Starts the consumers, each on a thread of its own. Called once, before the first event.
     *
     * @param first     what each thread does before anything else
     * @param consumers each gets every event
     */
    @SafeVarargs
    public final void start(final Runnable first, final EventHandler<ConnectionEvent>... consumers) {
        for (final EventHandler<ConnectionEvent> consumer : consumers) {
            final BatchEventProcessor<ConnectionEvent> processor =
                new BatchEventProcessorBuilder().setMaxBatchSize(BATCH).build(ring, ring.newBarrier(), consumer);
            processor.getSequence().set(ring.getCursor());
            ring.addGatingSequences(processor.getSequence());
            processors.add(processor);
            threads.add(Thread.ofPlatform().daemon().name("sluice-" + consumer.getClass().getSimpleName()).start(() -> {
                first.run();
                processor.run();
            }));
        }
    }

    /**
     * Whether there are consumers.
     *
     * @return true after {@link #start}
     */
    public boolean isStarted() {
        return !processors.isEmpty();
    }

    @Override
    public boolean publish(final ConnectionEvent.Kind kind, final MemorySegment memory, final long record) {
        final long sequence;
        try {
            sequence = ring.tryNext();
        } catch (final InsufficientCapacityException e) {
            // One shared instance without a stack trace: how this Disruptor says "full".
            return false;
        }
        ring.get(sequence).set(kind);
        log.write(sequence, kind, memory, record);
        ring.publish(sequence);
        return true;
    }

    /** Lets the consumers finish what has been published, and stops them. The lanes have stopped. */
    @Override
    public void close() {
        for (int i = 0; i < processors.size(); i++) {
            final BatchEventProcessor<ConnectionEvent> processor = processors.get(i);
            while (threads.get(i).isAlive() && processor.getSequence().get() < ring.getCursor()) {
                Thread.onSpinWait();
            }
            processor.halt();
        }
        for (final Thread thread : threads) {
            try {
                thread.join();
            } catch (final InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
