package io.sluice.tools.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.control.compile.SpecCompiler;
import io.sluice.control.config.ConfigDocument;
import io.sluice.control.config.ConfigReader;
import io.sluice.control.model.SluiceConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The sample configurations that users copy. */
class SamplesTest {
    private static final Path SAMPLES = Path.of("dist/samples");

    static List<Path> samples() throws IOException {
        try (Stream<Path> files = Files.list(SAMPLES)) {
            return files.filter(file -> file.toString().endsWith(".yaml")).sorted().toList();
        }
    }

    @ParameterizedTest
    @MethodSource("samples")
    void shouldBeRight(final Path sample) throws Exception {
        final SluiceConfig config = ConfigReader.read(Files.readAllBytes(sample));

        assertThat(SpecCompiler.compile(config, 1).listeners()).isNotEmpty();
    }

    @Test
    void shouldUseEveryKeyInOneOfThemAndDescribeItInTheReadme() throws Exception {
        final Path everything = SAMPLES.resolve("everything.yaml");
        final Set<String> keys = new TreeSet<>();
        collect(ConfigDocument.of(ConfigReader.read(Files.readAllBytes(everything))), keys);
        keys.add("deny");
        final String sample = Files.readString(everything);
        final String readme = Files.readString(Path.of("../control/README.md"));

        assertThat(keys).hasSizeGreaterThan(50);
        assertThat(keys).allSatisfy(key -> assertThat(sample).contains(key + ":"));
        assertThat(keys).allSatisfy(key -> assertThat(readme).contains("`" + key + "`"));
    }

    private static void collect(final Object node, final Set<String> keys) {
        if (node instanceof Map<?, ?> map) {
            map.forEach((key, value) -> {
                keys.add((String) key);
                collect(value, keys);
            });
        } else if (node instanceof List<?> list) {
            list.forEach(item -> collect(item, keys));
        }
    }
}
