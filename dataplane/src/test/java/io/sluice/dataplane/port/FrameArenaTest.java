package io.sluice.dataplane.port;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FrameArenaTest {
    @ParameterizedTest
    @ValueSource(ints = {1, 64, 1514, FrameArena.SMALL_FRAME, 9018, 8192 - FrameArena.HEADROOM, FrameArena.SUPER_FRAME})
    void shouldKeepFramesApartWithRoomForHeadersAndData(final int capacity) {
        final FrameArena arena = FrameArena.allocate(5, capacity);
        assertThat(arena.capacity()).isGreaterThanOrEqualTo(capacity);
        for (int frame = 0; frame < 5; frame++) {
            final long data = arena.dataOffset(frame);
            final long end = data + arena.capacity();
            assertThat(arena.frameAt(data)).isEqualTo(frame);
            assertThat(arena.frameAt(data - FrameArena.HEADROOM)).isEqualTo(frame);
            assertThat(arena.frameAt(end - 1)).isEqualTo(frame);
            assertThat(arena.frameStart(end - 1)).isEqualTo(data - FrameArena.HEADROOM);
            assertThat(end).isLessThanOrEqualTo(arena.memory().byteSize());
        }
    }

    @Test
    void shouldSpreadLargeFramesOverCacheSetsAndFitSmallOnesIntoUmemChunks() {
        assertThat(FrameArena.allocate(1, 8192 - FrameArena.HEADROOM).capacity() + FrameArena.HEADROOM).isEqualTo(8192 + 64);
        assertThat(FrameArena.allocate(1, FrameArena.SMALL_FRAME).capacity()).isEqualTo(FrameArena.SMALL_FRAME);
        assertThat((FrameArena.allocate(1, FrameArena.SUPER_FRAME).capacity() + FrameArena.HEADROOM) % 4096).isNotZero();
    }

    @Test
    void shouldRefuseMemoryThatIsTooSmall() {
        final MemorySegment memory = Arena.ofAuto().allocate(1000);
        assertThatThrownBy(() -> new FrameArena(memory, 4, 256)).hasMessageContaining("4 frames of 256 bytes");
        assertThatThrownBy(() -> new FrameArena(memory, 1, FrameArena.HEADROOM)).isInstanceOf(IllegalArgumentException.class);
        assertThat(new FrameArena(memory, 3, 256).frameCount()).isEqualTo(3);
    }
}
