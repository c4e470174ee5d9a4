package io.sluice.dataplane.pipeline;

import com.lmax.disruptor.EventHandler;
import org.agrona.ErrorHandler;
import org.agrona.concurrent.ManyToOneConcurrentArrayQueue;

/**
 * The path as a stage of the Disruptor, and the one door through which other threads get at what the path thread owns: a
 * queue of commands, run between bursts.
 */
final class PathStage implements EventHandler<LaneEvent> {
    private static final int COMMANDS = 64;

    private final PacketPath path;
    private final ErrorHandler errors;
    private final ManyToOneConcurrentArrayQueue<Runnable> commands = new ManyToOneConcurrentArrayQueue<>(COMMANDS);

    private volatile boolean behind;

    PathStage(final PacketPath path, final ErrorHandler errors) {
        this.path = path;
        this.errors = errors;
    }

    /** Hands a command over. Any thread. False if the queue is full. */
    boolean offer(final Runnable command) {
        return commands.offer(command);
    }

    /** Whether the path wants its next turn soon. Any thread. */
    boolean isBehind() {
        return behind;
    }

    @Override
    public void onEvent(final LaneEvent event, final long sequence, final boolean endOfBatch) {
        try {
            path.process(event);
            if (behind != path.isBehind()) {
                behind = !behind;
            }
            commands.drain(Runnable::run, COMMANDS);
        } catch (final RuntimeException e) {
            // A defect of ours. The frames not yet decided on count as passed and are released; the lane goes on.
            errors.onError(e);
        }
    }
}
