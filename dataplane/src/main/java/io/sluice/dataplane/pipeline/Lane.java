package io.sluice.dataplane.pipeline;

import com.lmax.disruptor.BatchEventProcessor;
import com.lmax.disruptor.BatchEventProcessorBuilder;
import com.lmax.disruptor.BusySpinWaitStrategy;
import com.lmax.disruptor.EventHandler;
import com.lmax.disruptor.EventPoller;
import com.lmax.disruptor.LiteBlockingWaitStrategy;
import com.lmax.disruptor.RingBuffer;
import com.lmax.disruptor.Sequence;
import com.lmax.disruptor.WaitStrategy;
import io.sluice.dataplane.api.IdleMode;
import io.sluice.dataplane.api.ThreadingMode;
import io.sluice.dataplane.counter.SystemCounter;
import io.sluice.dataplane.port.PacketPort;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.agrona.ErrorHandler;
import org.agrona.concurrent.Agent;
import org.agrona.concurrent.AgentRunner;

/**
 * One lane: receiving, path and sending stages around a Disruptor, on one thread, on three, or on the caller's.
 *
 * <pre>
 *   SHARED, INVOKER   doWork = receive, then the path's poller, then the sender's poller      all on one thread
 *   DEDICATED         Receiver --> path --> Sender                                            a thread each
 * </pre>
 *
 * <p>{@link #start}, {@link #ask}, {@link #stop} and {@link #close} are for the control thread; {@link #doWork} for the lane's
 * own thread, or the caller's in INVOKER mode.
 */
public final class Lane implements Agent, AutoCloseable {
    private static final int SHARED_RING = 2;
    private static final int DEDICATED_RING = 16;
    private static final int ANSWER_SECONDS = 10;

    private final ThreadingMode threading;
    private final IdleMode idle;
    private final RingBuffer<LaneEvent> ring;
    private final HandOverRing handedOver;
    private final ReadyPorts ready;
    private final Receiver receiver;
    private final PathStage path;
    private final Sender sender;
    private final EventPoller<LaneEvent> pathPoller;
    private final EventPoller<LaneEvent> sendPoller;
    private final EventPoller.Handler<LaneEvent> pathHandler;
    private final EventPoller.Handler<LaneEvent> sendHandler;
    private final List<? extends PacketPort> ports;
    private final ErrorHandler errors;
    private final List<BatchEventProcessor<LaneEvent>> processors = new ArrayList<>();
    private final List<Thread> threads = new ArrayList<>();
    private LaneIdle waiting;
    private AgentRunner runner;

    /**
     * A lane that stands still.
     *
     * @param threading how stages are put on threads
     * @param idle      what an idle lane does
     * @param parts     the path's stages
     * @param ports     all ports, in the order of their indexes
     * @param rings     for frames of other lanes, one for each lane; empty if this is the only one
     * @param clock     read once per turn
     * @param errors    told of defects of ours; the lane goes on
     */
    public Lane(final ThreadingMode threading, final IdleMode idle, final PathParts parts, final List<? extends PacketPort> ports,
                final List<HandOverRing> rings, final Clock clock, final ErrorHandler errors) {
        this.threading = threading;
        this.idle = idle;
        this.ports = ports;
        this.errors = errors;
        final boolean dedicated = threading == ThreadingMode.DEDICATED;
        final WaitStrategy wait = idle == IdleMode.SPIN ? new BusySpinWaitStrategy() : new LiteBlockingWaitStrategy();
        this.ring = RingBuffer.createSingleProducer(LaneEvent::new, dedicated ? DEDICATED_RING : SHARED_RING, wait);
        this.handedOver = rings.isEmpty() ? null : rings.get(parts.steering().lane());
        this.ready = new ReadyPorts(ports.size());
        this.receiver = new Receiver(ring, ports, ready, clock, parts.frames(), handedOver,
            () -> parts.counters().increment(SystemCounter.PIPELINE_FULL));
        this.path = new PathStage(parts.path(), errors);
        this.sender = new Sender(ports, parts.frames(), rings, parts.counters(), errors);
        this.pathHandler = handler(path);
        this.sendHandler = handler(sender);
        if (dedicated) {
            this.pathPoller = null;
            this.sendPoller = null;
            final BatchEventProcessor<LaneEvent> pathProcessor = processor(path);
            final BatchEventProcessor<LaneEvent> sendProcessor = processor(sender, pathProcessor.getSequence());
            ring.addGatingSequences(sendProcessor.getSequence());
            processors.add(pathProcessor);
            processors.add(sendProcessor);
        } else {
            this.pathPoller = ring.newPoller();
            this.sendPoller = ring.newPoller(pathPoller.getSequence());
            ring.addGatingSequences(sendPoller.getSequence());
        }
    }

