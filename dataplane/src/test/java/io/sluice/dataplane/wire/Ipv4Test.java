package io.sluice.dataplane.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import java.util.Random;
import org.junit.jupiter.api.Test;

class Ipv4Test {
    private static final int IP = Ethernet.LENGTH;
    private static final long CLIENT = Address.lowOfIpv4(0xc000_0207);
    private static final long VIRTUAL = Address.lowOfIpv4(0x0a01_0064);

    @Test
    void shouldHaveTheOffsetsOfTheDiagram() {
        final MemorySegment header = KnownFrames.frame("46b80102" + "03042506" + "40110708" + "f1f2f3f4" + "e1e2e3e4" + "00000000");
        assertThat(NetworkOrder.u8(header, Ipv4.TRAFFIC_CLASS)).isEqualTo(0xb8);
        assertThat(NetworkOrder.u16(header, Ipv4.TOTAL_LENGTH)).isEqualTo(0x0102);
        assertThat(NetworkOrder.u16(header, Ipv4.IDENTIFICATION)).isEqualTo(0x0304);
        assertThat(NetworkOrder.u16(header, Ipv4.FRAGMENT)).isEqualTo(Ipv4.MORE_FRAGMENTS | 0x0506);
        assertThat(NetworkOrder.u16(header, Ipv4.FRAGMENT) & Ipv4.FRAGMENT_OFFSET).isEqualTo(0x0506);
        assertThat(NetworkOrder.u8(header, Ipv4.TTL)).isEqualTo(64);
        assertThat(NetworkOrder.u8(header, Ipv4.PROTOCOL)).isEqualTo(Ipv4.UDP);
        assertThat(NetworkOrder.u16(header, Ipv4.CHECKSUM)).isEqualTo(0x0708);
        assertThat(Ipv4.source(header, 0)).isEqualTo(0x0000_ffff_f1f2_f3f4L);
        assertThat(Ipv4.destination(header, 0)).isEqualTo(0x0000_ffff_e1e2_e3e4L);
        assertThat(Ipv4.headerLength(header, 0)).isEqualTo(24);
    }

    @Test
    void shouldReadEveryHeaderLength() {
        for (int words = 0; words < 16; words++) {
            final MemorySegment first = MemorySegment.ofArray(new byte[] {(byte) (0x40 | words)});
            assertThat(Ipv4.headerLength(first, 0)).isEqualTo(4 * words);
        }
    }

    @Test
    void shouldWriteTheHeaderThatAnotherImplementationMade() {
        assertWritten(KnownFrames.TCP4_SYN, 0, 60, 0x1234, Ipv4.DONT_FRAGMENT, 63, Ipv4.TCP);
        assertWritten(KnownFrames.TCP4_DATA, 0x2e, 73, 0x1235, Ipv4.DONT_FRAGMENT, 64, Ipv4.TCP);
        assertWritten(KnownFrames.UDP4_LATER_FRAGMENT, 0, 44, 0x77, Ipv4.MORE_FRAGMENTS | 185, 64, Ipv4.UDP);
        assertWritten(KnownFrames.PING4, 0, 35, 6, 0, 64, Ipv4.ICMP);
    }

    private static void assertWritten(final String frame, final int trafficClass, final int totalLength, final int identification,
                                      final int fragment, final int ttl, final int protocol) {
        final MemorySegment memory = MemorySegment.ofArray(new byte[IP + Ipv4.LENGTH]);
        memory.fill((byte) 0xff);
        Ipv4.write(memory, IP, trafficClass, totalLength, identification, fragment, ttl, protocol, CLIENT, VIRTUAL);
        assertThat(KnownFrames.hex(memory.asSlice(IP))).isEqualTo(frame.substring(2 * IP, 2 * (IP + Ipv4.LENGTH)));
    }

    @Test
    void shouldKnowRightChecksumsFromWrongOnes() {
        for (final String frame : new String[] {KnownFrames.UDP4, KnownFrames.IP4_OPTIONS, KnownFrames.TTM4}) {
            final MemorySegment memory = KnownFrames.frame(frame);
            final int length = Ipv4.headerLength(memory, IP);
            assertThat(Ipv4.isChecksumRight(memory, IP, length)).isTrue();
            for (int bit = 0; bit < 8 * length; bit++) {
                flip(memory, bit);
                assertThat(Ipv4.isChecksumRight(memory, IP, length)).as("bit %s", bit).isFalse();
                flip(memory, bit);
            }
        }
    }

    private static void flip(final MemorySegment memory, final int bit) {
        NetworkOrder.u8(memory, IP + bit / 8, NetworkOrder.u8(memory, IP + bit / 8) ^ 1 << bit % 8);
    }

    @Test
    void shouldWriteRightChecksumsForAnyHeader() {
        final Random random = new Random(7);
        for (int i = 0; i < 5000; i++) {
            final byte[] bytes = new byte[20 + 4 * random.nextInt(11)];
            random.nextBytes(bytes);
            final MemorySegment memory = MemorySegment.ofArray(bytes);
            Ipv4.writeChecksum(memory, 0, bytes.length);
            assertThat(PlainChecksum.sum(bytes, 0, bytes.length)).isEqualTo(0xffff);
            assertThat(Ipv4.isChecksumRight(memory, 0, bytes.length)).isTrue();
        }
    }
}
