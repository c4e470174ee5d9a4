package io.sluice.dataplane.port.afpacket;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.dataplane.port.Burst;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class VnetHeaderTest {
    private static final long AT = 16;

    private final MemorySegment memory = Arena.ofAuto().allocate(64, 16);
    private final MemorySegment frames = Arena.ofAuto().allocate(4096);
    private final Burst burst = new Burst();

    @ParameterizedTest
    @CsvSource({"1, 1, 1448, 34, 16", "1, 4, 1428, 54, 16", "1, 5, 65535, 34, 6", "1, -127, 1000, 34, 16", "1, 0, 0, 34, 6"})
    void shouldReadWhatTheKernelSays(final byte flags, final byte type, final int size, final int start, final int field) {
        header(flags, type, 999, size, start, field);
        final int i = burst.add(0, 3000, 0);
        VnetHeader.read(memory, AT, burst, i);
        assertThat(burst.isChecksumPartial(i)).isTrue();
        assertThat(burst.checksumStart(i)).isEqualTo(start);
        assertThat(burst.checksumOffset(i)).isEqualTo(field);
        assertThat(burst.gsoType(i)).isEqualTo(type);
        assertThat(burst.gsoSize(i)).isEqualTo(size);
    }

    @Test
    void shouldTakeAVerifiedChecksumForACompleteOne() {
        header((byte) 2, (byte) 0, 0, 0, 0, 0);
        final int i = burst.add(0, 60, 0);
        VnetHeader.read(memory, AT, burst, i);
        assertThat(burst.isChecksumPartial(i)).isFalse();
        assertThat(burst.gsoType(i)).isEqualTo(Burst.GSO_NONE);
    }

    @ParameterizedTest
    @CsvSource({"34, 5, 54", "34, 8, 66", "54, 15, 114", "78, 10, 118"})
    void shouldEndTheHeadersBehindTheTcpOptions(final int start, final int words, final int expected) {
        final int i = burst.add(100, 3000, 0);
        burst.partialChecksum(i, start, 16);
        burst.gso(i, Burst.GSO_TCPV4, 1448);
        frames.set(ValueLayout.JAVA_BYTE, 100 + start + 12, (byte) (words << 4 | 0xf));
        assertWritten(i, (byte) 1, Burst.GSO_TCPV4, expected, 1448, start, 16);
    }

    @Test
    void shouldEndTheHeadersBehindTheUdpHeader() {
        final int i = burst.add(100, 3000, 0);
        burst.partialChecksum(i, 34, 6);
        burst.gso(i, Burst.GSO_UDP, 1200);
        assertWritten(i, (byte) 1, Burst.GSO_UDP, 42, 1200, 34, 6);
    }

    @Test
    void shouldWriteEveryFieldOfAPlainFrame() {
        final int i = burst.add(100, 3000, 0);
        assertWritten(i, (byte) 0, Burst.GSO_NONE, 0, 0, 0, 0);
    }

    @Test
    void shouldWriteAPartialChecksumWithoutSegments() {
        final int i = burst.add(100, 60, 0);
        burst.partialChecksum(i, 34, 6);
        assertWritten(i, (byte) 1, Burst.GSO_NONE, 0, 0, 34, 6);
    }

    @Test
    void shouldLeaveTheSearchToTheKernelWhenTheMetadataLeadsNowhere() {
        final int beyond = burst.add(100, 60, 0);
        burst.partialChecksum(beyond, 65_535, 16);
        burst.gso(beyond, Burst.GSO_TCPV4, 1448);
        assertWritten(beyond, (byte) 1, Burst.GSO_TCPV4, 0, 1448, 65_535, 16);

        final int complete = burst.add(100, 3000, 0);
        burst.gso(complete, Burst.GSO_TCPV4, 1448);
        assertWritten(complete, (byte) 0, Burst.GSO_TCPV4, 0, 1448, 0, 0);

        final int shorterThanItsHeaders = burst.add(100, 60, 0);
        burst.partialChecksum(shorterThanItsHeaders, 34, 16);
        burst.gso(shorterThanItsHeaders, Burst.GSO_TCPV4, 1448);
        frames.set(ValueLayout.JAVA_BYTE, 100 + 34 + 12, (byte) 0xf0);
        assertWritten(shorterThanItsHeaders, (byte) 1, Burst.GSO_TCPV4, 60, 1448, 34, 16);
    }

    private void assertWritten(final int i, final byte flags, final byte type, final int headerLength, final int size,
                               final int start, final int field) {
        memory.fill((byte) 0xee);
        VnetHeader.write(memory, AT, burst, i, frames);
        final byte[] written = memory.asSlice(AT, VnetHeader.LENGTH).toArray(ValueLayout.JAVA_BYTE);
        header(flags, type, headerLength, size, start, field);
        assertThat(written).isEqualTo(memory.asSlice(AT, VnetHeader.LENGTH).toArray(ValueLayout.JAVA_BYTE));
    }

    private void header(final byte flags, final byte type, final int headerLength, final int size, final int start,
                        final int field) {
        memory.asSlice(AT, VnetHeader.LENGTH).copyFrom(MemorySegment.ofArray(ByteBuffer.allocate(VnetHeader.LENGTH)
            .order(ByteOrder.nativeOrder()).put(flags).put(type).putShort((short) headerLength).putShort((short) size)
            .putShort((short) start).putShort((short) field).array()));
    }
}