    private BatchEventProcessor<LaneEvent> processor(final EventHandler<LaneEvent> stage, final Sequence... after) {
        return new BatchEventProcessorBuilder().build(ring, ring.newBarrier(after), stage);
    }

    private static EventPoller.Handler<LaneEvent> handler(final EventHandler<LaneEvent> stage) {
        return (event, sequence, endOfBatch) -> {
            stage.onEvent(event, sequence, endOfBatch);
            return true;
        };
    }

    /**
     * Starts the lane's threads; none in INVOKER mode. They belong to the calling thread's network namespace.
     *
     * @param first what each of them does before anything else
     */
    public void start(final Runnable first) {
        if (threading == ThreadingMode.INVOKER) {
            return;
        }
        waiting = new LaneIdle(idle, ready, path::isBehind, ports);
        if (handedOver != null) {
            handedOver.onOffer(waiting::wakeUp);
        }
        final Agent agent = threading == ThreadingMode.SHARED ? this : receiver;
        runner = new AgentRunner(waiting, errors, null, agent);
        for (int i = 0; i < processors.size(); i++) {
            threads.add(Thread.ofPlatform().name(i == 0 ? "sluice-path" : "sluice-send").start(after(first, processors.get(i))));
        }
        AgentRunner.startOnThread(runner, task -> Thread.ofPlatform().name(agent.roleName()).unstarted(after(first, task)));
    }

    private static Runnable after(final Runnable first, final Runnable task) {
        return () -> {
            first.run();
            task.run();
        };
    }

    /** One turn: receive, decide, send. */
    @Override
    public int doWork() throws Exception {
        if (waiting == null) {
            ready.all();
        }
        final int frames = receiver.doWork();
        pathPoller.poll(pathHandler);
        sendPoller.poll(sendHandler);
        return frames;
    }

    /**
     * Runs a question on the path thread and waits for the answer.
     *
     * @param question what to run; quick, since packets wait
     * @param <T>      type of the answer
     * @return its answer
     * @throws IllegalStateException if the lane does not answer within ten seconds
     */
    public <T> T ask(final Supplier<T> question) {
        if (runner == null) {
            return question.get();
        }
        final CompletableFuture<T> answer = new CompletableFuture<>();
        final boolean accepted = path.offer(() -> {
            try {
                answer.complete(question.get());
            } catch (final RuntimeException e) {
                answer.completeExceptionally(e);
            }
        });
        waiting.wakeUp();
        try {
            if (accepted) {
                return answer.get(ANSWER_SECONDS, TimeUnit.SECONDS);
            }
        } catch (final InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (final ExecutionException e) {
            throw new IllegalStateException("the lane could not answer: " + e.getCause().getMessage(), e.getCause());
        } catch (final TimeoutException e) {
            throw new IllegalStateException("the lane did not answer within " + ANSWER_SECONDS + " seconds", e);
        }
        throw new IllegalStateException("the lane has too many questions to answer; try again");
    }

    @Override
    public String roleName() {
        return "sluice-lane";
    }

    /** Stops the threads and waits for them. Ports stay open, and other lanes may still hand frames over. */
    public void stop() {
        if (runner == null) {
            return;
        }
        waiting.wakeUp();
        runner.close();
        processors.forEach(BatchEventProcessor::halt);
        for (final Thread thread : threads) {
            try {
                thread.join();
            } catch (final InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        runner = null;
    }

    /** Stops, and gives back what the threads waited with. No other lane runs any more. */
    @Override
    public void close() {
        stop();
        if (waiting != null) {
            waiting.close();
            waiting = null;
        }
    }
}
