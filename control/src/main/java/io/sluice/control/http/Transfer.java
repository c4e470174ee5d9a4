package io.sluice.control.http;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Reading a body from a client or writing one to it, bounded in time. The server's idle timeout watches connections that wait
 * for a request only; a client that stops in the middle would keep its connection for ever.
 */
final class Transfer {
    private static final Duration LIMIT = Duration.ofSeconds(30);

    private Transfer() {
    }

    /**
     * Runs a transfer. When it takes too long its thread is interrupted, which closes the channel that it waits for; nothing
     * but the transfer is ever interrupted.
     *
     * @param transfer reads or writes on the calling thread
     * @return what it returns
     * @throws ProblemException if it took too long or failed
     */
    static <T> T bounded(final Callable<T> transfer) {
        final Thread caller = Thread.currentThread();
        final AtomicBoolean over = new AtomicBoolean();
        final Thread watchdog = Thread.ofVirtual().start(() -> {
            if (slept() && over.compareAndSet(false, true)) {
                caller.interrupt();
            }
        });
        try {
            final T result = transfer.call();
            if (over.compareAndSet(false, true)) {
                return result;
            }
            throw ProblemException.badRequest("the client took longer than " + LIMIT.toSeconds() + " seconds");
        } catch (final RuntimeException e) {
            throw e;
        } catch (final Exception e) {
            throw ProblemException.badRequest("the connection failed: " + e.getMessage());
        } finally {
            over.set(true);
            watchdog.interrupt();
        }
    }

    private static boolean slept() {
        try {
            Thread.sleep(LIMIT);
            return true;
        } catch (final InterruptedException e) {
            return false;
        }
    }
}
