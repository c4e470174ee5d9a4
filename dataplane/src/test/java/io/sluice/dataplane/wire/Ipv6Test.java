package io.sluice.dataplane.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class Ipv6Test {
    private static final int IP = Ethernet.LENGTH;
    private static final String FIXED_BEFORE_NEXT_HEADER = "600000000000";
    private static final String HOP_LIMIT_AND_ADDRESSES = "40" + "00".repeat(32);

    @Test
    void shouldHaveTheOffsetsOfTheDiagram() {
        final MemorySegment header = KnownFrames.frame("6b912345" + "0102063f" + "f1f2f3f4f5f6f7f8f9fafbfcfdfeff00"
            + "e1e2e3e4e5e6e7e8e9eaebecedeeeff0");
        assertThat(Ipv6.trafficClass(header, 0)).isEqualTo(0xb9);
        assertThat(NetworkOrder.u16(header, Ipv6.PAYLOAD_LENGTH)).isEqualTo(0x0102);
        assertThat(NetworkOrder.u8(header, Ipv6.NEXT_HEADER)).isEqualTo(6);
        assertThat(NetworkOrder.u8(header, Ipv6.HOP_LIMIT)).isEqualTo(63);
        assertThat(NetworkOrder.i64(header, Ipv6.SOURCE)).isEqualTo(0xf1f2_f3f4_f5f6_f7f8L);
        assertThat(NetworkOrder.i64(header, Ipv6.SOURCE + 8)).isEqualTo(0xf9fa_fbfc_fdfe_ff00L);
        assertThat(NetworkOrder.i64(header, Ipv6.DESTINATION)).isEqualTo(0xe1e2_e3e4_e5e6_e7e8L);
        assertThat(NetworkOrder.i64(header, Ipv6.DESTINATION + 8)).isEqualTo(0xe9ea_ebec_edee_eff0L);
    }

    @Test
    void shouldWriteTheHeaderThatAnotherImplementationMade() {
        final MemorySegment memory = MemorySegment.ofArray(new byte[IP + Ipv6.LENGTH]);
        memory.fill((byte) 0xff);
        Ipv6.write(memory, IP, 0xb9, 24, Ipv4.TCP, 64, 0x2001_0db8_0000_0000L, 0x10, 0x2001_0db8_0001_0000L, 7);
        assertThat(KnownFrames.hex(memory.asSlice(IP))).isEqualTo(KnownFrames.TCP6_SYN_ACK.substring(2 * IP, 2 * (IP + Ipv6.LENGTH)));
    }

    @Test
    void shouldWriteAFragmentHeaderAndReadItBack() {
        final MemorySegment memory = MemorySegment.ofArray(new byte[Ipv6.FRAGMENT_LENGTH + 1]);
        memory.fill((byte) 0xff);
        Ipv6.writeFragment(memory, 1, Ipv4.UDP, 0x1fff, true, 0xdead_beef);
        assertThat(KnownFrames.hex(memory)).isEqualTo("ff" + "1100fff9deadbeef");
        assertThat(Ipv6.fragmentOffset(memory, 1)).isEqualTo(0x1fff);
        assertThat(Ipv6.hasMoreFragments(memory, 1)).isTrue();
        Ipv6.writeFragment(memory, 1, Ipv4.UDP, 1, false, 0);
        assertThat(KnownFrames.hex(memory)).isEqualTo("ff" + "1100000800000000");
        assertThat(Ipv6.fragmentOffset(memory, 1)).isEqualTo(1);
        assertThat(Ipv6.hasMoreFragments(memory, 1)).isFalse();
    }

    @Test
    void shouldWalkTheExtensionHeadersOfAKnownFrame() {
        final MemorySegment frame = KnownFrames.frame(KnownFrames.UDP6_FRAGMENT);
        final long walked = Ipv6.walk(frame, IP, frame.byteSize());
        assertThat(Ipv6.protocol(walked)).isEqualTo(Ipv4.UDP);
        assertThat(Ipv6.fragmentHeader(walked)).isEqualTo(40 + 8 + 16);
        assertThat(Ipv6.transport(walked)).isEqualTo(40 + 8 + 16 + 8);
        assertThat(Ipv6.isRouted(walked)).isFalse();
        assertThat(Ipv6.hasMoreFragments(frame, IP + Ipv6.fragmentHeader(walked))).isTrue();
        assertThat(NetworkOrder.u16(frame, IP + Ipv6.transport(walked) + Udp.DESTINATION_PORT)).isEqualTo(8);
    }

    @ParameterizedTest
    @CsvSource({
        // next header, what follows the fixed header,       transport, protocol, fragment header, routed
        "06, '',                                             40,        6,        0,               false",
        // hop-by-hop, then TCP
        "00, 0600010400000000,                               48,        6,        0,               false",
        // destination options of 24 bytes, then UDP
        "3c, 110201140000000000000000000000000000000000000000, 64,      17,       0,               false",
        // routing header without and with segments left
        "2b, 0600000000000000,                               48,        6,        0,               false",
        "2b, 0600000100000000,                               48,        6,        0,               true",
        // first fragment whose payload begins with another extension header
        "2c, 3c00000100000001 0600010400000000,              56,        6,        40,              false",
        // later fragment: what follows is data, whatever it looks like
        "2c, 3c00000900000001 0600010400000000,              48,        60,       40,              false",
        // unknown, no next header: the protocol is what it says
        "3b, '',                                             40,        59,       0,               false",
        "fe, '',                                             40,        254,      0,               false",
    })
    void shouldWalkExtensionHeaders(final String next, final String rest, final int transport, final int protocol,
                                    final int fragment, final boolean routed) {
        final MemorySegment packet = packet(next, rest);
        final long walked = Ipv6.walk(packet, 0, packet.byteSize());
        assertThat(Ipv6.transport(walked)).isEqualTo(transport);
        assertThat(Ipv6.protocol(walked)).isEqualTo(protocol);
        assertThat(Ipv6.fragmentHeader(walked)).isEqualTo(fragment);
        assertThat(Ipv6.isRouted(walked)).isEqualTo(routed);
    }

    @ParameterizedTest
    @CsvSource({
        "00, ''", "00, 06000104000000", "00, 0601010400000000", "3c, 06ff010400000000", "2c, ''", "2c, 06000001000000",
        "2c, 06000009000000", "00, 3c00010400000000", "2c, 3c00000100000001",
    })
    void shouldCallATruncatedChainMalformed(final String next, final String rest) {
        final MemorySegment packet = packet(next, rest);
        assertThat(Ipv6.walk(packet, 0, packet.byteSize())).isEqualTo(Ipv6.MALFORMED);
    }

    @Test
    void shouldStopAtAChainThatIsTooLong() {
        final MemorySegment few = packet("3c", "3c00010400000000".repeat(6) + "0600010400000000");
        assertThat(Ipv6.protocol(Ipv6.walk(few, 0, few.byteSize()))).isEqualTo(Ipv4.TCP);
        final MemorySegment many = packet("3c", "3c00010400000000".repeat(100) + "0600010400000000");
        assertThat(Ipv6.walk(many, 0, many.byteSize())).isEqualTo(Ipv6.MALFORMED);
    }

    @Test
    void shouldReachTheTransportHeaderBehindTheLongestOptions() {
        final String longest = "3cff" + "00".repeat(2046);
        final MemorySegment packet = packet("3c", longest.repeat(6) + "11ff" + "00".repeat(2046));
        final long walked = Ipv6.walk(packet, 0, packet.byteSize());
        assertThat(Ipv6.transport(walked)).isEqualTo(40 + 7 * 2048);
        assertThat(Ipv6.protocol(walked)).isEqualTo(Ipv4.UDP);
    }

    private static MemorySegment packet(final String nextHeader, final String rest) {
        return KnownFrames.frame(FIXED_BEFORE_NEXT_HEADER + nextHeader + HOP_LIMIT_AND_ADDRESSES + rest.replace(" ", ""));
    }
}
