package io.sluice.dataplane.wire;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.HexFormat;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Any bytes: nothing throws, nothing is read outside the frame. Searches for counterexamples with {@code JAZZER_FUZZ=1} in the
 * environment; else runs over the known frames and what was found before.
 */
@Tag("fuzz")
class WireFuzzTest {
    static Stream<byte[]> knownFrames() {
        return KnownFrames.ALL.stream().map(HexFormat.of()::parseHex);
    }

    @MethodSource("knownFrames")
    @FuzzTest(maxDuration = "30s")
    void shouldSurviveAnyBytes(final byte[] bytes) {
        AnyBytes.visit(bytes.clone());
    }
}
