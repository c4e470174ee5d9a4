package io.sluice.dataplane.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;

class NeighbourDiscoveryTest {
    private static final long A = 0x0200_0000_0001L;
    private static final long HIGH = 0xfd01_0000_0000_0000L;
    private static final long LOW = 0x100;
    private static final int IP = Ethernet.LENGTH;

    @Test
    void shouldWriteAProbeAsTheKernelDoes() {
        final MemorySegment memory = MemorySegment.ofArray(new byte[1 + NeighbourDiscovery.PROBE_LENGTH + 1]);
        memory.fill((byte) 0xee);
        NeighbourDiscovery.writeProbe(memory, 1, A, HIGH, LOW);
        assertThat(KnownFrames.hex(memory)).isEqualTo("ee" + KnownFrames.ND_PROBE + "ee");
    }

    @Test
    void shouldWriteAnAdvertisementAsTheKernelDoes() {
        final MemorySegment memory = MemorySegment.ofArray(new byte[1 + NeighbourDiscovery.ADVERTISEMENT_LENGTH + 1]);
        memory.fill((byte) 0xee);
        NeighbourDiscovery.writeAdvertisement(memory, 1, A, HIGH, LOW);
        assertThat(KnownFrames.hex(memory)).isEqualTo("ee" + KnownFrames.ND_ADVERTISEMENT + "ee");
    }

    @Test
    void shouldSendAProbeToTheGroupOfTheLast24Bits() {
        final MemorySegment memory = MemorySegment.ofArray(new byte[NeighbourDiscovery.PROBE_LENGTH]);
        NeighbourDiscovery.writeProbe(memory, 0, A, HIGH, 0x9817_8aff_fe27_ba48L);
        assertThat(Ethernet.destination(memory, 0)).isEqualTo(0x3333_ff27_ba48L);
        assertThat(NetworkOrder.i64(memory, IP + Ipv6.DESTINATION)).isEqualTo(0xff02_0000_0000_0000L);
        assertThat(NetworkOrder.i64(memory, IP + Ipv6.DESTINATION + 8)).isEqualTo(0x0000_0001_ff27_ba48L);
        assertThat(NeighbourDiscovery.isValid(memory, IP, memory.byteSize())).isTrue();
    }

    @Test
    void shouldTellTheMessagesApart() {
        final MemorySegment probe = KnownFrames.frame(KnownFrames.ND_PROBE);
        assertThat(NeighbourDiscovery.isValid(probe, IP, probe.byteSize())).isTrue();
        assertThat(NeighbourDiscovery.isProbe(probe, IP)).isTrue();
        assertThat(NeighbourDiscovery.isAdvertisement(probe, IP)).isFalse();
        final MemorySegment advertisement = KnownFrames.frame(KnownFrames.ND_ADVERTISEMENT);
        assertThat(NeighbourDiscovery.isValid(advertisement, IP, advertisement.byteSize())).isTrue();
        assertThat(NeighbourDiscovery.isProbe(advertisement, IP)).isFalse();
        assertThat(NeighbourDiscovery.isAdvertisement(advertisement, IP)).isTrue();
        assertThat(NeighbourDiscovery.targetHigh(advertisement, IP)).isEqualTo(HIGH);
        assertThat(NeighbourDiscovery.targetLow(advertisement, IP)).isEqualTo(LOW);
        final MemorySegment resolution = KnownFrames.frame(KnownFrames.ND_SOLICITATION);
        assertThat(NeighbourDiscovery.isValid(resolution, IP, resolution.byteSize())).isTrue();
        assertThat(NeighbourDiscovery.isProbe(resolution, IP)).as("somebody looks for the address").isFalse();
    }

    @Test
    void shouldNotBelieveAPacketWithAnyByteWrong() {
        final int length = NeighbourDiscovery.ADVERTISEMENT_LENGTH;
        for (int at = IP + Ipv6.PAYLOAD_LENGTH; at < length; at++) {
            final MemorySegment frame = KnownFrames.frame(KnownFrames.ND_ADVERTISEMENT);
            NetworkOrder.u8(frame, at, NetworkOrder.u8(frame, at) ^ 0x40);
            assertThat(NeighbourDiscovery.isValid(frame, IP, length)).as("byte %d", at).isFalse();
        }
    }

    @Test
    void shouldNotReadBehindTheEnd() {
        final MemorySegment frame = KnownFrames.frame(KnownFrames.ND_ADVERTISEMENT);
        for (int end = 0; end < frame.byteSize(); end++) {
            assertThat(NeighbourDiscovery.isValid(frame.asSlice(0, end), IP, end)).as("%d bytes", end).isFalse();
        }
    }
}
