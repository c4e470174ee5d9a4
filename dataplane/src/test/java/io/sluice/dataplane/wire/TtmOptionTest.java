package io.sluice.dataplane.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TtmOptionTest {
    private static final int TCP = Ethernet.LENGTH + Ipv4.LENGTH;
    private static final int FIRST = TCP + Tcp.LENGTH;

    @Test
    void shouldWriteAnIpv4ClientAsInAKnownFrame() {
        assertWritten(KnownFrames.TTM4, 0, Address.lowOfIpv4(0xc000_0207), TtmOption.LENGTH_IPV4);
    }

    @Test
    void shouldWriteAnIpv6ClientAsInAKnownFrame() {
        assertWritten(KnownFrames.TTM6, 0x2001_0db8_0000_0000L, 7, TtmOption.LENGTH_IPV6);
    }

    private static void assertWritten(final String frame, final long high, final long low, final int length) {
        final MemorySegment memory = MemorySegment.ofArray(new byte[1 + length + 1]);
        memory.fill((byte) 0x77);
        TtmOption.write(memory, 1, TtmOption.KIND, high, low, 51_000);
        assertThat(KnownFrames.hex(memory)).isEqualTo("77" + frame.substring(2 * FIRST, 2 * (FIRST + length)) + "77");
        assertThat(TtmOption.length(high, low)).isEqualTo(length);
    }

    @Test
    void shouldBeFoundWhereItIsWithItsFields() {
        final MemorySegment memory = KnownFrames.frame(KnownFrames.TTM4);
        final long option = TcpOptions.find(memory, FIRST, TCP + Tcp.headerLength(memory, TCP), TtmOption.KIND);
        assertThat(option).isEqualTo(FIRST);
        assertThat(NetworkOrder.u16(memory, option + TtmOption.PORT)).isEqualTo(51_000);
        assertThat(NetworkOrder.i32(memory, option + TtmOption.ADDRESS)).isEqualTo(0xc000_0207);
    }

    @ParameterizedTest
    @CsvSource({"254, 254, true", "253, 254, true", "254, 253, true", "200, 200, true", "254, 200, true", "200, 254, false",
        "2, 254, false"})
    void shouldTakeEveryKindThatServersMayBelieveForAClaim(final int kind, final int listenerKind, final boolean claim) {
        assertThat(TtmOption.isClaim(kind, listenerKind)).isEqualTo(claim);
    }

    @Test
    void shouldAgreeWithTheContractOfTheRealServers() throws IOException {
        final String header = Files.readString(Path.of("../native/include/sluice_wire.h"));
        assertThat(define(header, "TTM_OPTION_KIND")).isEqualTo(TtmOption.KIND);
        assertThat(define(header, "TTM_OPTION_KIND_OLD6")).isEqualTo(TtmOption.KIND_OLD_IPV6);
        assertThat(define(header, "TTM_OPTION_LEN_IPV4")).isEqualTo(TtmOption.LENGTH_IPV4);
        assertThat(define(header, "TTM_OPTION_LEN_IPV6")).isEqualTo(TtmOption.LENGTH_IPV6);
    }

    private static int define(final String header, final String name) {
        final Matcher matcher = Pattern.compile("#define\\s+" + name + "\\s+(\\d+)").matcher(header);
        assertThat(matcher.find()).as(name).isTrue();
        return Integer.parseInt(matcher.group(1));
    }
}
