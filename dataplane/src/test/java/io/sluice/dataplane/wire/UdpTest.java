package io.sluice.dataplane.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;

class UdpTest {
    private static final int UDP6 = Ethernet.LENGTH + Ipv6.LENGTH;

    @Test
    void shouldHaveTheOffsetsOfTheDiagram() {
        final MemorySegment datagram = KnownFrames.frame(KnownFrames.UDP4);
        final int udp = Ethernet.LENGTH + Ipv4.LENGTH;
        assertThat(NetworkOrder.u16(datagram, udp + Udp.SOURCE_PORT)).isEqualTo(5353);
        assertThat(NetworkOrder.u16(datagram, udp + Udp.DESTINATION_PORT)).isEqualTo(53);
        assertThat(NetworkOrder.u16(datagram, udp + Udp.DATAGRAM_LENGTH)).isEqualTo(Udp.LENGTH + 5);
        assertThat(NetworkOrder.u16(datagram, udp + Udp.CHECKSUM)).isEqualTo(0xda77);
        assertThat(datagram.byteSize()).isEqualTo(udp + Udp.LENGTH + 5);
    }

    @Test
    void shouldSendAComputedZeroAsAllOnesAsOthersDo() {
        final MemorySegment datagram = KnownFrames.frame(KnownFrames.UDP6_ZERO_SUM);
        NetworkOrder.u16(datagram, UDP6 + Udp.CHECKSUM, 0);
        final int length = NetworkOrder.u16(datagram, UDP6 + Udp.DATAGRAM_LENGTH);
        final int computed = Checksum.finish(Checksum.sum(datagram, UDP6, length)
            + Checksum.pseudoHeader(0xfd01_0000_0000_0000L, 0x10, 0xfd01_0000_0000_0000L, 0x100, Ipv4.UDP, length));
        assertThat(computed).isZero();
        NetworkOrder.u16(datagram, UDP6 + Udp.CHECKSUM, Udp.sent(computed));
        assertThat(KnownFrames.hex(datagram)).isEqualTo(KnownFrames.UDP6_ZERO_SUM);
    }

    @Test
    void shouldSendAnyOtherChecksumAsItIs() {
        for (int checksum = 1; checksum <= 0xffff; checksum++) {
            assertThat(Udp.sent(checksum)).isEqualTo(checksum);
        }
    }
}
