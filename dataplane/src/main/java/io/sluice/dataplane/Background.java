package io.sluice.dataplane;

import io.sluice.dataplane.api.DataplaneException;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/**
 * Something that is done on a thread of its own while the caller goes on. Any thread may wait for it.
 *
 * @param <T> what comes of it
 */
final class Background<T> {
    private final FutureTask<T> task;

    private Background(final FutureTask<T> task) {
        this.task = task;
    }

    /** Starts, on a daemon thread in the network namespace of the calling one. */
    static <T> Background<T> start(final String threadName, final Callable<T> work) {
        final FutureTask<T> task = new FutureTask<>(work);
        Thread.ofPlatform().daemon().name(threadName).start(task);
        return new Background<>(task);
    }

    /** Waits for the end, and throws what has kept it from being reached. */
    T await() {
        try {
            return task.get();
        } catch (final InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new DataplaneException("the start was interrupted", e);
        } catch (final ExecutionException e) {
            switch (e.getCause()) {
                case final RuntimeException cause -> throw cause;
                case final Error cause -> throw cause;
                default -> throw new DataplaneException(e.getCause().toString(), e);
            }
        }
    }
}
