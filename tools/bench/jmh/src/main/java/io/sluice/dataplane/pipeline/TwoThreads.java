package io.sluice.dataplane.pipeline;

import com.lmax.disruptor.BatchEventProcessor;
import com.lmax.disruptor.BatchEventProcessorBuilder;
import com.lmax.disruptor.LiteBlockingWaitStrategy;
import com.lmax.disruptor.RingBuffer;
import io.sluice.dataplane.api.IdleMode;
import io.sluice.dataplane.port.PacketPort;
import java.util.List;
import org.agrona.ErrorHandler;
import org.agrona.concurrent.AgentRunner;

/**
 * A topology that {@link Lane} does not offer, of the same stages: two handlers, one hop.
 *
 * <pre>
 *   Receiver --> [ Disruptor of LaneEvent ] --> path, Sender       a thread each side
 * </pre>
 */
public final class TwoThreads implements AutoCloseable {
    private static final int RING = 16;

    private final LaneIdle waiting;
    private final AgentRunner runner;
    private final BatchEventProcessor<LaneEvent> processor;
    private final Thread thread;

    /**
     * Starts both threads.
     *
     * @param parts  the path's stages
     * @param ports  all ports, in the order of their indexes
     * @param clock  read once per turn
     * @param errors told of defects
     */
    public TwoThreads(final PathParts parts, final List<? extends PacketPort> ports, final Clock clock, final ErrorHandler errors) {
        final RingBuffer<LaneEvent> ring = RingBuffer.createSingleProducer(LaneEvent::new, RING, new LiteBlockingWaitStrategy());
        final PathStage path = new PathStage(parts.path(), errors);
        final Sender sender = new Sender(ports, parts.frames(), List.of(), parts.counters(), errors);
        processor = new BatchEventProcessorBuilder().build(ring, ring.newBarrier(), (event, sequence, endOfBatch) -> {
            path.onEvent(event, sequence, endOfBatch);
            sender.onEvent(event, sequence, endOfBatch);
        });
        ring.addGatingSequences(processor.getSequence());
        final ReadyPorts ready = new ReadyPorts(ports.size());
        waiting = new LaneIdle(IdleMode.BACKOFF, ready, path::isBehind, ports);
        runner = new AgentRunner(waiting, errors, null, new Receiver(ring, ports, ready, clock, parts.frames(), null, () -> { }));
        thread = Thread.ofPlatform().name("sluice-path-send").start(processor);
        AgentRunner.startOnThread(runner, task -> Thread.ofPlatform().name("sluice-receive").unstarted(task));
    }

    /** Stops both threads. */
    @Override
    public void close() {
        waiting.wakeUp();
        runner.close();
        processor.halt();
        try {
            thread.join();
        } catch (final InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        waiting.close();
    }
}
