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
    /** Inputs that share two paths: making them anew takes longer than the rest, and connections pile up. */
    private static final int INPUTS_PER_PATH = 64;

    private static FrameFuzz fuzz;
    private static int inputs;

    static Stream<byte[]> seeds() {
        try (PathHarness path = PathHarness.of(PacketCase.everything())) {
            return FuzzSeeds.of(path).stream().map(FrameFuzz::input).toList().stream();
        }
    }

    @MethodSource("seeds")
    @FuzzTest(maxDuration = "60s")
    void shouldSurviveAnyFrame(final byte[] input) {
        if (inputs++ % INPUTS_PER_PATH == 0) {
            if (fuzz != null) {
                fuzz.close();
            }
            fuzz = new FrameFuzz();
            fuzz.both().forEach(FuzzSeeds::of);
        }
        fuzz.send(FrameFuzz.described(input));
    }
}
