package io.sluice.dataplane.nat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.dataplane.api.LaneShare;
import io.sluice.dataplane.api.LocalPoolSpec;
import io.sluice.dataplane.wire.Address;
import java.net.InetAddress;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LocalPortPoolTest {
    private static final InetAddress A = InetAddress.ofLiteral("10.2.0.100");
    private static final InetAddress B = InetAddress.ofLiteral("10.2.0.101");
    private static final InetAddress SIX = InetAddress.ofLiteral("fd02::100");

    @Test
    void shouldTakeTheAddressesInTurnPortByPort() {
        final LocalPortPool pool = new LocalPortPool("edge", List.of(A, B), 5000, 5001);
        assertThat(IntStream.range(0, pool.size()).mapToObj(i -> text(pool, i)))
            .containsExactly("10.2.0.100:5000", "10.2.0.101:5000", "10.2.0.100:5001", "10.2.0.101:5001");
    }

    @Test
    void shouldFindTheIndexOfEveryAddressAndPort() {
        final LocalPortPool pool = new LocalPortPool("edge", List.of(A, B, InetAddress.ofLiteral("192.0.2.1")), 1024, 2047);
        for (int i = 0; i < pool.size(); i++) {
            assertThat(pool.indexOf(pool.addressHigh(i), pool.addressLow(i), pool.port(i))).isEqualTo(i);
        }
    }

    @Test
    void shouldKnowWhatIsNotItsOwn() {
        final LocalPortPool pool = new LocalPortPool("edge", List.of(SIX), 5000, 5999);
        final long high = Address.high(SIX);
        final long low = Address.low(SIX);
        assertThat(pool.indexOf(high, low, 4999)).isEqualTo(LocalPortPool.NONE);
        assertThat(pool.indexOf(high, low, 6000)).isEqualTo(LocalPortPool.NONE);
        assertThat(pool.indexOf(high + 1, low, 5000)).isEqualTo(LocalPortPool.NONE);
        assertThat(pool.indexOf(high, low + 1, 5000)).isEqualTo(LocalPortPool.NONE);
        assertThat(pool.indexOf(high, low, 5000)).isZero();
    }

    @Test
    void shouldGiveABackendTheAddressesOfItsFamily() {
        final LocalPoolSpec spec = new LocalPoolSpec("edge", List.of(A, SIX, B), 5000, 5009, null);
        final LocalPortPool four = LocalPortPool.of(spec, true, LaneShare.ALL);
        final LocalPortPool six = LocalPortPool.of(spec, false, LaneShare.ALL);
        assertThat(four.isIpv4()).isTrue();
        assertThat(four.size()).isEqualTo(20);
        assertThat(six.isIpv4()).isFalse();
        assertThat(six.size()).isEqualTo(10);
        assertThat(text(six, 3)).isEqualTo("[fd02::100]:5003");
    }

    @Test
    void shouldCoverTheWholeRangeOfPorts() {
        final LocalPortPool pool = new LocalPortPool("all", List.of(A), 1, 65_535);
        assertThat(pool.size()).isEqualTo(65_535);
        assertThat(pool.port(0)).isEqualTo(1);
        assertThat(pool.port(65_534)).isEqualTo(65_535);
    }

    @ParameterizedTest
    @CsvSource({"5000, 5010, 3", "1, 65535, 4", "4999, 5000, 2", "1024, 1100, 7"})
    void shouldDealItsPortsOutToLanes(final int first, final int last, final int lanes) {
        final Set<String> seen = new HashSet<>();
        for (int lane = 0; lane < lanes; lane++) {
            final LocalPortPool share = new LocalPortPool("edge", List.of(A, B), first, last, new LaneShare(lane, lanes));
            for (int i = 0; i < share.size(); i++) {
                assertThat(share.port(i)).isBetween(first, last);
                assertThat(share.port(i) % lanes).isEqualTo(lane);
                assertThat(share.indexOf(share.addressHigh(i), share.addressLow(i), share.port(i))).isEqualTo(i);
                assertThat(seen.add(text(share, i))).isTrue();
            }
            final int foreign = share.port(0) + 1;
            assertThat(share.indexOf(share.addressHigh(0), share.addressLow(0), foreign)).isEqualTo(LocalPortPool.NONE);
        }
        assertThat(seen).hasSize(2 * (last - first + 1));
    }

    @Test
    void shouldRefuseARangeThatLeavesALaneWithoutPorts() {
        assertThatThrownBy(() -> new LocalPortPool("edge", List.of(A), 5000, 5002, new LaneShare(0, 4)))
            .isInstanceOf(IllegalArgumentException.class)
            .hasMessage("pool edge: the ports 5000-5002 are fewer than the 4 lanes. Widen the range or use fewer lanes");
    }

    @Test
    void shouldRefuseWhatIsNoPoolAndSayWhy() {
        assertRefused(List.of(), 1, 2, "pool edge has no address of the family that its backends need");
        assertRefused(List.of(A, SIX), 1, 2, "pool edge mixes IPv4 and IPv6; make one pool per family of it");
        assertRefused(List.of(A, B, A), 1, 2, "pool edge has 10.2.0.100 twice");
        assertRefused(List.of(A), 0, 2, "pool edge: ports 0-2 are not a range within 1-65535");
        assertRefused(List.of(A), 1, 65_536, "pool edge: ports 1-65536 are not a range within 1-65535");
        assertRefused(List.of(A), 9, 8, "pool edge: ports 9-8 are not a range within 1-65535");
        assertThatThrownBy(() -> LocalPortPool.of(new LocalPoolSpec("edge", List.of(A), 1, 2, null), false, LaneShare.ALL))
            .isInstanceOf(IllegalArgumentException.class)
            .hasMessage("pool edge has no address of the family that its backends need");
    }

    private static void assertRefused(final List<InetAddress> addresses, final int first, final int last, final String message) {
        assertThatThrownBy(() -> new LocalPortPool("edge", addresses, first, last))
            .isInstanceOf(IllegalArgumentException.class)
            .hasMessage(message);
    }

    private static String text(final LocalPortPool pool, final int index) {
        return Address.toString(pool.addressHigh(index), pool.addressLow(index), pool.port(index));
    }
}
