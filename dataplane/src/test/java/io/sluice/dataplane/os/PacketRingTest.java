package io.sluice.dataplane.os;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.Test;

/** The ring as linux/if_packet.h lays it out, written by hand in the kernel's place. */
class PacketRingTest {
    private static final int USER = 1;
    private static final int COPY = 1 << 1;
    private static final int LOSING = 1 << 2;
    private static final int VLAN_VALID = 1 << 4;
    private static final int SLOTS = 4;

    private final MemorySegment memory = Arena.ofAuto().allocate(SLOTS * PacketRing.SLOT_LENGTH, 8);
    private final PacketRing ring = new PacketRing(memory);

    @Test
    void shouldBeEmptyUntilTheKernelHasFilledASlot() {
        assertThat(ring.isFilled()).isFalse();
        fill(1, USER, 60, 60);
        assertThat(ring.isFilled()).as("the second before the first").isFalse();
        fill(0, USER, 60, 60);
        assertThat(ring.isFilled()).isTrue();
    }

    @Test
    void shouldReadWhatTheKernelSays() {
        fill(0, USER | LOSING | VLAN_VALID, 60, 60);
        memory.set(ValueLayout.JAVA_SHORT, 12, (short) 86);
        memory.set(ValueLayout.JAVA_SHORT, 24, (short) 0x602a);
        memory.set(ValueLayout.JAVA_BYTE, 32 + 10, (byte) PacketSocket.PACKET_OTHERHOST);
        assertThat(ring.isFilled()).isTrue();
        assertThat(ring.frame()).isEqualTo(86);
        assertThat(ring.vnetHeader()).isEqualTo(76);
        assertThat(ring.length()).isEqualTo(60);
        assertThat(ring.packetType()).isEqualTo(PacketSocket.PACKET_OTHERHOST);
        assertThat(ring.vlanId()).as("without the priority").isEqualTo(0x2a);
        assertThat(ring.isQueued()).isFalse();
        assertThat(ring.isTruncated()).isFalse();
    }

    @Test
    void shouldTakeAVlanForNoneWithoutTheFlag() {
        fill(0, USER, 60, 60);
        memory.set(ValueLayout.JAVA_SHORT, 24, (short) 42);
        assertThat(ring.isFilled()).isTrue();
        assertThat(ring.vlanId()).isZero();
    }

    @Test
    void shouldTellAQueuedFrameFromATruncatedOne() {
        fill(0, USER | COPY, 9000, 1960);
        fill(1, USER, 9000, 1960);
        assertThat(ring.isFilled()).isTrue();
        assertThat(ring.isQueued()).isTrue();
        assertThat(ring.isTruncated()).isFalse();
        ring.release();
        assertThat(ring.isFilled()).isTrue();
        assertThat(ring.isQueued()).isFalse();
        assertThat(ring.isTruncated()).isTrue();
    }

    @Test
    void shouldGiveSlotsBackAndGoRound() {
        for (int i = 0; i < 3 * SLOTS; i++) {
            fill(i % SLOTS, USER, 100 + i, 100 + i);
            assertThat(ring.isFilled()).isTrue();
            assertThat(ring.length()).isEqualTo(100 + i);
            ring.release();
            assertThat(memory.get(ValueLayout.JAVA_INT, i % SLOTS * PacketRing.SLOT_LENGTH)).isZero();
        }
    }

    @Test
    void shouldCountQueuedFramesInARowAcrossTheEnd() {
        for (int i = 0; i < SLOTS - 1; i++) {
            fill(i, USER, 60, 60);
            assertThat(ring.isFilled()).isTrue();
            ring.release();
        }
        fill(SLOTS - 1, USER | COPY, 9000, 1960);
        fill(0, USER | COPY, 9000, 1960);
        fill(1, USER, 60, 60);
        fill(2, USER | COPY, 9000, 1960);
        assertThat(ring.queuedInARow(1)).isEqualTo(1);
        assertThat(ring.queuedInARow(SLOTS - 1)).isEqualTo(2);
    }

    private void fill(final int slot, final int status, final int length, final int lengthHere) {
        final long at = (long) slot * PacketRing.SLOT_LENGTH;
        memory.set(ValueLayout.JAVA_INT, at + 4, length);
        memory.set(ValueLayout.JAVA_INT, at + 8, lengthHere);
        memory.set(ValueLayout.JAVA_INT, at, status);
    }
}
