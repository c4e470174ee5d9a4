package io.sluice.dataplane.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.FieldSource;

class TcpTest {
    private static final String[] SEGMENTS = {KnownFrames.TCP4_SYN, KnownFrames.TCP4_DATA, KnownFrames.TTM4, KnownFrames.TTM6};
    private static final int TCP4 = Ethernet.LENGTH + Ipv4.LENGTH;
    private static final int TCP6 = Ethernet.LENGTH + Ipv6.LENGTH;

    @Test
    void shouldHaveTheOffsetsOfTheDiagram() {
        final MemorySegment header = KnownFrames.frame("c738" + "01bb" + "f1f2f3f4" + "e1e2e3e4" + "8f12" + "fade" + "0102" + "0304");
        assertThat(NetworkOrder.u16(header, Tcp.SOURCE_PORT)).isEqualTo(51_000);
        assertThat(NetworkOrder.u16(header, Tcp.DESTINATION_PORT)).isEqualTo(443);
        assertThat(NetworkOrder.i32(header, Tcp.SEQUENCE)).isEqualTo(0xf1f2_f3f4);
        assertThat(NetworkOrder.i32(header, Tcp.ACKNOWLEDGMENT)).isEqualTo(0xe1e2_e3e4);
        assertThat(Tcp.headerLength(header, 0)).isEqualTo(32);
        assertThat(NetworkOrder.u8(header, Tcp.FLAGS)).isEqualTo(Tcp.SYN | Tcp.ACK);
        assertThat(NetworkOrder.u16(header, Tcp.WINDOW)).isEqualTo(0xfade);
        assertThat(NetworkOrder.u16(header, Tcp.CHECKSUM)).isEqualTo(0x0102);
        assertThat(NetworkOrder.u16(header, Tcp.URGENT)).isEqualTo(0x0304);
        assertThat(header.byteSize()).isEqualTo(Tcp.LENGTH);
    }

    @Test
    void shouldReadAndWriteEveryHeaderLengthAndLeaveTheBitsBeside() {
        final MemorySegment header = MemorySegment.ofArray(new byte[Tcp.LENGTH]);
        for (int length = 20; length <= Tcp.LENGTH + Tcp.MAX_OPTIONS; length += 4) {
            NetworkOrder.u8(header, Tcp.DATA_OFFSET, 0xf5);
            Tcp.headerLength(header, 0, length);
            assertThat(Tcp.headerLength(header, 0)).isEqualTo(length);
            assertThat(NetworkOrder.u8(header, Tcp.DATA_OFFSET) & 0xf).isEqualTo(5);
        }
        assertThat(KnownFrames.hex(header)).isEqualTo("00".repeat(12) + "f5" + "00".repeat(7));
    }

    @Test
    void shouldWriteTheHeaderThatAnotherImplementationMade() {
        final MemorySegment memory = MemorySegment.ofArray(new byte[1 + Tcp.LENGTH + 1]);
        memory.fill((byte) 0x77);
        Tcp.write(memory, 1, 443, 65_535, 7, 9, Tcp.SYN | Tcp.ACK, 65_535);
        Tcp.headerLength(memory, 1, 24);
        final String known = KnownFrames.TCP6_SYN_ACK.substring(2 * TCP6, 2 * (TCP6 + Tcp.LENGTH));
        final String withoutChecksum = known.substring(0, 32) + "0000" + known.substring(36);
        assertThat(KnownFrames.hex(memory)).isEqualTo("77" + withoutChecksum + "77");
    }

    @ParameterizedTest
    @FieldSource("SEGMENTS")
    void shouldComputeTheChecksumThatAnotherImplementationMade(final String frame) {
        final MemorySegment memory = KnownFrames.frame(frame);
        final int length = (int) memory.byteSize() - TCP4;
        final long pseudo = Checksum.pseudoHeader(Address.IPV4_HIGH, Ipv4.source(memory, Ethernet.LENGTH), Address.IPV4_HIGH,
            Ipv4.destination(memory, Ethernet.LENGTH), Ipv4.TCP, length);
        assertThat(Checksum.fold(pseudo + Checksum.sum(memory, TCP4, length))).isEqualTo(0xffff);
        final int known = NetworkOrder.u16(memory, TCP4 + Tcp.CHECKSUM);
        NetworkOrder.u16(memory, TCP4 + Tcp.CHECKSUM, 0);
        assertThat(Checksum.finish(pseudo + Checksum.sum(memory, TCP4, length))).isEqualTo(known);
    }

    @Test
    void shouldComputeTheChecksumOverIpv6() {
        final MemorySegment memory = KnownFrames.frame(KnownFrames.TCP6_SYN_ACK);
        final int length = (int) memory.byteSize() - TCP6;
        final long pseudo = Checksum.pseudoHeader(NetworkOrder.i64(memory, Ethernet.LENGTH + Ipv6.SOURCE),
            NetworkOrder.i64(memory, Ethernet.LENGTH + Ipv6.SOURCE + 8), NetworkOrder.i64(memory, Ethernet.LENGTH + Ipv6.DESTINATION),
            NetworkOrder.i64(memory, Ethernet.LENGTH + Ipv6.DESTINATION + 8), Ipv4.TCP, length);
        assertThat(Checksum.fold(pseudo + Checksum.sum(memory, TCP6, length))).isEqualTo(0xffff);
    }

    @ParameterizedTest
    @CsvSource({"0, 1, true", "1, 0, false", "5, 5, false", "-1, 0, true", "0, -1, false", "2147483647, -2147483648, true",
        "-2147483648, 2147483647, false", "-5, 2147483000, true"})
    void shouldCompareSequenceNumbersAroundTheWrap(final int a, final int b, final boolean before) {
        assertThat(Tcp.isBefore(a, b)).isEqualTo(before);
    }
}
