package io.sluice.control.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.sluice.control.yaml.InvalidConfigException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The table {@code wrong-config.txt}: one mistake each, and exactly what the operator reads about it. */
class WrongConfigTest {
    /** A block of the table. */
    record Mistake(String right, String wrong, List<String> report) {
        @Override
        public String toString() {
            return right.strip() + " -> " + wrong.strip();
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("mistakes")
    void shouldSayWhatIsWrongAndWhere(final Mistake mistake) {
        assertThat(SampleConfig.YAML).contains(mistake.right());
        final String yaml = SampleConfig.YAML.replaceFirst(Pattern.quote(mistake.right()), Matcher.quoteReplacement(mistake.wrong()));

        final InvalidConfigException e = catchThrowableOfType(InvalidConfigException.class,
            () -> ConfigReader.read(yaml.getBytes(StandardCharsets.UTF_8)));

        assertThat(e).as("the exception for%n%s", yaml).isNotNull();
        assertThat(e.describe("f").lines().map(line -> line.substring("f:".length())).toList()).isEqualTo(mistake.report());
    }

    static Stream<Mistake> mistakes() throws IOException {
        try (InputStream in = WrongConfigTest.class.getResourceAsStream("wrong-config.txt")) {
            final String table = new String(in.readAllBytes(), StandardCharsets.UTF_8);
            final List<Mistake> mistakes = new ArrayList<>();
            for (final String block : table.split("\n\n+")) {
                final List<String> lines = block.lines().filter(line -> !line.startsWith("#")).toList();
                if (!lines.isEmpty()) {
                    mistakes.add(new Mistake(text(lines, "- "), text(lines, "+ "), marked(lines, "! ")));
                }
            }
            return mistakes.stream();
        }
    }

    private static String text(final List<String> lines, final String mark) {
        final String text = marked(lines, mark).stream().collect(Collectors.joining("\n")).translateEscapes();
        return "_".equals(text) ? "" : text;
    }

    private static List<String> marked(final List<String> lines, final String mark) {
        return lines.stream().filter(line -> line.startsWith(mark)).map(line -> line.substring(mark.length())).toList();
    }
}
