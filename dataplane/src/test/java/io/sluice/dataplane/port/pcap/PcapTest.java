package io.sluice.dataplane.port.pcap;

import static io.sluice.dataplane.port.EthernetBytes.BROADCAST;
import static io.sluice.dataplane.port.EthernetBytes.numbered;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.dataplane.api.DataplaneException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PcapTest {
    private static final long TIME_NS = 1_700_000_000_123_456_000L;

    @TempDir
    private Path folder;

    @Test
    void shouldReadWhatItWrote() {
        final List<byte[]> frames = IntStream.range(0, 3000).mapToObj(i -> numbered(BROADCAST, i, 18 + i)).toList();
        final Path file = write(frames);
        final List<byte[]> read = new ArrayList<>();
        try (PcapReader reader = PcapReader.open(file)) {
            while (reader.hasFrame()) {
                assertThat(reader.timeNs()).isEqualTo(TIME_NS + read.size() * 1_000L);
                assertThat(reader.originalLength()).isEqualTo(reader.length());
                read.add(reader.toArray());
                reader.advance();
            }
            assertThat(reader.isCutShort()).isFalse();
        }
        assertThat(read).containsExactlyElementsOf(frames);
    }

    @Test
    void shouldWriteTheBytesOfTheFormat() throws IOException {
        final Path file = write(List.of(new byte[] {1, 2, 3}));
        assertThat(HexFormat.of().formatHex(Files.readAllBytes(file))).isEqualTo(
            "d4c3b2a1" + "0200" + "0400" + "00000000" + "00000000" + "00000400" + "01000000"
                + "00f15365" + "40e20100" + "03000000" + "03000000" + "010203");
    }

    @ParameterizedTest
    @CsvSource({"a1b2c3d4, 1000", "a1b23c4d, 1"})
    void shouldReadBothByteOrdersAndResolutions(final String magic, final int nsPerFraction) throws IOException {
        for (final ByteOrder order : List.of(ByteOrder.LITTLE_ENDIAN, ByteOrder.BIG_ENDIAN)) {
            final ByteBuffer bytes = header((int) Long.parseLong(magic, 16), order, 1)
                .putInt(0x8000_0001).putInt(77).putInt(2).putInt(60).put((byte) 5).put((byte) 6);
            try (PcapReader reader = PcapReader.open(save(bytes))) {
                assertThat(reader.hasFrame()).isTrue();
                assertThat(reader.timeNs()).isEqualTo(0x8000_0001L * 1_000_000_000L + 77L * nsPerFraction);
                assertThat(reader.originalLength()).isEqualTo(60);
                assertThat(reader.toArray()).containsExactly(5, 6);
                reader.advance();
                assertThat(reader.hasFrame()).isFalse();
                assertThat(reader.isCutShort()).isFalse();
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 15, 16, 17})
    void shouldEndBeforeARecordThatIsCutShort(final int left) throws IOException {
        final byte[] whole = Files.readAllBytes(write(List.of(new byte[10], new byte[10])));
        final Path file = save(ByteBuffer.wrap(whole, 0, 24 + 26 + left).position(24 + 26 + left));
        try (PcapReader reader = PcapReader.open(file)) {
            assertThat(reader.hasFrame()).isTrue();
            assertThat(reader.isCutShort()).isFalse();
            reader.advance();
            assertThat(reader.hasFrame()).isFalse();
            assertThat(reader.isCutShort()).isTrue();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, Integer.MIN_VALUE, 262_145, Integer.MAX_VALUE})
    void shouldEndBeforeARecordThatIsNone(final int length) throws IOException {
        final ByteBuffer bytes = header(0xa1b2c3d4, ByteOrder.BIG_ENDIAN, 1).putInt(1).putInt(1).putInt(length).putInt(length);
        try (PcapReader reader = PcapReader.open(save(bytes))) {
            assertThat(reader.hasFrame()).isFalse();
            assertThat(reader.isCutShort()).isTrue();
        }
    }

    @Test
    void shouldSayWhatIsWrongWithAFile() throws IOException {
        final Path missing = folder.resolve("missing.pcap");
        assertRefused(missing, "there is no capture file");
        assertRefused(save(ByteBuffer.allocate(24).position(7)), "it has 7 bytes");
        assertRefused(save(ByteBuffer.allocate(24).position(24)), "magic number");
        assertRefused(save(header(0x0a0d0d0a, ByteOrder.LITTLE_ENDIAN, 1)), "it is pcapng. Convert it with: editcap");
        assertRefused(save(header(0xa1b2c3d4, ByteOrder.BIG_ENDIAN, 113)), "its link type is 113");
        assertThatThrownBy(() -> PcapWriter.create(folder.resolve("nowhere/out.pcap")))
            .isInstanceOf(DataplaneException.class).hasMessageContaining("cannot make capture file");
    }

    private static void assertRefused(final Path file, final String why) {
        assertThatThrownBy(() -> PcapReader.open(file)).isInstanceOf(DataplaneException.class).hasMessageContaining(why);
    }

    private Path write(final List<byte[]> frames) {
        final Path file = folder.resolve("written.pcap");
        try (PcapWriter writer = PcapWriter.create(file)) {
            for (int i = 0; i < frames.size(); i++) {
                writer.write(MemorySegment.ofArray(frames.get(i)), 0, frames.get(i).length, TIME_NS + i * 1_000L);
            }
        }
        return file;
    }

    private Path save(final ByteBuffer bytes) throws IOException {
        final byte[] content = new byte[bytes.position()];
        bytes.get(0, content);
        return Files.write(folder.resolve("made.pcap"), content);
    }

    private static ByteBuffer header(final int magic, final ByteOrder order, final int linkType) {
        return ByteBuffer.allocate(256).order(order).putInt(magic).putShort((short) 2).putShort((short) 4)
            .putInt(0).putInt(0).putInt(65_535).putInt(linkType);
    }
}
