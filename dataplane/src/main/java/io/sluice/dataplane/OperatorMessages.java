package io.sluice.dataplane;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What an operator should know: logged, and kept for the status. Any thread but a lane's. */
final class OperatorMessages {
    private static final int KEPT = 50;
    private static final long AGAIN_AFTER_NS = TimeUnit.MINUTES.toNanos(10);
    private static final Logger LOG = LoggerFactory.getLogger(Dataplane.class);

    // Message and when it was last logged, oldest first.
    private final Map<String, Long> messages = new LinkedHashMap<>();

    /** Logs and keeps a message; one that was said within the last ten minutes is not said again. */
    synchronized void say(final String message) {
        final long nowNs = System.nanoTime();
        final Long saidNs = messages.get(message);
        if (saidNs != null && nowNs - saidNs < AGAIN_AFTER_NS) {
            return;
        }
        LOG.warn(message);
        messages.remove(message);
        if (messages.size() == KEPT) {
            messages.remove(messages.keySet().iterator().next());
        }
        messages.put(message, nowNs);
    }

    /** Logs what is worth knowing but asks for nothing. */
    void note(final String message) {
        LOG.info(message);
    }

    /** A message that no longer holds: it leaves the status, and is news if it comes back. */
    synchronized void withdraw(final String message) {
        if (messages.remove(message) != null) {
            LOG.info("no longer: {}", message);
        }
    }

    /** Messages of one source. */
    Topic topic() {
        return new Topic();
    }

    /** Messages of one source, which says all that hold each time: those that it leaves out are withdrawn. Any thread. */
    final class Topic {
        private List<String> told = List.of();

        private Topic() {
        }

        /** Does a step that finds out what holds. One at a time, so that an old finding never takes the place of a newer one. */
        synchronized void say(final Supplier<List<String>> step) {
            final List<String> now = step.get();
            told.stream().filter(message -> !now.contains(message)).forEach(OperatorMessages.this::withdraw);
            now.forEach(OperatorMessages.this::say);
            told = List.copyOf(now);
        }
    }

    synchronized List<String> list() {
        return List.copyOf(messages.keySet());
    }
}
