package io.sluice.dataplane.port;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.dataplane.verdict.DropReason;
import io.sluice.dataplane.verdict.Verdict;
import org.junit.jupiter.api.Test;

class BurstTest {
    private final Burst burst = new Burst();

    @Test
    void shouldDescribeAFreshFrameAsPlainWhateverWasThereBefore() {
        final int first = burst.add(1000, 60, 1);
        burst.partialChecksum(first, 34, 16);
        burst.gso(first, Burst.GSO_TCPV4, 1448);
        burst.vlanStripped(first);
        burst.otherHost(first);
        burst.drop(first, DropReason.NO_ROUTE);
        burst.clear();

        final int again = burst.add(2000, 90, 2);
        assertThat(again).isZero();
        assertThat(burst.offset(again)).isEqualTo(2000);
        assertThat(burst.length(again)).isEqualTo(90);
        assertThat(burst.port(again)).isEqualTo(2);
        assertThat(burst.isChecksumPartial(again)).isFalse();
        assertThat(burst.gsoType(again)).isEqualTo(Burst.GSO_NONE);
        assertThat(burst.gsoSize(again)).isZero();
        assertThat(burst.isForeign(again)).isFalse();
        assertThat(burst.verdict(again)).isEqualTo(Verdict.PASS);
    }

    @Test
    void shouldTellForeignFramesFromOurs() {
        burst.add(0, 60, 0);
        burst.vlanStripped(burst.add(0, 60, 0));
        burst.otherHost(burst.add(0, 60, 0));
        burst.partialChecksum(burst.add(0, 60, 0), 34, 16);
        assertThat(burst.isForeign(0)).isFalse();
        assertThat(burst.isForeign(1)).isTrue();
        assertThat(burst.isVlanStripped(1)).isTrue();
        assertThat(burst.isOtherHost(1)).isFalse();
        assertThat(burst.isForeign(2)).isTrue();
        assertThat(burst.isOtherHost(2)).isTrue();
        assertThat(burst.isForeign(3)).isFalse();
    }

    @Test
    void shouldAppendAFrameOfAnotherBurstWithEverythingKnownOfIt() {
        final Burst other = new Burst();
        other.add(0, 1, 0);
        final int source = other.add(4096, 3000, 3);
        other.partialChecksum(source, 54, 16);
        other.gso(source, (byte) (Burst.GSO_TCPV6 | Burst.GSO_ECN), 1428);
        other.otherHost(source);
        other.drop(source, DropReason.TABLE_FULL);

        final int i = burst.append(other, source);
        assertThat(burst.offset(i)).isEqualTo(4096);
        assertThat(burst.length(i)).isEqualTo(3000);
        assertThat(burst.port(i)).isEqualTo(3);
        assertThat(burst.checksumStart(i)).isEqualTo(54);
        assertThat(burst.checksumOffset(i)).isEqualTo(16);
        assertThat(burst.gsoType(i)).isEqualTo((byte) (Burst.GSO_TCPV6 | Burst.GSO_ECN));
        assertThat(burst.gsoSize(i)).isEqualTo(1428);
        assertThat(burst.isOtherHost(i)).isTrue();
        assertThat(burst.verdict(i)).isEqualTo(Verdict.DROP);
        assertThat(burst.reason(i)).isEqualTo(DropReason.TABLE_FULL);
    }

    @Test
    void shouldBeFullAtItsCapacity() {
        for (int i = 0; i < Burst.CAPACITY; i++) {
            assertThat(burst.isFull()).isFalse();
            assertThat(burst.add(i, 60, 0)).isEqualTo(i);
        }
        assertThat(burst.isFull()).isTrue();
        burst.resize(5, 77, 61);
        burst.forward(5, 9);
        assertThat(burst.offset(5)).isEqualTo(77);
        assertThat(burst.length(5)).isEqualTo(61);
        assertThat(burst.port(5)).isEqualTo(9);
        assertThat(burst.verdict(5)).isEqualTo(Verdict.FORWARD);
        burst.pass(5);
        assertThat(burst.verdict(5)).isEqualTo(Verdict.PASS);
    }
}
