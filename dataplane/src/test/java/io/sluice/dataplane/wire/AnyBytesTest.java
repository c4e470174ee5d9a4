package io.sluice.dataplane.wire;

import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The seeded twin of {@link WireFuzzTest}: the same property, every time the same bytes. */
class AnyBytesTest {
    private static final int ROUNDS = 20_000;

    @Test
    void shouldSurviveKnownFramesCutAnywhere() {
        for (final String known : KnownFrames.ALL) {
            final byte[] frame = HexFormat.of().parseHex(known);
            for (int length = 0; length <= frame.length; length++) {
                visit(Arrays.copyOf(frame, length));
            }
        }
    }

    @Test
    void shouldSurviveEveryValueOfEveryByteOfKnownFrames() {
        for (final String known : KnownFrames.ALL) {
            final byte[] frame = HexFormat.of().parseHex(known);
            for (int at = Ethernet.TYPE; at < frame.length; at++) {
                for (int value = 0; value < 256; value++) {
                    final byte[] changed = frame.clone();
                    changed[at] = (byte) value;
                    visit(changed);
                }
            }
        }
    }

    @Test
    void shouldSurviveKnownFramesWithManyWrongBytes() {
        final Random random = new Random(1);
        for (int i = 0; i < ROUNDS; i++) {
            final byte[] frame = HexFormat.of().parseHex(KnownFrames.ALL.get(random.nextInt(KnownFrames.ALL.size())));
            for (int changes = random.nextInt(8); changes >= 0; changes--) {
                frame[Ethernet.LENGTH + random.nextInt(frame.length - Ethernet.LENGTH)] = (byte) random.nextInt();
            }
            visit(Arrays.copyOf(frame, random.nextInt(frame.length + 1)));
        }
    }

    @Test
    void shouldSurviveNoise() {
        final Random random = new Random(2);
        final int[] types = {Ethernet.IPV4, Ethernet.IPV6, Ethernet.VLAN, Ethernet.SERVICE_VLAN, Ethernet.ARP};
        for (int i = 0; i < ROUNDS; i++) {
            final byte[] noise = new byte[random.nextInt(200)];
            random.nextBytes(noise);
            if (noise.length >= Ethernet.LENGTH) {
                final int type = types[random.nextInt(types.length)];
                noise[Ethernet.TYPE] = (byte) (type >> 8);
                noise[Ethernet.TYPE + 1] = (byte) type;
            }
            visit(noise);
        }
    }

    private static void visit(final byte[] bytes) {
        final byte[] given = bytes.clone();
        try {
            AnyBytes.visit(bytes);
        } catch (final RuntimeException | AssertionError e) {
            throw new AssertionError("frame " + HexFormat.of().formatHex(given), e);
        }
    }
}
