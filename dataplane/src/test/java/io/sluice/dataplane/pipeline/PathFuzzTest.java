package io.sluice.dataplane.pipeline;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Any frames with any description, in any order: see {@link FrameFuzz}. Searches for counterexamples with
 * {@code JAZZER_FUZZ=1} in the environment; else runs over the seeds and what was found before.
 */
@Tag("fuzz")
class PathFuzzTest {
    static Stream<byte[]> seeds() {
        try (PathHarness path = PathHarness.of(PacketCase.everything())) {
            return FuzzSeeds.of(path).stream().map(FrameFuzz::input).toList().stream();
        }
    }

    @MethodSource("seeds")
    @FuzzTest(maxDuration = "60s")
    void shouldSurviveAnyFrame(final byte[] input) {
        try (FrameFuzz fuzz = new FrameFuzz()) {
            fuzz.both().forEach(FuzzSeeds::of);
            fuzz.send(FrameFuzz.described(input));
            fuzz.send(FrameFuzz.described(input));
        }
    }
}
