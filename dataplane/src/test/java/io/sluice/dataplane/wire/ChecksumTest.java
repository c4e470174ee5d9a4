package io.sluice.dataplane.wire;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.dataplane.lab.AllocatedBytes;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ChecksumTest {
    @ParameterizedTest
    @CsvSource({
        // RFC 1071, 3: the numerical example
        "0001f203f4f5f6f7,                          ddf2",
        // its odd forms: a last byte is the high half of a word
        "00, 0000", "01, 0100", "0001f203f4, e605",
        "'', 0000", "ffff, ffff", "ffffffff, ffff", "ffff0001, 0001", "0000, 0000",
    })
    void shouldSumAsTheStandardSays(final String bytes, final String sum) {
        final MemorySegment memory = KnownFrames.frame(bytes);
        assertThat(Checksum.fold(Checksum.sum(memory, 0, (int) memory.byteSize()))).isEqualTo(Integer.parseInt(sum, 16));
    }

    @Test
    void shouldUpdateAsTheExampleOfRfc1624() {
        // RFC 1624, 4: HC = 0xdd2f, m = 0x5555, m' = 0x3285, new checksum 0x0000 and not 0xffff
        assertThat(Checksum.update(0xdd2f, 0x5555, 0x3285)).isZero();
    }

    @Test
    void shouldSumAnyLengthAtAnyOffsetLikeThePlainLoop() {
        final Random random = new Random(2);
        final byte[] bytes = new byte[300];
        for (int i = 0; i < 5000; i++) {
            random.nextBytes(bytes);
            final int offset = random.nextInt(100);
            final int length = random.nextInt(bytes.length - offset + 1);
            final MemorySegment memory = MemorySegment.ofArray(bytes);
            assertThat(Checksum.fold(Checksum.sum(memory, offset, length))).isEqualTo(PlainChecksum.sum(bytes, offset, length));
        }
    }

    @Test
    void shouldNotOverflowOnTheLargestPacketOfOnes() {
        final byte[] bytes = new byte[65_535];
        Arrays.fill(bytes, (byte) 0xff);
        assertThat(Checksum.fold(Checksum.sum(MemorySegment.ofArray(bytes), 0, bytes.length)))
            .isEqualTo(PlainChecksum.sum(bytes, 0, bytes.length));
    }

    @ParameterizedTest
    @CsvSource({"0, 0", "1, 1", "0xffff, 0xffff", "0x10000, 1", "0x1fffe, 0xffff", "0x7fffffffffffffff, 0x7fff", "0xffffffff, 0xffff",
        "0x1fffffffe, 0xffff", "0xffff0001ffff, 1"})
    void shouldFoldAnySum(final String sum, final String folded) {
        assertThat(Checksum.fold(Long.decode(sum))).isEqualTo(Integer.decode(folded));
    }

    @Test
    void shouldFoldToTheRemainderModulo65535() {
        final Random random = new Random(3);
        for (int i = 0; i < 100_000; i++) {
            final long sum = random.nextLong() >>> 1 + random.nextInt(63);
            final int folded = Checksum.fold(sum);
            assertThat(folded).isBetween(0, 0xffff);
            assertThat(folded % 0xffff).isEqualTo((int) (sum % 0xffff));
            assertThat(folded == 0).isEqualTo(sum == 0);
            assertThat(Checksum.finish(sum)).isEqualTo(0xffff - folded);
        }
    }

    @Test
    void shouldGiveTheSameByUpdateAsByFullRecomputation() {
        final Random random = new Random(4);
        for (int i = 0; i < 20_000; i++) {
            final byte[] packet = new byte[20 + random.nextInt(80)];
            random.nextBytes(packet);
            final MemorySegment memory = MemorySegment.ofArray(packet);
            writeChecksum(memory, packet);
            // A changed stretch that starts at an even offset, any length, not over the field (bytes 10 and 11).
            final int at = 12 + 2 * random.nextInt((packet.length - 12) / 2);
            final int length = random.nextInt(packet.length - at + 1);
            final long before = Checksum.sum(memory, at, length);
            for (int j = at; j < at + length; j++) {
                packet[j] = random.nextInt(4) == 0 ? (byte) (-random.nextInt(2)) : (byte) random.nextInt();
            }
            final int updated = Checksum.update(NetworkOrder.u16(memory, 10), before, Checksum.sum(memory, at, length));
            writeChecksum(memory, packet);
            assertThat(updated).as("round %s", i).isEqualTo(NetworkOrder.u16(memory, 10));
        }
    }

    @Test
    void shouldUpdateInManyStepsAsInOne() {
        final Random random = new Random(5);
        for (int i = 0; i < 2000; i++) {
            final byte[] packet = new byte[40];
            random.nextBytes(packet);
            final MemorySegment memory = MemorySegment.ofArray(packet);
            writeChecksum(memory, packet);
            int updated = NetworkOrder.u16(memory, 10);
            for (int step = 0; step < 30; step++) {
                final int at = 12 + 4 * random.nextInt(7);
                final long before = Checksum.sum(memory, at, 4);
                NetworkOrder.i32(memory, at, random.nextInt());
                updated = Checksum.update(updated, before, Checksum.sum(memory, at, 4));
            }
            writeChecksum(memory, packet);
            assertThat(updated).isEqualTo(NetworkOrder.u16(memory, 10));
        }
    }

    @Test
    void shouldSumThePseudoHeaderOfBothFamiliesAsItsBytes() {
        final Random random = new Random(6);
        for (int i = 0; i < 5000; i++) {
            final int length = random.nextInt(65_536);
            final int protocol = random.nextInt(256);
            // RFC 8200, 8.1: addresses, 32-bit length, 24 zero bits, next header
            final MemorySegment six = MemorySegment.ofArray(new byte[40]);
            for (int at = 0; at < 32; at += 8) {
                NetworkOrder.i64(six, at, random.nextLong());
            }
            NetworkOrder.i32(six, 32, length);
            NetworkOrder.u8(six, 39, protocol);
            assertThat(Checksum.fold(Checksum.pseudoHeader(NetworkOrder.i64(six, 0), NetworkOrder.i64(six, 8), NetworkOrder.i64(six, 16),
                NetworkOrder.i64(six, 24), protocol, length))).isEqualTo(Checksum.fold(Checksum.sum(six, 0, 40)));
            // RFC 9293, 3.1: addresses, zero, protocol, 16-bit length
            final MemorySegment four = MemorySegment.ofArray(new byte[12]);
            NetworkOrder.i64(four, 0, random.nextLong());
            NetworkOrder.i32(four, 8, protocol << 16 | length);
            assertThat(Checksum.fold(Checksum.pseudoHeader(Address.IPV4_HIGH, Address.lowOfIpv4(NetworkOrder.i32(four, 0)),
                Address.IPV4_HIGH, Address.lowOfIpv4(NetworkOrder.i32(four, 4)), protocol, length)))
                .isEqualTo(Checksum.fold(Checksum.sum(four, 0, 12)));
        }
    }

    @Test
    void shouldAllocateNothing() {
        final MemorySegment memory = MemorySegment.ofArray(new byte[1500]);
        final long[] sink = new long[1];
        assertThat(AllocatedBytes.leastOf(() -> {
            for (int i = 0; i < 5000; i++) {
                sink[0] += Checksum.update(i & 0xffff, i, Checksum.sum(memory, i & 31, 1400 + (i & 3)));
                sink[0] += Checksum.pseudoHeader(i, sink[0], i, i, 6, 1400);
            }
        })).isZero();
        assertThat(sink[0]).isNotZero();
    }

    private static void writeChecksum(final MemorySegment memory, final byte[] packet) {
        NetworkOrder.u16(memory, 10, 0);
        NetworkOrder.u16(memory, 10, 0xffff - PlainChecksum.sum(packet, 0, packet.length));
    }
}
