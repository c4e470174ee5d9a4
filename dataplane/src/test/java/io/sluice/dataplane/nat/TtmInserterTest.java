package io.sluice.dataplane.nat;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.dataplane.port.Burst;
import io.sluice.dataplane.wire.Address;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TtmInserterTest {
    private static final String V4_OPTION = "fe089c400a000007";
    private static final String V6_OPTION = "fe149c40fd000000000000000000000000000007";
    private static final String TIMESTAMPS = "080a1111111122222222";
    private static final String TWO_BLOCKS = "0512000000010000000200000003" + "00000004";
    private static final String THREE_BLOCKS = "0101051a0000000100000002" + "00000003000000040000000500000006";

    private final TtmInserter inserter = new TtmInserter();

    /** Options before and after; {@code -} for "does not fit". */
    @ParameterizedTest(name = "{0}")
    @CsvSource(textBlock = """
        no options,                       true,  100,  1500, '',                     @4
        no options; IPv6 client,          false, 100,  1500, '',                     @6
        timestamps stay,                  true,  100,  1500, @T,                     @4 @T
        timestamps; two SACK blocks,      true,  100,  1500, @T @2,                  @4 @T @2
        NOPs go first,                    true,  0,    1500, @T 01010101 @2,         @4 @t @b
        then SACK blocks,                 true,  0,    1500, @T @3,                  @4 @t 0101
        full options; IPv6 client,        false, 0,    1500, @T @3,                  @6 @t 0101
        other options are kept,           true,  0,    1500, @X 01010101,            -
        no room by the MTU,               true,  1460, 1500, '',                     -
        room to the last byte,            true,  1452, 1500, '',                     @4
        NOPs make room by the MTU,        true,  1452, 1500, 0101010101010101,       @4
        SACK blocks make room by the MTU, true,  1440, 1500, @2,                     @4
        a client's claim is not kept,     true,  0,    1500, @T fe040000 @2 01010101, @4 @t @b
        """)
    void shouldFindRoom(final String name, final boolean ipv4, final int payload, final int mtu, final String before,
                        final String after) {
        final byte[] options = hex(before);
        final TestPacket packet = TestPacket.tcp(ipv4, options, payload);
        final int ipHeader = ipv4 ? 20 : 40;
        // An IPv6 header takes 20 bytes more of the MTU.
        final int largest = mtu + ipHeader - 20;
        final int length = ipv4 ? 8 : 20;
        final byte[] data = packet.bytes(packet.packet.payload, packet.packet.end);
        final byte[] untouched = packet.bytes(0, packet.packet.end);
        final int planned = inserter.plan(packet.packet, length, ipHeader, largest, 254);
        assertThat(packet.bytes(0, packet.packet.end)).as("planning changes nothing").isEqualTo(untouched);
        if ("-".equals(after)) {
            assertThat(inserter.isPlanned()).isFalse();
            assertThat(planned).isZero();
            return;
        }
        assertThat(inserter.isPlanned()).isTrue();
        final byte[] wanted = hex(after);
        assertThat(planned).isEqualTo(wanted.length - options.length);
        final long tcp = packet.packet.transport - planned;
        inserter.insert(packet.packet, tcp, 254, packet.packet.sourceHigh, packet.packet.sourceLow, packet.packet.sourcePort);
        assertThat(HexFormat.of().formatHex(packet.bytes(tcp + 20, packet.packet.payload))).isEqualTo(HexFormat.of().formatHex(wanted));
        assertThat(packet.bytes(tcp, tcp + 12)).isEqualTo(hex("9c400050 11223344 55667788"));
        assertThat(packet.bytes(tcp + 12, tcp + 13)[0] >> 4 & 0xf).isEqualTo(5 + wanted.length / 4);
        assertThat(packet.bytes(packet.packet.payload, packet.packet.end)).isEqualTo(data);
    }

    private static byte[] hex(final String text) {
        return HexFormat.of().parseHex(text.replace("@4", V4_OPTION).replace("@6", V6_OPTION).replace("@T", "0101" + TIMESTAMPS)
            .replace("@t", TIMESTAMPS).replace("@2", "0101" + TWO_BLOCKS).replace("@b", TWO_BLOCKS).replace("@3", THREE_BLOCKS)
            .replace("@X", "c824" + "00".repeat(34)).replace(" ", ""));
    }

    @Test
    void shouldMeasureSuperFramesByTheirSegments() {
        final TestPacket packet = TestPacket.tcp(true, new byte[0], 4000);
        packet.burst.gso(0, Burst.GSO_TCPV4, 1448);
        assertThat(inserter.plan(packet.packet, 8, 20, 1500, 254)).isEqualTo(8);
        packet.burst.gso(0, Burst.GSO_TCPV4, 1453);
        assertThat(inserter.plan(packet.packet, 8, 20, 1500, 254)).isZero();
        assertThat(inserter.isPlanned()).isFalse();
    }

    @Test
    void shouldNotMakeASuperFrameLongerThanAnIpPacketCanBe() {
        final TestPacket packet = TestPacket.tcp(true, new byte[0], 65_535 - 40);
        packet.burst.gso(0, Burst.GSO_TCPV4, 1400);
        assertThat(inserter.plan(packet.packet, 8, 20, 1500, 254)).isZero();
        assertThat(inserter.isPlanned()).isFalse();
    }

    @Test
    void shouldKeepTheClaimOfATrustedSource() {
        final TestPacket packet = TestPacket.tcp(true, hex("fe08005001020304" + THREE_BLOCKS + "01010101"), 0);
        assertThat(Address.isIpv4(packet.packet.sourceHigh, packet.packet.sourceLow)).isTrue();
        assertThat(inserter.plan(packet.packet, 8, 20, 1500, 0)).isNotZero();
        final long tcp = packet.packet.transport + 24;
        inserter.insert(packet.packet, tcp, 254, packet.packet.sourceHigh, packet.packet.sourceLow, packet.packet.sourcePort);
        assertThat(packet.bytes(tcp + 20, packet.packet.payload)).isEqualTo(hex("@4 fe08005001020304"));
    }
}
