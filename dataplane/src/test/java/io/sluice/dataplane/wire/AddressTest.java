package io.sluice.dataplane.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AddressTest {
    @ParameterizedTest
    @CsvSource({
        // RFC 5952: 2.2, 4.1, 4.2, 4.3, and edges
        "2001:db8:0:0:1:0:0:1,      2001:db8::1:0:0:1",
        "2001:0db8::0001,           2001:db8::1",
        "2001:db8:0:1:1:1:1:1,      2001:db8:0:1:1:1:1:1",
        "2001:0:0:1:0:0:0:1,        2001:0:0:1::1",
        "2001:db8:0:0:1:0:0:0,      2001:db8:0:0:1::",
        "2001:DB8::AAAA,            2001:db8::aaaa",
        "0:0:0:0:0:0:0:0,           ::",
        "0:0:0:0:0:0:0:1,           ::1",
        "1:0:0:0:0:0:0:0,           1::",
        "0:0:0:0:0:0:1:0,           ::1:0",
        "0:1:0:1:0:1:0:1,           0:1:0:1:0:1:0:1",
        "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff, ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
        "192.0.2.1,                 192.0.2.1",
        "0.0.0.0,                   0.0.0.0",
        "255.255.255.255,           255.255.255.255",
    })
    void shouldWriteAddressesCanonically(final String address, final String canonical) {
        final InetAddress parsed = InetAddress.ofLiteral(address);
        assertThat(Address.toString(Address.high(parsed), Address.low(parsed))).isEqualTo(canonical);
    }

    @Test
    void shouldComeBackAsItWas() {
        final Random random = new Random(1);
        for (int i = 0; i < 10_000; i++) {
            // Rare bits, so that runs of zeros occur.
            final long high = random.nextLong() & random.nextLong() & random.nextLong() & random.nextLong();
            final long low = random.nextLong() & random.nextLong() & random.nextLong() & random.nextLong();
            assertThat(Address.toInetAddress(high, low)).isEqualTo(InetAddress.ofLiteral(Address.toString(high, low)));
            assertThat(Address.high(Address.toInetAddress(high, low))).isEqualTo(high);
            assertThat(Address.low(Address.toInetAddress(high, low))).isEqualTo(low);
            final long four = Address.lowOfIpv4(random.nextInt());
            assertThat(Address.low(Address.toInetAddress(Address.IPV4_HIGH, four))).isEqualTo(four);
        }
    }

    @Test
    void shouldKnowIpv4ByItsMappedForm() {
        assertThat(Address.isIpv4(0, 0x0000_ffff_c000_0201L)).isTrue();
        assertThat(Address.lowOfIpv4(0xc000_0201)).isEqualTo(0x0000_ffff_c000_0201L);
        assertThat(Address.isIpv4(1, 0x0000_ffff_c000_0201L)).isFalse();
        assertThat(Address.isIpv4(0, 0x0001_ffff_c000_0201L)).isFalse();
        assertThat(Address.isIpv4(0, 0x0000_fffe_c000_0201L)).isFalse();
        assertThat(Address.isIpv4(0, 1)).isFalse();
    }

    @Test
    void shouldPutIpv6IntoBracketsBeforeAPort() {
        assertThat(Address.toString(0x2001_0db8_0000_0000L, 7, 443)).isEqualTo("[2001:db8::7]:443");
        assertThat(Address.toString(0, Address.lowOfIpv4(0xc000_0201), 65_535)).isEqualTo("192.0.2.1:65535");
    }
}
