package io.sluice.dataplane.port.pcap;

import static io.sluice.dataplane.port.EthernetBytes.BROADCAST;
import static io.sluice.dataplane.port.EthernetBytes.numbered;
import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.dataplane.port.Burst;
import io.sluice.dataplane.port.FrameArena;
import io.sluice.dataplane.port.Frames;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PcapPortTest {
    private static final int POOL = 80;
    private static final long SECOND_NS = 1_000_000_000L;

    private final Frames frames = new Frames(FrameArena.allocate(POOL + 4, 2048), 4);
    private final Burst burst = new Burst();

    @TempDir
    private Path folder;

    @Test
    void shouldCopyAFileThroughTheArena() throws IOException {
        final Path in = capture("in.pcap", 200);
        final Path out = folder.resolve("out.pcap");
        final PcapReader reader = PcapReader.open(in);
        int total = 0;
        try (PcapPort port = new PcapPort("in.pcap", 2, frames, reader, PcapWriter.create(out), () -> (burst.size()) * SECOND_NS)) {
            for (int received = port.poll(burst); received > 0; received = port.poll(burst)) {
                assertThat(burst.port(0)).isEqualTo(2);
                for (int i = 0; i < received; i++) {
                    port.transmit(burst, i);
                }
                assertThat(port.flush()).isEqualTo(received);
                total += received;
                burst.clear();
            }
            assertThat(port.nextTimeNs()).isEqualTo(Long.MAX_VALUE);
        }
        assertThat(total).isEqualTo(200);
        try (PcapReader copy = PcapReader.open(out)) {
            for (int i = 0; i < 200; i++) {
                assertThat(copy.toArray()).isEqualTo(numbered(BROADCAST, i, 60 + i));
                assertThat(copy.timeNs()).isEqualTo((i < 192 ? 64 : 8) * SECOND_NS);
                copy.advance();
            }
            assertThat(copy.hasFrame()).isFalse();
        }
        assertThat(frames.receive().available()).isEqualTo(POOL);
    }

    @Test
    void shouldHoldBackFramesOfTheFuture() {
        final PcapReader reader = PcapReader.open(capture("in.pcap", 10));
        try (PcapPort port = new PcapPort("in.pcap", 0, frames, reader, null, () -> 0)) {
            assertThat(port.nextTimeNs()).isZero();
            port.pollUntil(3 * SECOND_NS);
            assertThat(port.poll(burst)).isEqualTo(4);
            assertThat(port.poll(burst)).isZero();
            assertThat(port.nextTimeNs()).isEqualTo(4 * SECOND_NS);
            port.pollUntil(Long.MAX_VALUE);
            assertThat(port.poll(burst)).isEqualTo(6);
        }
    }

    @Test
    void shouldSkipFramesThatAreTooLongAndCountWhatGoesNowhere() {
        final Frames small = new Frames(FrameArena.allocate(20, 64), 4);
        final PcapReader reader = PcapReader.open(capture("in.pcap", 8));
        try (PcapPort port = new PcapPort("in.pcap", 0, small, reader, null, () -> 0)) {
            assertThat(port.poll(burst)).isEqualTo(small.arena().capacity() - 60 + 1);
            assertThat(port.receiveFailures()).isEqualTo(8 - burst.size());
            port.transmit(burst, 0);
            assertThat(port.flush()).isZero();
            assertThat(port.transmitFailures()).isEqualTo(1);
        }
    }

    @Test
    void shouldReceiveNothingWithoutAFile() throws IOException {
        final Path out = folder.resolve("out.pcap");
        try (PcapPort port = new PcapPort("out.pcap", 0, frames, null, PcapWriter.create(out), () -> 0)) {
            assertThat(port.poll(burst)).isZero();
            assertThat(port.isUp()).isTrue();
        }
        assertThat(Files.size(out)).isEqualTo(24);
    }

    private Path capture(final String name, final int count) {
        final Path file = folder.resolve(name);
        try (PcapWriter writer = PcapWriter.create(file)) {
            for (int i = 0; i < count; i++) {
                writer.write(MemorySegment.ofArray(numbered(BROADCAST, i, 60 + i)), 0, 60 + i, i * SECOND_NS);
            }
        }
        return file;
    }
}
