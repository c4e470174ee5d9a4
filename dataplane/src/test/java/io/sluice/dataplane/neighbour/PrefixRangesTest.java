package io.sluice.dataplane.neighbour;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.dataplane.api.Cidr;
import io.sluice.dataplane.wire.Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PrefixRangesTest {
    @Test
    void shouldFindTheLongestPrefix() {
        final PrefixRanges ranges = PrefixRanges.of(Map.of(cidr("10.0.0.0", 8), 1, cidr("10.1.0.0", 16), 2, cidr("10.1.255.255", 32), 3,
            cidr("fd00::", 8), 4, cidr("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", 128), 5));
        assertThat(find(ranges, "9.255.255.255")).isEqualTo(PrefixRanges.NONE);
        assertThat(find(ranges, "10.0.0.0")).isEqualTo(1);
        assertThat(find(ranges, "10.1.0.0")).isEqualTo(2);
        assertThat(find(ranges, "10.1.255.254")).isEqualTo(2);
        assertThat(find(ranges, "10.1.255.255")).isEqualTo(3);
        assertThat(find(ranges, "10.2.0.0")).isEqualTo(1);
        assertThat(find(ranges, "11.0.0.0")).isEqualTo(PrefixRanges.NONE);
        assertThat(find(ranges, "fdff::1")).isEqualTo(4);
        assertThat(find(ranges, "fe00::")).isEqualTo(PrefixRanges.NONE);
        assertThat(find(ranges, "ffff:ffff:ffff:ffff:ffff:ffff:ffff:fffe")).isEqualTo(PrefixRanges.NONE);
        assertThat(find(ranges, "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff")).isEqualTo(5);
    }

    @Test
    void shouldKeepDefaultRoutesOfTheTwoFamiliesApart() {
        assertThat(find(PrefixRanges.of(Map.of(cidr("::", 0), 6)), "10.0.0.1")).isEqualTo(PrefixRanges.NONE);
        assertThat(find(PrefixRanges.of(Map.of(cidr("::", 0), 6)), "2001:db8::1")).isEqualTo(6);
        final PrefixRanges both = PrefixRanges.of(Map.of(cidr("::", 0), 6, cidr("0.0.0.0", 0), 4));
        assertThat(find(both, "0.0.0.0")).isEqualTo(4);
        assertThat(find(both, "255.255.255.255")).isEqualTo(4);
        assertThat(find(both, "::1")).isEqualTo(6);
        assertThat(find(PrefixRanges.of(Map.of()), "10.0.0.1")).isEqualTo(PrefixRanges.NONE);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void shouldAgreeWithAPlainSearch(final long seed) {
        final Random random = new Random(seed);
        final Map<Cidr, Integer> values = new HashMap<>();
        // Few distinct bits, so that prefixes nest deeply and ranges touch.
        for (int i = 0; i < 300; i++) {
            final int length = random.nextInt(129);
            values.put(random.nextBoolean() ? new Cidr(0, Address.lowOfIpv4(sparse(random)), 96 + random.nextInt(33))
                : new Cidr((long) sparse(random) << 32 | sparse(random), (long) sparse(random) << 32, length), random.nextInt(20));
        }
        final PrefixRanges ranges = PrefixRanges.of(values);
        for (int i = 0; i < 20_000; i++) {
            final Cidr near = values.keySet().stream().skip(random.nextInt(values.size())).findFirst().orElseThrow();
            final long high = near.high() + (near.length() <= 64 ? random.nextInt(3) - 1 : 0);
            final long low = near.low() + random.nextInt(5) - 2;
            assertThat(ranges.find(high, low)).as("seed %d, address %s", seed, Address.toString(high, low))
                .isEqualTo(plain(values, high, low));
        }
    }

    private static int plain(final Map<Cidr, Integer> values, final long high, final long low) {
        int best = PrefixRanges.NONE;
        int bestLength = -1;
        for (final Map.Entry<Cidr, Integer> entry : values.entrySet()) {
            final Cidr prefix = entry.getKey();
            if (prefix.contains(high, low) && prefix.length() > bestLength && (prefix.length() >= 96 || !Address.isIpv4(high, low))) {
                best = entry.getValue();
                bestLength = prefix.length();
            }
        }
        return best;
    }

    private static int sparse(final Random random) {
        return (random.nextInt(4) << 30) | (random.nextInt(4) << 14) | random.nextInt(3);
    }

    private static int find(final PrefixRanges ranges, final String address) {
        return ranges.find(Address.high(address(address)), Address.low(address(address)));
    }

    private static Cidr cidr(final String address, final int length) {
        return Cidr.of(address(address), length);
    }

    private static InetAddress address(final String text) {
        try {
            return InetAddress.getByName(text);
        } catch (final UnknownHostException e) {
            throw new IllegalArgumentException(e);
        }
    }
}
