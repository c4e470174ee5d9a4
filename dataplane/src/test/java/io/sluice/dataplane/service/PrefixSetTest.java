package io.sluice.dataplane.service;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.dataplane.api.Cidr;
import io.sluice.dataplane.lab.AllocatedBytes;
import io.sluice.dataplane.wire.Address;
import java.net.InetAddress;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PrefixSetTest {
    @ParameterizedTest
    @CsvSource(nullValues = "-", value = {
        // prefixes,                                   address,               longest match
        "192.0.2.0/24,                                 192.0.2.0,             192.0.2.0/24",
        "192.0.2.0/24,                                 192.0.2.255,           192.0.2.0/24",
        "192.0.2.0/24,                                 192.0.3.0,             -",
        "192.0.2.0/24,                                 192.0.1.255,           -",
        "192.0.2.1/32,                                 192.0.2.1,             192.0.2.1/32",
        "10.0.0.0/8 10.1.0.0/16 10.1.2.0/24,           10.1.2.3,              10.1.2.0/24",
        "10.0.0.0/8 10.1.0.0/16 10.1.2.0/24,           10.1.3.3,              10.1.0.0/16",
        "10.0.0.0/8 10.1.0.0/16 10.1.2.0/24,           10.9.9.9,              10.0.0.0/8",
        "0.0.0.0/0,                                    255.255.255.255,       0.0.0.0/0",
        "0.0.0.0/0,                                    0.0.0.0,               0.0.0.0/0",
        "0.0.0.0/0,                                    ::1,                   -",
        "::/0,                                         2001:db8::1,           ::/0",
        "::/0,                                         ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff, ::/0",
        "::/0,                                         192.0.2.1,             -",
        "::/80,                                        192.0.2.1,             -",
        "::/0 0.0.0.0/0,                               192.0.2.1,             0.0.0.0/0",
        "2001:db8::/32,                                2001:db8:ffff:ffff:ffff:ffff:ffff:ffff, 2001:db8::/32",
        "2001:db8::/32,                                2001:db9::,            -",
        "2001:db8::/64,                                2001:db8:0:1::,        -",
        "2001:db8::/65,                                2001:db8::7fff:0:0:0,  2001:db8::/65",
        "2001:db8::/65,                                2001:db8::8000:0:0:0,  -",
        "2001:db8::1/128,                              2001:db8::1,           2001:db8::1/128",
        "128.0.0.0/1 0.0.0.0/1,                        127.255.255.255,       0.0.0.0/1",
    })
    void shouldHoldWhatItsPrefixesHold(final String prefixes, final String address, final String longest) {
        final PrefixSet set = new PrefixSet(Arrays.stream(prefixes.split(" ")).map(PrefixSetTest::cidr).toList());
        final InetAddress parsed = InetAddress.ofLiteral(address);
        final Cidr match = set.longestMatch(Address.high(parsed), Address.low(parsed));
        assertThat(match == null ? null : match.toString()).isEqualTo(longest);
        assertThat(set.contains(Address.high(parsed), Address.low(parsed))).isEqualTo(longest != null);
    }

    @Test
    void shouldHoldNothingWhenEmpty() {
        assertThat(PrefixSet.EMPTY.contains(0, 0)).isFalse();
        assertThat(PrefixSet.EMPTY.contains(0, Address.lowOfIpv4(0))).isFalse();
        assertThat(PrefixSet.EMPTY.longestMatch(-1, -1)).isNull();
        assertThat(PrefixSet.EMPTY.size()).isZero();
    }

    @Test
    void shouldAgreeWithTheListOfPrefixes() {
        for (int seed = 0; seed < 200; seed++) {
            final Random random = new Random(seed);
            final List<Cidr> prefixes = IntStream.range(0, random.nextInt(60)).mapToObj(i -> randomCidr(random)).toList();
            final PrefixSet set = new PrefixSet(prefixes);
            for (int i = 0; i < 2000; i++) {
                final boolean four = random.nextBoolean();
                final long high = four ? 0 : nearby(random);
                final long low = four ? Address.lowOfIpv4((int) nearby(random)) : nearby(random);
                final boolean expected = prefixes.stream()
                    .anyMatch(prefix -> prefix.contains(high, low) && isIpv4(prefix) == Address.isIpv4(high, low));
                assertThat(set.contains(high, low)).as("seed %s, %s", seed, Address.toString(high, low)).isEqualTo(expected);
                assertThat(set.longestMatch(high, low) != null).isEqualTo(expected);
            }
        }
    }

    @Test
    void shouldAllocateNothingAmongAHundredThousandPrefixes() {
        final PrefixSet set = new PrefixSet(IntStream.range(0, 100_000)
            .mapToObj(i -> i % 2 == 0 ? new Cidr(0, Address.lowOfIpv4(i << 13), 120) : new Cidr((long) i << 32, 0, 40))
            .toList());
        assertThat(set.size()).isEqualTo(100_000);
        final int[] hits = new int[1];
        assertThat(AllocatedBytes.leastOf(() -> {
            for (int i = 0; i < 100_000; i++) {
                hits[0] += set.contains(0, Address.lowOfIpv4(i << 13 | 0x55)) ? 1 : 0;
                hits[0] += set.contains((long) i << 32, -1) ? 1 : 0;
            }
        })).isZero();
        assertThat(hits[0]).isEqualTo(5 * 100_000);
    }

    /** Few different values, so that prefixes nest and touch. */
    private static long nearby(final Random random) {
        return random.nextLong() & 0xc000_0000_c000_0003L;
    }

    private static Cidr randomCidr(final Random random) {
        return random.nextBoolean() ? new Cidr(0, Address.lowOfIpv4((int) nearby(random)), 96 + random.nextInt(33))
            : new Cidr(nearby(random), nearby(random), random.nextInt(129));
    }

    private static boolean isIpv4(final Cidr prefix) {
        return prefix.length() >= 96 && Address.isIpv4(prefix.high(), prefix.low());
    }

    private static Cidr cidr(final String text) {
        final String[] parts = text.split("/");
        return Cidr.of(InetAddress.ofLiteral(parts[0]), Integer.parseInt(parts[1]));
    }
}
