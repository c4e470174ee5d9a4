package io.sluice.dataplane.nat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.dataplane.lab.AllocatedBytes;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class PortLeasesTest {
    private final List<PortLeases> opened = new ArrayList<>();

    @AfterEach
    void free() {
        opened.forEach(PortLeases::close);
    }

    @Test
    void shouldLeaseEveryPortOnceInOrderThenNone() {
        final PortLeases leases = leases(pool(200));
        for (int i = 0; i < 200; i++) {
            assertThat(leases.peek()).isEqualTo(i);
            assertThat(leases.lease()).isEqualTo(i);
        }
        assertThat(leases.peek()).isEqualTo(PortLeases.NONE);
        assertThat(leases.lease()).isEqualTo(PortLeases.NONE);
        assertThat(leases.leased()).isEqualTo(200);
    }

    @Test
    void shouldTakeThePortThatHasBeenIdleLongest() {
        final PortLeases leases = leases(pool(5));
        takeAll(leases);
        for (final int port : new int[] {3, 0, 4, 1, 2}) {
            assertThat(leases.release(port)).isTrue();
        }
        assertThat(takeAll(leases)).containsExactly(3, 0, 4, 1, 2);
    }

    @Test
    void shouldUseFreshPortsBeforeReleasedOnes() {
        final PortLeases leases = leases(pool(4));
        leases.release(leases.lease());
        assertThat(takeAll(leases)).containsExactly(1, 2, 3, 0);
    }

    @Test
    void shouldRecoverFromExhaustionAndCountIt() {
        final LocalPortPool pool = pool(3);
        final PortLeases one = leases(pool);
        final PortLeases other = leases(pool);
        takeAll(one);
        assertThat(one.exhausted()).isEqualTo(1);
        assertThat(other.lease()).as("another backend has ports of its own").isZero();
        assertThat(pool.leased()).isEqualTo(4);
        assertThat(pool.exhausted()).isEqualTo(1);
        one.release(1);
        assertThat(one.lease()).isEqualTo(1);
        assertThat(one.lease()).isEqualTo(PortLeases.NONE);
        assertThat(one.exhausted()).isEqualTo(2);
        assertThat(other.exhausted()).isZero();
        assertThat(pool.exhausted()).isEqualTo(2);
    }

    @Test
    void shouldSkipReservedPorts() {
        final PortLeases leases = leases(pool(6));
        assertThat(leases.reserve(0)).isTrue();
        assertThat(leases.reserve(3)).isTrue();
        assertThat(leases.reserve(3)).as("twice").isFalse();
        assertThat(leases.isLeased(3)).isTrue();
        assertThat(leases.leased()).isEqualTo(2);
        assertThat(leases.peek()).isEqualTo(1);
        assertThat(takeAll(leases)).containsExactly(1, 2, 4, 5);
    }

    @Test
    void shouldPutAPortThatWasReservedAndReleasedToTheEnd() {
        final PortLeases leases = leases(pool(4));
        leases.reserve(0);
        leases.release(0);
        assertThat(leases.peek()).isEqualTo(1);
        assertThat(takeAll(leases)).containsExactly(1, 2, 3, 0);
    }

    @Test
    void shouldReserveAgainWhatWasReleased() {
        final PortLeases leases = leases(pool(3));
        takeAll(leases);
        leases.release(2);
        leases.release(0);
        leases.release(1);
        for (int i = 0; i < 3; i++) {
            assertThat(leases.reserve(0)).isTrue();
            assertThat(leases.release(0)).isTrue();
        }
        assertThat(leases.reserve(2)).isTrue();
        assertThat(takeAll(leases)).containsExactly(1, 0);
    }

    @Test
    void shouldPeekWhatIsLeftWhenAllFreePortsWereReservedOnce() {
        final PortLeases leases = leases(pool(3));
        for (int i = 0; i < 3; i++) {
            leases.reserve(i);
        }
        leases.release(2);
        leases.release(1);
        assertThat(leases.peek()).isEqualTo(1);
        assertThat(takeAll(leases)).containsExactly(1, 2);
    }

    @Test
    void shouldIgnoreWhatIsNotLeasedHere() {
        final PortLeases leases = leases(pool(3));
        leases.lease();
        assertThat(leases.release(0)).isTrue();
        assertThat(leases.release(0)).as("twice").isFalse();
        assertThat(leases.release(1)).isFalse();
        assertThat(leases.release(-1)).isFalse();
        assertThat(leases.release(3)).isFalse();
        assertThat(leases.reserve(-1)).isFalse();
        assertThat(leases.reserve(Integer.MAX_VALUE)).isFalse();
        assertThat(leases.release(Integer.MIN_VALUE)).isFalse();
        assertThat(leases.leased()).isZero();
        assertThat(takeAll(leases)).containsExactly(1, 2, 0);
    }

    @Test
    void shouldStartWhereTold() {
        final PortLeases leases = leases(pool(5), 3);
        assertThat(leases.reserve(4)).isTrue();
        assertThat(takeAll(leases)).containsExactly(3, 0, 1, 2);
        assertThat(leased(leases)).containsExactly(0, 1, 2, 3, 4);
    }

    @Test
    void shouldRefuseAStartOutsideThePool() {
        final LocalPortPool pool = pool(10);
        assertThatThrownBy(() -> new PortLeases(pool, 10)).isInstanceOf(IllegalArgumentException.class)
            .hasMessage("pool test: 10 is not within its 10 ports");
        assertThatThrownBy(() -> new PortLeases(pool, -1)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void shouldHoldNothingOnceClosed() {
        final LocalPortPool pool = pool(100);
        final PortLeases leases = leases(pool);
        takeAll(leases);
        assertThat(pool.leased()).isEqualTo(100);
        leases.close();
        leases.close();
        assertThat(pool.leased()).isZero();
        assertThat(leases.leased()).isZero();
        assertThat(leases.capacity()).isZero();
        assertThat(leases.lease()).isEqualTo(PortLeases.NONE);
        assertThat(leases.peek()).isEqualTo(PortLeases.NONE);
        assertThat(leases.reserve(0)).isFalse();
        assertThat(leases.release(0)).isFalse();
    }

    @Test
    void shouldAllocateNothing() {
        final PortLeases leases = leases(pool(1000));
        assertThat(AllocatedBytes.leastOf(() -> {
            for (int i = 0; i < 10_000; i++) {
                final int port = leases.lease();
                leases.peek();
                leases.release(port);
                leases.reserve(i % 1000);
                leases.release(i % 1000);
            }
        })).isZero();
    }

    private static List<Integer> takeAll(final PortLeases leases) {
        final List<Integer> taken = new ArrayList<>();
        for (int port = leases.lease(); port != PortLeases.NONE; port = leases.lease()) {
            taken.add(port);
        }
        return taken;
    }

    private static List<Integer> leased(final PortLeases leases) {
        final List<Integer> ports = new ArrayList<>();
        leases.forEachLeased(ports::add);
        assertThat(ports).hasSize(leases.leased()).allMatch(leases::isLeased);
        assertThat(IntStream.range(-1, 200).filter(leases::isLeased).boxed()).containsExactlyElementsOf(ports);
        return ports;
    }

    private PortLeases leases(final LocalPortPool pool) {
        return leases(pool, 0);
    }

    private PortLeases leases(final LocalPortPool pool, final int start) {
        final PortLeases leases = new PortLeases(pool, start);
        opened.add(leases);
        return leases;
    }

    private static LocalPortPool pool(final int ports) {
        return new LocalPortPool("test", List.of(InetAddress.ofLiteral("10.2.0.100")), 5000, 4999 + ports);
    }
}
