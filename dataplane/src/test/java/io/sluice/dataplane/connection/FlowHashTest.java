package io.sluice.dataplane.connection;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.dataplane.wire.Address;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import java.util.function.IntToLongFunction;
import org.junit.jupiter.api.Test;

class FlowHashTest {
    private static final int FLOWS = 1 << 16;
    private static final int BUCKETS = 1 << 10;

    private static final int SEEDS = 60;

    private final Random random = new Random(42);
    private FlowHash hash = new FlowHash(random.nextLong(), random.nextLong());

    @Test
    void shouldSpreadTheClientPortsOfOneAddress() {
        assertSpread(port -> hash.of(6, 0, Address.lowOfIpv4(0x0a000001), port, 0, Address.lowOfIpv4(0x0a000002), 80));
    }

    @Test
    void shouldSpreadNeighbouringAddresses() {
        assertSpread(i -> hash.of(6, 0, Address.lowOfIpv4(0x0a000000 + i), 40_000, 0, Address.lowOfIpv4(0xc0000201), 80));
        assertSpread(i -> hash.of(17, 0x2001_0db8_0000_0000L, i, 53, 0x2001_0db8_0000_0001L, 1, 53));
        assertSpread(i -> hash.of(17, 0x2001_0db8_0000_0000L + i, 1, 53, 0x2001_0db8_0000_0001L, 1, 53));
    }

    @Test
    void shouldSpreadLocalPortsAsTheRealServerShowsThem() {
        assertSpread(i -> hash.of(6, 0, Address.lowOfIpv4(0x0a010001), 80, 0, Address.lowOfIpv4(0x0a020001 + i % 4), 5000 + i / 4));
    }

    @Test
    void shouldDependOnEveryFieldAndOnDirection() {
        final Set<Long> hashes = new HashSet<>();
        final long[] fields = {6, 1, 2, 3, 4, 5, 7};
        hashes.add(of(hash, fields));
        for (int i = 0; i < fields.length; i++) {
            final long[] changed = fields.clone();
            changed[i] ^= 1;
            hashes.add(of(hash, changed));
        }
        hashes.add(hash.of(6, 4, 5, 7, 1, 2, 3));
        assertThat(hashes).hasSize(fields.length + 2);
    }

    @Test
    void shouldBeKeyed() {
        int same = 0;
        for (int i = 0; i < 1000; i++) {
            final FlowHash other = new FlowHash(random.nextLong(), random.nextLong());
            final long[] flow = {6, 0, Address.lowOfIpv4(i), i, 0, Address.lowOfIpv4(1), 80};
            same += bucket(of(hash, flow)) == bucket(of(other, flow)) ? 1 : 0;
        }
        // Buckets agree by chance once in 1024 times.
        assertThat(same).isLessThan(12);
        assertThat(of(new FlowHash(), new long[7])).isNotEqualTo(of(new FlowHash(), new long[7]));
    }

    private static long of(final FlowHash hash, final long[] f) {
        return hash.of((int) f[0], f[1], f[2], (int) f[3], f[4], f[5], (int) f[6]);
    }

    /** The bits that the table uses for a place in its index. */
    private static int bucket(final long hash) {
        return (int) (hash >>> 32) & BUCKETS - 1;
    }

    /** Whatever the seeds: a process must not be slow because it was unlucky at its start. */
    private void assertSpread(final IntToLongFunction flows) {
        for (int i = 0; i < SEEDS; i++) {
            hash = new FlowHash(random.nextLong(), random.nextLong());
            assertThat(chiSquare(flows)).as("try %s", i).isLessThan(1023 + 6 * 45);
        }
    }

    /** With 1023 degrees of freedom: mean 1023, standard deviation 45. */
    private static double chiSquare(final IntToLongFunction flows) {
        final int[] counts = new int[BUCKETS];
        for (int i = 0; i < FLOWS; i++) {
            counts[bucket(flows.applyAsLong(i))]++;
        }
        final double expected = (double) FLOWS / BUCKETS;
        double chiSquare = 0;
        for (final int count : counts) {
            chiSquare += (count - expected) * (count - expected) / expected;
        }
        return chiSquare;
    }
}
