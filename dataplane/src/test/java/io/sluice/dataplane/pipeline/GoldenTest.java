package io.sluice.dataplane.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.dataplane.port.pcap.PcapReader;
import io.sluice.dataplane.port.pcap.PcapWriter;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * Golden captures: {@code src/test/resources/golden/CASE} holds what a port receives ({@code in.pcap}), what it must send
 * ({@code expected.pcap}), and the counters after that ({@code counters.txt}), under a configuration ({@code config.txt}).
 *
 * <p>What was sent instead is left in {@code target/golden/CASE/actual.pcap} for Wireshark. A change that is meant to change
 * packets writes the captures anew, to be looked at before they are committed:
 *
 * <pre>{@code
 * mvn -pl dataplane -am verify -Dtest=GoldenTest -Dsurefire.failIfNoSpecifiedTests=false -Dsluice.golden.write=true
 * }</pre>
 */
class GoldenTest {
    private static final boolean WRITE = Boolean.getBoolean("sluice.golden.write");
    private static final Path GOLDEN = Path.of(System.getProperty("basedir", ".")).resolve("src/test/resources/golden");
    private static final Path TARGET = Path.of(System.getProperty("basedir", ".")).resolve("target/golden");

    private record Captured(long timeNs, String hex) {
        @Override
        public String toString() {
            return "%d.%06d %s".formatted(timeNs / 1_000_000_000, timeNs / 1000 % 1_000_000, hex);
        }
    }

    @TestFactory
    Stream<DynamicTest> shouldSendWhatTheCaptureSays() {
        return GoldenScenes.ALL.keySet().stream().map(name -> DynamicTest.dynamicTest(name, () -> {
            final Path golden = GOLDEN.resolve(name);
            final Path actual = Files.createDirectories(TARGET.resolve(name)).resolve("actual.pcap");
            if (WRITE) {
                record(name);
            }
            final List<String> counters = play(name, actual);
            if (WRITE) {
                Files.write(golden.resolve("counters.txt"), counters);
                Files.copy(actual, golden.resolve("expected.pcap"), StandardCopyOption.REPLACE_EXISTING);
            }
            assertThat(read(actual)).as("see %s", actual).isEqualTo(read(golden.resolve("expected.pcap")));
            assertThat(counters).isEqualTo(Files.readAllLines(golden.resolve("counters.txt")));
        }));
    }

    @Test
    void shouldOnlyHaveCasesWithAScene() throws IOException {
        try (Stream<Path> cases = Files.list(GOLDEN)) {
            assertThat(cases.map(path -> path.getFileName().toString())).containsExactlyInAnyOrderElementsOf(GoldenScenes.ALL.keySet());
        }
    }

    @TestFactory
    Stream<DynamicTest> shouldHaveSoundPackets() {
        return GoldenScenes.ALL.keySet().stream().map(name -> DynamicTest.dynamicTest(name, () -> {
            try (PcapReader reader = PcapReader.open(GOLDEN.resolve(name).resolve("expected.pcap"))) {
                for (; reader.hasFrame(); reader.advance()) {
                    PathResult.sound(TestFrame.plain(reader.toArray(), TestNet.FRONT));
                }
            }
        }));
    }

    private static List<String> play(final String name, final Path actual) throws Exception {
        final Path state = GoldenRun.state();
        try {
            final Path golden = GOLDEN.resolve(name);
            return GoldenRun.play(GoldenConfig.read(golden.resolve("config.txt")), golden.resolve("in.pcap"), actual, state);
        } finally {
            Files.delete(state);
        }
    }

    /** Plays a scene on a path of its own and captures what it sends. */
    private static void record(final String name) throws IOException {
        final GoldenConfig config = GoldenConfig.read(GOLDEN.resolve(name).resolve("config.txt"));
        try (PathHarness path = PathHarness.of(config.spec(), config.fib());
             PcapWriter writer = PcapWriter.create(GOLDEN.resolve(name).resolve("in.pcap"))) {
            path.tap(frame -> {
                final byte[] bytes = frame.bytes().clone();
                // One port: everybody sends to its link-layer address.
                System.arraycopy(HexFormat.of().parseHex("%012x".formatted(TestNet.FRONT_MAC)), 0, bytes, 0, 6);
                writer.write(MemorySegment.ofArray(bytes), 0, bytes.length, path.nowNs());
            });
            GoldenScenes.ALL.get(name).accept(path);
        }
    }

    private static List<Captured> read(final Path file) {
        final List<Captured> frames = new ArrayList<>();
        try (PcapReader reader = PcapReader.open(file)) {
            for (; reader.hasFrame(); reader.advance()) {
                frames.add(new Captured(reader.timeNs(), HexFormat.of().formatHex(reader.toArray())));
            }
        }
        return frames;
    }
}
