package io.sluice.dataplane.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.dataplane.lab.AllocatedBytes;
import java.util.Random;
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
        assertThat(bucket.available(Long.MAX_VALUE)).isEqualTo(10);
        assertThat(bucket.tryTake(6, SECOND / 2)).isFalse();
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 3, 7, 999, 1_000_003, TokenBucket.MAX})
    void shouldLoseNothingHoweverOftenItIsAsked(final long rate) {
        final Random random = new Random(rate);
        final TokenBucket bucket = new TokenBucket(rate, TokenBucket.MAX, 0);
        bucket.tryTake(TokenBucket.MAX, 0);
        long nowNs = 0;
        for (int i = 0; i < 100_000; i++) {
            nowNs += random.nextInt(10_000);
            bucket.tryTake(TokenBucket.MAX, nowNs);
        }
        assertThat(bucket.available(nowNs)).isEqualTo(nowNs / SECOND * rate + nowNs % SECOND * rate / SECOND);
    }

    @Test
    void shouldStandStillWhenTheClockGoesBack() {
        final TokenBucket bucket = new TokenBucket(1, 2, 100 * SECOND);
        bucket.tryTake(2, 100 * SECOND);
        assertThat(bucket.tryTake(1, 0)).isFalse();
        assertThat(bucket.available(0)).isZero();
        assertThat(bucket.tryTake(1, 101 * SECOND)).isTrue();
    }

    @Test
    void shouldWorkAcrossTheWrapOfTheClockAndAfterAnEternity() {
        final TokenBucket bucket = new TokenBucket(TokenBucket.MAX, TokenBucket.MAX, Long.MAX_VALUE - 5);
        bucket.tryTake(TokenBucket.MAX, Long.MAX_VALUE - 5);
        assertThat(bucket.available(Long.MIN_VALUE + 4)).isEqualTo(80);
        assertThat(bucket.tryTake(80, Long.MIN_VALUE + 4)).isTrue();
        assertThat(bucket.tryTake(TokenBucket.MAX, -1)).isTrue();
    }

    @Test
    void shouldNotOverflowWithTheLargestDebt() {
        final TokenBucket bucket = new TokenBucket(TokenBucket.MAX, 1, 0);
        assertThat(bucket.tryOverdraw(1_000_000_000, 0)).isTrue();
        assertThat(bucket.tryOverdraw(1, SECOND / 8 - 1)).isFalse();
        assertThat(bucket.tryOverdraw(1_000_000_001, SECOND)).isFalse();
        assertThat(bucket.tryOverdraw(1, SECOND / 8)).isTrue();
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

    private static int taken(final TokenBucket bucket, final int attempts, final long nowNs) {
        int taken = 0;
        for (int i = 0; i < attempts; i++) {
            taken += bucket.tryTake(1, nowNs) ? 1 : 0;
        }
        return taken;
    }
}
