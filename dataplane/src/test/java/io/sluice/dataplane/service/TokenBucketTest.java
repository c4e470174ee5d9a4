package io.sluice.dataplane.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.dataplane.lab.AllocatedBytes;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TokenBucketTest {
    private static final long SECOND = 1_000_000_000L;

    @Test
    void shouldAllowABurstThenTheRate() {
        final TokenBucket bucket = new TokenBucket(10, 3, 0);
        assertThat(taken(bucket, 5, 0)).isEqualTo(3);
        assertThat(bucket.tryTake(1, SECOND / 10 - 1)).isFalse();
        assertThat(bucket.tryTake(1, SECOND / 10)).isTrue();
        assertThat(bucket.tryTake(1, SECOND / 10)).isFalse();
        assertThat(taken(bucket, 5, 10 * SECOND)).isEqualTo(3);
    }

    @Test
    void shouldTakeAllOrNothing() {
        final TokenBucket bucket = new TokenBucket(100, 100, 0);
        assertThat(bucket.tryTake(60, 0)).isTrue();
        assertThat(bucket.tryTake(60, 0)).isFalse();
        assertThat(bucket.available(0)).isEqualTo(40);
        assertThat(bucket.tryTake(40, 0)).isTrue();
        assertThat(bucket.tryTake(101, 100 * SECOND)).as("more than it ever holds").isFalse();
    }

    @Test
    void shouldPayBackWhatWasOverdrawn() {
        final TokenBucket bucket = new TokenBucket(1000, 100, 0);
        assertThat(bucket.tryOverdraw(65_000, 0)).isTrue();
        assertThat(bucket.available(0)).isEqualTo(-64_900);
        assertThat(bucket.tryOverdraw(1, 64 * SECOND)).isFalse();
        assertThat(bucket.tryOverdraw(1, 64_900 * SECOND / 1000)).isFalse();
        assertThat(bucket.tryOverdraw(1, 64_901 * SECOND / 1000)).isTrue();
    }

    @Test
    void shouldSayWhatIsAvailableWithoutTakingIt() {
        final TokenBucket bucket = new TokenBucket(10, 10, 0);
        bucket.tryTake(10, 0);
        assertThat(bucket.available(SECOND / 2)).isEqualTo(5);
        assertThat(bucket.available(SECOND / 4)).isEqualTo(2);
        assertThat(bucket.available(1000 * SECOND)).isEqualTo(10);
        assertThat(bucket.tryTake(6, SECOND / 2)).isFalse();
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 3, 7, 999, 1_000_003, TokenBucket.MAX})
    void shouldGiveTheRateHoweverOftenItIsAsked(final long rate) {
        final Random random = new Random(rate);
        final TokenBucket bucket = new TokenBucket(rate, 100_000, 0);
        drain(bucket, 100_000, 0);
        long nowNs = 0;
        long taken = 0;
        for (int i = 0; i < 200_000; i++) {
            nowNs += random.nextInt(10_000);
            final int amount = 1 + random.nextInt(1500);
            taken += bucket.tryTake(amount, nowNs) ? amount : 0;
        }
        final double flown = (double) nowNs / SECOND * rate;
        assertThat((double) taken + bucket.available(nowNs)).isBetween(Math.min(flown, 100_000) * 0.999 - 1.5, flown * 1.0001 + 1);
    }

    @Test
    void shouldGiveLanesTogetherWhatItGivesOne() throws Exception {
        final TokenBucket bucket = new TokenBucket(1, 300_000, 0);
        final AtomicLong taken = new AtomicLong();
        final List<Thread> lanes = Stream.generate(() -> Thread.ofPlatform().start(() -> {
            for (int i = 0; i < 200_000; i++) {
                taken.addAndGet(bucket.tryTake(1, 0) ? 1 : 0);
            }
        })).limit(3).toList();
        for (final Thread lane : lanes) {
            lane.join();
        }
        assertThat(taken).hasValue(300_000);
    }

    @Test
    void shouldGiveNothingTwiceWhenTheClockGoesBack() {
        final TokenBucket bucket = new TokenBucket(1, 2, 100 * SECOND);
        bucket.tryTake(2, 100 * SECOND);
        assertThat(bucket.tryTake(1, 0)).isFalse();
        assertThat(bucket.tryTake(1, 101 * SECOND)).isTrue();
    }

    @Test
    void shouldWorkAcrossTheWrapOfTheClockAndAfterYears() {
        final long year = 365L * 24 * 3600 * SECOND;
        final TokenBucket bucket = new TokenBucket(TokenBucket.MAX, 1000, Long.MAX_VALUE - 5);
        drain(bucket, 1000, Long.MAX_VALUE - 5);
        assertThat(bucket.available(Long.MIN_VALUE + 4)).isEqualTo(80);
        assertThat(bucket.tryTake(80, Long.MIN_VALUE + 4)).isTrue();
        assertThat(bucket.tryTake(1000, Long.MIN_VALUE + 4 + 4 * year)).isTrue();
        assertThat(bucket.tryTake(1, Long.MIN_VALUE + 4 + 4 * year)).isFalse();
    }

    @Test
    void shouldNotOverflowWithTheLargestDebt() {
        final TokenBucket bucket = new TokenBucket(TokenBucket.MAX, 1, 0);
        assertThat(bucket.tryOverdraw(TokenBucket.MAX_AMOUNT, 0)).isTrue();
        assertThat(bucket.tryOverdraw(1, SECOND / 80 - 1)).isFalse();
        assertThat(bucket.tryOverdraw(TokenBucket.MAX_AMOUNT + 1, SECOND)).isFalse();
        assertThat(bucket.tryOverdraw(1, SECOND / 80)).isTrue();
    }

    @Test
    void shouldRefuseRatesAndBurstsOutOfRange() {
        for (final long wrong : new long[] {0, -1, TokenBucket.MAX + 1, Long.MIN_VALUE}) {
            assertThatThrownBy(() -> new TokenBucket(wrong, 1, 0)).isInstanceOf(IllegalArgumentException.class)
                .hasMessage("rate " + wrong + " per second and burst 1 must be within 1 and 8000000000");
            assertThatThrownBy(() -> new TokenBucket(1, wrong, 0)).isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void shouldAllocateNothing() {
        final TokenBucket bucket = new TokenBucket(1000, 10, 0);
        assertThat(AllocatedBytes.leastOf(() -> {
            for (int i = 0; i < 20_000; i++) {
                bucket.tryTake(1, i * 1000L);
                bucket.tryOverdraw(1500, i * 1000L);
                bucket.available(i);
            }
        })).isZero();
    }

    private static void drain(final TokenBucket bucket, final long burst, final long nowNs) {
        assertThat(bucket.tryTake(burst, nowNs)).isTrue();
        assertThat(bucket.available(nowNs)).isZero();
    }

    private static int taken(final TokenBucket bucket, final int attempts, final long nowNs) {
        int taken = 0;
        for (int i = 0; i < attempts; i++) {
            taken += bucket.tryTake(1, nowNs) ? 1 : 0;
        }
        return taken;
    }
}
