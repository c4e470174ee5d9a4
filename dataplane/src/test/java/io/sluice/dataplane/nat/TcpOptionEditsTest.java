package io.sluice.dataplane.nat;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.dataplane.wire.Tcp;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Options as hex before and after; nothing outside them may change. */
class TcpOptionEditsTest {
    private static final int TCP = 5;

    private byte[] bytes;
    private MemorySegment memory;
    private long end;

    private void options(final String hex) {
        final byte[] options = HexFormat.of().parseHex(hex.replace(" ", ""));
        bytes = new byte[TCP + Tcp.LENGTH + options.length + 3];
        Arrays.fill(bytes, (byte) 0xee);
        System.arraycopy(options, 0, bytes, TCP + Tcp.LENGTH, options.length);
        memory = MemorySegment.ofArray(bytes);
        end = TCP + Tcp.LENGTH + options.length;
    }

    private void assertOptions(final String hex) {
        final byte[] found = bytes;
        options(hex);
        assertThat(HexFormat.ofDelimiter(" ").formatHex(found)).isEqualTo(HexFormat.ofDelimiter(" ").formatHex(bytes));
        bytes = found;
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(textBlock = """
        timestamps and neighbours,     true,  1, 020405b4 0402080a1111111122222222 01030307, 020405b4 040201010101010101010101 01030307
        timestamps kept,               false, 0, 020405b4 0402080a1111111122222222 01030307, 020405b4 0402080a1111111122222222 01030307
        Fast Open with a cookie,       true,  1, 220a0102030405060708 0101,                  01010101010101010101 0101
        Fast Open request,             false, 1, 22020101,                                   01010101
        MPTCP,                         false, 1, 1e0c0081aabbccddeeff0011,                   010101010101010101010101
        all three,                     true,  3, 080a1111111122222222 2202 1e040000,         01010101010101010101 0101 01010101
        behind the end of the list,    true,  0, 0022020200000000,                           0022020200000000
        nothing,                       true,  0, 01010402,                                   01010402
        """)
    void shouldCleanTheSyn(final String name, final boolean strip, final int removed, final String before, final String after) {
        options(before);
        assertThat(TcpOptionEdits.cleanSyn(memory, TCP, end, strip)).as(name).isEqualTo(removed);
        assertOptions(after);
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(textBlock = """
        the listener's kind,           200, 1, c8080050 0a000001 01010101, 01010101 01010101 01010101
        the default kind always,       200, 1, fe080050 0a000001 01010101, 01010101 01010101 01010101
        the old kind always,           254, 1, fd080050 0a000001,          01010101 01010101
        two of them,                   254, 2, fe080050 0a000001 fe020101, 01010101 01010101 01010101
        not another experiment's,      254, 0, c8080050 0a000001,          c8080050 0a000001
        """)
    void shouldRemoveWhatClaimsToBeAClientsAddress(final String name, final int kind, final int removed, final String before,
                                                   final String after) {
        options(before);
        assertThat(TcpOptionEdits.removeClaims(memory, TCP, end, kind)).as(name).isEqualTo(removed);
        assertOptions(after);
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(textBlock = """
        length 0,                      true,  01 0800 01fe080050,  01 0101 0101010101
        length 1,                      true,  0101 0801,           0101 0101
        length beyond the header,      true,  0101 0805,           0101 0101
        kind without a length,         true,  010101 08,           010101 01
        well-formed,                   false, 0402 0101,           0402 0101
        what is behind the end stays,  false, 04020008,            04020008
        """)
    void shouldPadWhatIsMalformed(final String name, final boolean found, final String before, final String after) {
        options(before);
        assertThat(TcpOptionEdits.padMalformed(memory, TCP, end)).as(name).isEqualTo(found);
        assertOptions(after);
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(textBlock = """
        by 8,                          8,  65535, 020405b4 04020101, 020405ac 04020101
        by 20 behind others,           20, 65535, 04020101 020405b4, 04020101 020405a0
        to a limit,                    0,  1220,  020405b4,          020404c4
        both,                          20, 1000,  020405b4,          020403e8
        never raised,                  0,  1460,  02040200,          02040200
        never to nothing,              20, 65535, 02040010,          02040010
        of a wrong length,             8,  65535, 0203050004020101,  0203050004020101
        absent,                        8,  65535, 04020101,          04020101
        """)
    void shouldLowerTheMss(final String name, final int by, final int atMost, final String before, final String after) {
        options(before);
        TcpOptionEdits.lowerMss(memory, TCP, end, by, atMost);
        assertOptions(after);
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(textBlock = """
        one block,                     16, 0101 050a 00000001 00000005,                   0101 050a 00000011 00000015
        over the end of the numbers,   16, 0101 050a fffffff8 00000005,                   0101 050a 00000008 00000015
        backwards,                     -2, 0101 0512 00000001 00000005 00000010 00000020, 0101 0512 ffffffff 00000003 0000000e 0000001e
        half a block,                  16, 0506 00000001 0101,                            0506 00000011 0101
        no block,                      16, 0502 0101,                                     0502 0101
        absent,                        16, 0402 0101,                                     0402 0101
        """)
    void shouldShiftSackBlocks(final String name, final int delta, final String before, final String after) {
        options(before);
        TcpOptionEdits.shiftSack(memory, TCP, end, delta);
        assertOptions(after);
    }

    @Test
    void shouldNeverTouchAnythingBehindTheHeaderWhateverItsBytes() {
        final Random random = new Random(11);
        for (int i = 0; i < 50_000; i++) {
            final byte[] any = new byte[4 * random.nextInt(11)];
            random.nextBytes(any);
            options(HexFormat.of().formatHex(any));
            // Kinds and lengths that mean something are rare among all; make them common.
            for (int at = TCP + Tcp.LENGTH; at < end; at++) {
                if (random.nextBoolean()) {
                    bytes[at] = (byte) new int[] {0, 1, 2, 4, 5, 8, 10, 34, 30, 254, 253, 20}[random.nextInt(12)];
                }
            }
            TcpOptionEdits.shiftSack(memory, TCP, end, random.nextInt());
            TcpOptionEdits.lowerMss(memory, TCP, end, 8, 1400);
            TcpOptionEdits.cleanSyn(memory, TCP, end, true);
            TcpOptionEdits.removeClaims(memory, TCP, end, 254);
            TcpOptionEdits.padMalformed(memory, TCP, end);
            for (int at = 0; at < bytes.length; at++) {
                if (at < TCP + Tcp.LENGTH || at >= end) {
                    assertThat(bytes[at]).isEqualTo((byte) 0xee);
                }
            }
            assertThat(TcpOptionEdits.padMalformed(memory, TCP, end)).as("nothing malformed is left").isFalse();
        }
    }
}
