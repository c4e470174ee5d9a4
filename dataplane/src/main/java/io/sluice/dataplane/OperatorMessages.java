package io.sluice.dataplane;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What an operator should know: logged, and kept for the status. Any thread but a lane's. */
final class OperatorMessages {
    private static final int KEPT = 50;
    private static final Logger LOG = LoggerFactory.getLogger(Dataplane.class);

    private final Deque<String> messages = new ArrayDeque<>();

    synchronized void say(final String message) {
        if (message.equals(messages.peekLast())) {
            return;
        }
        LOG.warn(message);
        if (messages.size() == KEPT) {
            messages.removeFirst();
        }
        messages.addLast(message);
    }

    synchronized List<String> list() {
        return List.copyOf(messages);
    }
}
