package io.sluice.dataplane.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class IcmpTest {
    private static final int ICMP4 = Ethernet.LENGTH + Ipv4.LENGTH;
    private static final int ICMP6 = Ethernet.LENGTH + Ipv6.LENGTH;

    @Test
    void shouldReadAPathMtuMessageAndThePacketItIsAbout() {
        final MemorySegment frame = KnownFrames.frame(KnownFrames.ICMP4_TOO_BIG);
        assertThat(NetworkOrder.u8(frame, ICMP4 + Icmp.TYPE)).isEqualTo(Icmp.UNREACHABLE);
        assertThat(NetworkOrder.u8(frame, ICMP4 + Icmp.CODE)).isEqualTo(Icmp.FRAGMENTATION_NEEDED);
        assertThat(NetworkOrder.i32(frame, ICMP4 + Icmp.REST)).isEqualTo(1400);
        assertThat(Ipv4.destination(frame, ICMP4 + Icmp.LENGTH)).isEqualTo(Address.lowOfIpv4(0xc000_0207));
        assertThat(Checksum.fold(Checksum.sum(frame, ICMP4, (int) frame.byteSize() - ICMP4))).isEqualTo(0xffff);
    }

    @Test
    void shouldReadAVersionSixPathMtuMessageAndThePacketItIsAbout() {
        final MemorySegment frame = KnownFrames.frame(KnownFrames.ICMP6_TOO_BIG);
        assertThat(NetworkOrder.u8(frame, ICMP6 + Icmp.TYPE)).isEqualTo(Icmp.V6_TOO_BIG);
        assertThat(NetworkOrder.u8(frame, ICMP6 + Icmp.CODE)).isZero();
        assertThat(NetworkOrder.i32(frame, ICMP6 + Icmp.REST)).isEqualTo(Ipv6.MIN_MTU);
        assertThat(NetworkOrder.i64(frame, ICMP6 + Icmp.LENGTH + Ipv6.DESTINATION + 8)).isEqualTo(0x10);
        assertThat(sumWithPseudoHeader(frame)).isEqualTo(0xffff);
    }

    @Test
    void shouldReadEchoRequestsOfBothVersions() {
        final MemorySegment four = KnownFrames.frame(KnownFrames.PING4);
        assertThat(NetworkOrder.u8(four, ICMP4 + Icmp.TYPE)).isEqualTo(Icmp.ECHO_REQUEST);
        assertThat(NetworkOrder.i32(four, ICMP4 + Icmp.REST)).isEqualTo(0x4242_0001);
        assertThat(NetworkOrder.u16(four, ICMP4 + Icmp.CHECKSUM)).isEqualTo(0xe922);
        final MemorySegment six = KnownFrames.frame(KnownFrames.PING6);
        assertThat(NetworkOrder.u8(six, ICMP6 + Icmp.TYPE)).isEqualTo(Icmp.V6_ECHO_REQUEST);
        assertThat(NetworkOrder.i32(six, ICMP6 + Icmp.REST)).isEqualTo(0x4242_0001);
        assertThat(sumWithPseudoHeader(six)).isEqualTo(0xffff);
    }

    @Test
    void shouldTellErrorsFromTheRest() {
        assertThat(IntStream.range(0, 256).filter(Icmp::isError)).containsExactly(3, 11, 12);
        assertThat(IntStream.range(0, 256).filter(Icmp::isV6Error)).hasSize(128).contains(1, 2, 3, 4, 127).doesNotContain(128, 129);
    }

    private static int sumWithPseudoHeader(final MemorySegment frame) {
        final int ip = Ethernet.LENGTH;
        final int length = (int) frame.byteSize() - ICMP6;
        return Checksum.fold(Checksum.sum(frame, ICMP6, length) + Checksum.pseudoHeader(NetworkOrder.i64(frame, ip + Ipv6.SOURCE),
            NetworkOrder.i64(frame, ip + Ipv6.SOURCE + 8), NetworkOrder.i64(frame, ip + Ipv6.DESTINATION),
            NetworkOrder.i64(frame, ip + Ipv6.DESTINATION + 8), Ipv6.ICMPV6, length));
    }
}
