package io.sluice.dataplane.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TcpOptionsTest {
    private static final int FIRST = Ethernet.LENGTH + Ipv4.LENGTH + Tcp.LENGTH;

    @Test
    void shouldFindEachOptionOfAKnownSyn() {
        final MemorySegment syn = KnownFrames.frame(KnownFrames.TCP4_SYN);
        final long end = syn.byteSize();
        assertThat(kinds(syn, FIRST, end)).containsExactly(TcpOptions.MSS, TcpOptions.SACK_PERMITTED, TcpOptions.TIMESTAMPS, TcpOptions.NOP,
            TcpOptions.WINDOW_SCALE);
        assertThat(NetworkOrder.u16(syn, TcpOptions.find(syn, FIRST, end, TcpOptions.MSS) + 2)).isEqualTo(1460);
        assertThat(NetworkOrder.i32(syn, TcpOptions.find(syn, FIRST, end, TcpOptions.TIMESTAMPS) + 2)).isEqualTo(0x0102_0304);
        assertThat(NetworkOrder.u8(syn, TcpOptions.find(syn, FIRST, end, TcpOptions.WINDOW_SCALE) + 2)).isEqualTo(7);
        assertThat(TcpOptions.find(syn, FIRST, end, TcpOptions.SACK)).isEqualTo(-1);
    }

    @Test
    void shouldFindTheSackBlockOfKnownData() {
        final MemorySegment data = KnownFrames.frame(KnownFrames.TCP4_DATA);
        final long end = FIRST - Tcp.LENGTH + Tcp.headerLength(data, FIRST - Tcp.LENGTH);
        final long sack = TcpOptions.find(data, FIRST, end, TcpOptions.SACK);
        assertThat(sack).isEqualTo(FIRST + 2);
        assertThat(TcpOptions.lengthAt(data, sack, end)).isEqualTo(10);
        assertThat(NetworkOrder.i32(data, sack + 2)).isEqualTo(0x8000_0100);
    }

    @ParameterizedTest
    @CsvSource({
        // options,              kinds walked
        "'',                     ''",
        "00,                     ''",
        "01,                     1",
        "0101,                   1 1",
        "0402,                   4",
        "020405b4,               2",
        "01020405b4,             1 2",
        // what follows the end of the list does not count
        "00020405b4,             ''",
        "0100020405b4,           1",
        // lengths 0 and 1, past the end, kind without length: the walk ends there, what was before counts
        "01020005b4,             1",
        "01020105b4,             1",
        "01020605b4,             1",
        "0102ff05b4,             1",
        "0102,                   1",
        "fe,                     ''",
        "0101fe,                 1 1",
        "04020204,               4",
        // the largest that fits
        "fe28000000000000000000000000000000000000000000000000000000000000000000000000000000, 254",
    })
    void shouldWalkWhatIsWellFormedAndStopBeforeTheRest(final String options, final String kinds) {
        final MemorySegment memory = KnownFrames.frame(options);
        assertThat(kinds(memory, 0, memory.byteSize()).stream().map(String::valueOf).toList())
            .isEqualTo(kinds.isEmpty() ? List.of() : List.of(kinds.split(" ")));
    }

    @Test
    void shouldNotFindBehindTheHeader() {
        final MemorySegment memory = KnownFrames.frame("01010101020405b4");
        assertThat(TcpOptions.find(memory, 0, 4, TcpOptions.MSS)).isEqualTo(-1);
        assertThat(TcpOptions.find(memory, 0, 7, TcpOptions.MSS)).as("cut off").isEqualTo(-1);
        assertThat(TcpOptions.find(memory, 0, 8, TcpOptions.MSS)).isEqualTo(4);
    }

    @Test
    void shouldPadExactlyTheBytesAskedFor() {
        final MemorySegment memory = MemorySegment.ofArray(new byte[6]);
        TcpOptions.pad(memory, 1, 4);
        assertThat(KnownFrames.hex(memory)).isEqualTo("000101010100");
        TcpOptions.pad(memory, 6, 0);
        assertThat(KnownFrames.hex(memory)).isEqualTo("000101010100");
    }

    private static List<Integer> kinds(final MemorySegment memory, final long first, final long end) {
        final List<Integer> kinds = new ArrayList<>();
        int length;
        for (long at = first; (length = TcpOptions.lengthAt(memory, at, end)) > 0; at += length) {
            kinds.add(NetworkOrder.u8(memory, at));
        }
        return kinds;
    }
}
