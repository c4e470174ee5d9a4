package io.sluice.dataplane.classify;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LaneHashTest {
    private static final long IPV4 = 0xffff_0000_0000L;

    @ParameterizedTest
    @ValueSource(ints = {2, 3, 4, 7, 64})
    void shouldDealFlowsOutEvenly(final int lanes) {
        final Random random = new Random(lanes);
        for (int round = 0; round < 20; round++) {
            final LaneHash hash = new LaneHash(random.nextLong());
            final int[] flows = new int[lanes];
            final int count = 1000 * lanes;
            // One client that counts its ports up, behind one address: the worst case there is in practice.
            for (int port = 0; port < count; port++) {
                flows[LaneHash.lane(hash.ofFlow(6, 0, IPV4 | 0x0a000001, 1024 + port, 0, IPV4 | 0x0a000002, 443), lanes)]++;
            }
            for (final int each : flows) {
                assertThat(each).isBetween(800, 1200);
            }
        }
    }

    @Test
    void shouldDependOnEveryField() {
        final LaneHash hash = new LaneHash(1);
        final Set<Long> seen = new HashSet<>();
        seen.add(hash.ofFlow(6, 1, 2, 3, 4, 5, 6));
        seen.add(hash.ofFlow(17, 1, 2, 3, 4, 5, 6));
        seen.add(hash.ofFlow(6, 0, 2, 3, 4, 5, 6));
        seen.add(hash.ofFlow(6, 1, 0, 3, 4, 5, 6));
        seen.add(hash.ofFlow(6, 1, 2, 0, 4, 5, 6));
        seen.add(hash.ofFlow(6, 1, 2, 3, 0, 5, 6));
        seen.add(hash.ofFlow(6, 1, 2, 3, 4, 0, 6));
        seen.add(hash.ofFlow(6, 1, 2, 3, 4, 5, 0));
        seen.add(new LaneHash(2).ofFlow(6, 1, 2, 3, 4, 5, 6));
        seen.add(hash.ofDatagram(6, 1, 2, 4, 5, -7));
        seen.add(hash.ofDatagram(6, 1, 2, 4, 5, -8));
        assertThat(seen).hasSize(11);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 64})
    void shouldAlwaysNameALane(final int lanes) {
        for (final long hash : new long[] {0, -1, Long.MIN_VALUE, Long.MAX_VALUE, 0xffff_ffffL}) {
            assertThat(LaneHash.lane(hash, lanes)).isBetween(0, lanes - 1);
        }
        assertThat(LaneHash.lane(-1, lanes)).isEqualTo(lanes - 1);
    }
}
