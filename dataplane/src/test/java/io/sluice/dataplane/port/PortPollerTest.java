package io.sluice.dataplane.port;

import static io.sluice.dataplane.port.AllocationFree.assertThatNothingIsAllocatedBy;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class PortPollerTest {
    private static final long FOREVER_NS = Long.MAX_VALUE;

    private final PortPoller poller = new PortPoller(List.of());

    @AfterEach
    void close() {
        poller.close();
    }

    @Test
    void shouldReturnWhenTheTimeIsOver() {
        assertThat(poller.await(1)).isZero();
    }

    @Test
    void shouldReturnAtOnceWhenWokenBefore() {
        poller.wakeUp();
        poller.wakeUp();
        assertThat(poller.await(FOREVER_NS)).isZero();
        assertThat(poller.await(1)).isZero();
    }

    @Test
    void shouldBeWokenWhileItWaits() throws InterruptedException {
        final Thread waiting = Thread.ofPlatform().start(() -> {
            for (int i = 0; i < 3; i++) {
                poller.await(FOREVER_NS);
            }
        });
        Awaitility.await().atMost(Duration.ofSeconds(20)).pollInterval(Duration.ofMillis(1)).until(() -> {
            poller.wakeUp();
            return !waiting.isAlive();
        });
        waiting.join();
    }

    @Test
    void shouldNeverLoseAWakeUp() throws InterruptedException {
        final int rounds = 20_000;
        final AtomicInteger turn = new AtomicInteger();
        try (PortPoller other = new PortPoller(List.of())) {
            final Thread opponent = Thread.ofPlatform().start(() -> play(turn, 1, rounds, other, poller));
            play(turn, 0, rounds, poller, other);
            opponent.join();
        }
        assertThat(turn).hasValue(2 * rounds);
    }

    /** Moves whenever the turn has this side's parity. Without a time limit, a lost wake-up stops the game. */
    private static void play(final AtomicInteger turn, final int side, final int rounds, final PortPoller own,
                             final PortPoller other) {
        for (int i = 0; i < rounds; i++) {
            while ((turn.get() & 1) != side) {
                own.await(FOREVER_NS);
            }
            turn.set(turn.get() + 1);
            other.wakeUp();
        }
    }

    @Test
    void shouldAllocateNothing() {
        assertThatNothingIsAllocatedBy(() -> {
            poller.await(0);
            poller.wakeUp();
            poller.await(0);
        });
    }
}
