package io.sluice.dataplane.pipeline;

import io.sluice.dataplane.port.Burst;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The seeded twin of {@link PathFuzzTest}: the same property, every time the same frames. */
@OneLane
class AnyFrameTest {
    private static final int ETHERNET = 14;

    private FrameFuzz fuzz;
    private List<TestFrame> seeds;

    @BeforeEach
    void open() {
        fuzz = new FrameFuzz();
        fuzz.both().forEach(path -> seeds = FuzzSeeds.of(path));
    }

    @AfterEach
    void close() {
        fuzz.close();
    }

    private void send(final TestFrame frame) {
        try {
            fuzz.send(frame);
        } catch (final RuntimeException | AssertionError e) {
            throw new AssertionError("frame " + frame, e);
        }
    }

    @Test
    void shouldSurviveItsOwnSeeds() {
        seeds.forEach(this::send);
        fuzz.advanceSeconds(1000);
    }

    @Test
    void shouldSurviveFramesCutAnywhere() {
        for (final TestFrame seed : seeds) {
            for (int length = 0; length < Math.min(seed.bytes().length, 150); length++) {
                send(seed.with(Arrays.copyOf(seed.bytes(), length)));
            }
        }
    }

    @Test
    void shouldSurviveEveryHeaderByteAtItsExtremes() {
        final int[] values = {0, 1, 0x7f, 0x80, 0xff};
        for (final TestFrame seed : seeds) {
            for (int at = 12; at < Math.min(seed.bytes().length, 120); at++) {
                for (final int value : values) {
                    final byte[] bytes = seed.bytes().clone();
                    bytes[at] = (byte) value;
                    send(seed.with(FrameFuzz.repaired(bytes)));
                }
            }
        }
    }

    @Test
    void shouldSurviveManyWrongBytes() {
        mutate(11, 15_000, bytes -> bytes);
    }

    @Test
    void shouldSurviveManyWrongBytesUnderARightHeaderChecksum() {
        mutate(12, 15_000, FrameFuzz::repaired);
    }

    private void mutate(final int seed, final int rounds, final UnaryOperator<byte[]> repair) {
        final Random random = new Random(seed);
        for (int i = 0; i < rounds; i++) {
            final TestFrame frame = seeds.get(random.nextInt(seeds.size()));
            final byte[] bytes = frame.bytes().clone();
            for (int changes = random.nextInt(6); changes >= 0; changes--) {
                bytes[ETHERNET + random.nextInt(Math.min(bytes.length - ETHERNET, 130))] = (byte) random.nextInt();
            }
            final int length = random.nextInt(3) == 0 ? random.nextInt(bytes.length + 1) : bytes.length;
            send(frame.with(repair.apply(Arrays.copyOf(bytes, length))));
            if (random.nextInt(200) == 0) {
                fuzz.advanceSeconds(random.nextInt(40));
            }
        }
    }

    @Test
    void shouldSurviveLiesAboutOffloads() {
        final Random random = new Random(13);
        final int[] numbers = {0, 1, 8, 13, 14, 34, 53, 54, 100, 1000, 1460, 0x7fff, 0xffff};
        final byte[] types = {Burst.GSO_NONE, Burst.GSO_TCPV4, Burst.GSO_TCPV6, Burst.GSO_UDP,
            (byte) (Burst.GSO_TCPV4 | Burst.GSO_ECN), 77};
        for (int i = 0; i < 15_000; i++) {
            final TestFrame seed = seeds.get(random.nextInt(seeds.size()));
            send(new TestFrame(seed.bytes(), seed.port(), types[random.nextInt(types.length)], numbers[random.nextInt(numbers.length)],
                random.nextBoolean() ? TestFrame.COMPLETE : numbers[random.nextInt(numbers.length)],
                numbers[random.nextInt(numbers.length)], random.nextInt(20) == 0, random.nextInt(20) == 0));
        }
    }

    @Test
    void shouldSurviveNoise() {
        final Random random = new Random(14);
        final int[] types = {0x0800, 0x86dd, 0x8100, 0x0806};
        for (int i = 0; i < 10_000; i++) {
            final byte[] noise = new byte[8 + random.nextInt(300)];
            random.nextBytes(noise);
            final TestFrame frame = FrameFuzz.described(noise);
            if (frame.bytes().length > ETHERNET) {
                final int type = types[random.nextInt(types.length)];
                frame.bytes()[12] = (byte) (type >> 8);
                frame.bytes()[13] = (byte) type;
                frame.bytes()[ETHERNET] = (byte) (type == 0x0800 ? 0x45 : 0x60);
            }
            send(frame);
        }
    }
}
