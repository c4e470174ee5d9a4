package io.sluice.dataplane.port;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.ValueLayout;
import java.util.HashSet;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import org.agrona.concurrent.OneToOneConcurrentArrayQueue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FramePoolTest {
    private static final int ROUNDS = 1_000_000;

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 64, 100})
    void shouldGiveEachFrameOnceAndTheLastReleasedFirst(final int count) {
        final FrameArena arena = FrameArena.allocate(count + 3, 256);
        final FramePool pool = new FramePool(arena, 2, count);
        for (int round = 0; round < 3; round++) {
            final Set<Long> taken = new HashSet<>();
            for (int i = 0; i < count; i++) {
                assertThat(pool.available()).isEqualTo(count - i);
                final long offset = pool.take();
                assertThat(offset).isEqualTo(arena.dataOffset(2 + i));
                assertThat(taken.add(offset)).isTrue();
            }
            assertThat(pool.take()).isEqualTo(-1);
            for (int i = 0; i < count; i++) {
                pool.release(arena.dataOffset(1 + count - i) - FrameArena.HEADROOM + i % 128);
            }
        }
    }

    @Test
    void shouldKnowItsOwnFrames() {
        final FrameArena arena = FrameArena.allocate(10, 256);
        final FramePool pool = new FramePool(arena, 4, 3);
        assertThat(pool.owns(arena.frameStart(arena.dataOffset(4)) - 1)).isFalse();
        assertThat(pool.owns(arena.frameStart(arena.dataOffset(4)))).isTrue();
        assertThat(pool.owns(arena.frameStart(arena.dataOffset(7)) - 1)).isTrue();
        assertThat(pool.owns(arena.frameStart(arena.dataOffset(7)))).isFalse();
    }

    @Test
    void shouldRefuseFramesThatTheArenaDoesNotHave() {
        final FrameArena arena = FrameArena.allocate(10, 256);
        assertThatThrownBy(() -> new FramePool(arena, 8, 3)).hasMessage("frames 8 to 10 of 10");
        assertThatThrownBy(() -> new FramePool(arena, 0, 0)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new FramePool(arena, -1, 2)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void shouldReturnFramesToThePoolTheyCameFrom() {
        final Frames frames = new Frames(FrameArena.allocate(10, 256), 3);
        final long received = frames.receive().take();
        final long made = frames.spare().take();
        assertThat(frames.receive().available()).isEqualTo(6);
        assertThat(frames.spare().available()).isEqualTo(2);
        frames.release(made);
        frames.release(received);
        assertThat(frames.receive().available()).isEqualTo(7);
        assertThat(frames.spare().available()).isEqualTo(3);
    }

    /** One thread takes and passes on, the other checks what is in the frame, and releases. */
    @Test
    @Timeout(60)
    void shouldNeverHandOutAFrameThatIsStillInUse() throws InterruptedException {
        final FrameArena arena = FrameArena.allocate(8, 64);
        final FramePool pool = new FramePool(arena, 0, 8);
        final Queue<Long> inFlight = new OneToOneConcurrentArrayQueue<>(8);
        final AtomicReference<String> wrong = new AtomicReference<>();
        final Thread releasing = Thread.ofPlatform().start(() -> {
            for (long expected = 0; expected < ROUNDS && wrong.get() == null; expected++) {
                final long offset = next(inFlight);
                final long found = arena.memory().get(ValueLayout.JAVA_LONG_UNALIGNED, offset);
                if (found != expected) {
                    wrong.set("found " + found + " instead of " + expected);
                }
                pool.release(offset);
            }
        });
        for (long i = 0; i < ROUNDS && wrong.get() == null; i++) {
            final long offset = next(pool);
            arena.memory().set(ValueLayout.JAVA_LONG_UNALIGNED, offset, i);
            inFlight.add(offset);
        }
        releasing.join();
        assertThat(wrong.get()).isNull();
        assertThat(pool.available()).isEqualTo(8);
    }

    private static long next(final FramePool pool) {
        long offset = pool.take();
        while (offset < 0) {
            Thread.yield();
            offset = pool.take();
        }
        return offset;
    }

    private static long next(final Queue<Long> inFlight) {
        Long offset = inFlight.poll();
        while (offset == null) {
            Thread.yield();
            offset = inFlight.poll();
        }
        return offset;
    }
}
