package io.sluice.dataplane.port.afxdp;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.dataplane.api.LaneShare;
import io.sluice.dataplane.port.FrameArena;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Frames that the kernel has are all found again, each once. */
class HeldFramesTest {
    @Test
    void shouldGiveBackEachHeldFrameOnce() {
        final FrameArena arena = FrameArena.allocate(200, FrameArena.SMALL_FRAME);
        final HeldFrames held = new HeldFrames(arena);
        final Set<Long> expected = new HashSet<>();
        for (int frame = 0; frame < 200; frame += 3) {
            held.add(arena.dataOffset(frame) + 100);
            expected.add(arena.dataOffset(frame));
        }
        held.remove(arena.dataOffset(63) + 128);
        expected.remove(arena.dataOffset(63));
        assertThat(held.count()).isEqualTo(expected.size());
        final Set<Long> found = new HashSet<>();
        for (long offset = held.removeAny(); offset >= 0; offset = held.removeAny()) {
            assertThat(found.add(offset)).isTrue();
        }
        assertThat(found).isEqualTo(expected);
        assertThat(held.count()).isZero();
    }

    @Test
    void shouldShareQueuesAmongLanes() {
        final Set<Integer> all = new HashSet<>();
        for (int lane = 0; lane < 3; lane++) {
            final LaneShare share = new LaneShare(lane, 3);
            for (int i = 0; i < share.count(8); i++) {
                assertThat(all.add(share.number(i))).isTrue();
            }
        }
        assertThat(all).containsExactlyInAnyOrder(0, 1, 2, 3, 4, 5, 6, 7);
        assertThat(new LaneShare(2, 3).count(2)).isZero();
    }
}
