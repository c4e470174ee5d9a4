package io.sluice.control.config;

import io.sluice.control.yaml.Section;
import io.sluice.control.yaml.Value;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/** The kinds of fields that occur in several places, each with its rule. */
final class Fields {
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,62}");
    private static final Pattern INTERFACE = Pattern.compile("(?!\\.{1,2}$)[^\\s/:]{1,15}");
    /** sun_path of unix(7), without the terminating zero. */
    private static final int LONGEST_SOCKET_PATH = 107;

    private Fields() {
    }

    /** The name of an element, or "" after a complaint. */
    static String name(final Section section) {
        return section.required("name", "a name to refer to it by").flatMap(Fields::nameText).orElse("");
    }

    /** The name of another element, or null. */
    static String reference(final Section section, final String key) {
        return section.value(key).flatMap(Value::text).orElse(null);
    }

    static Optional<String> nameText(final Value value) {
        return value.text().filter(text -> {
            final boolean good = NAME.matcher(text).matches();
            if (!good) {
                value.refuse("is no name; use 1 to 63 letters, digits, dots, dashes and underscores, beginning with a letter or digit");
            }
            return good;
        });
    }

    static Optional<String> interfaceName(final Value value) {
        return value.text().filter(text -> {
            final boolean good = INTERFACE.matcher(text).matches();
            if (!good) {
                value.refuse("cannot be the name of an interface; see ip link");
            }
            return good;
        });
    }

    static Path path(final Section section, final String key, final Path otherwise) {
        return section.value(key).flatMap(value -> value.text().flatMap(text -> absolute(value, text))).orElse(otherwise);
    }

    static Path socketPath(final Section section, final String key, final Path otherwise) {
        final Path path = path(section, key, otherwise);
        final int length = path.toString().getBytes(StandardCharsets.UTF_8).length;
        if (length > LONGEST_SOCKET_PATH) {
            section.complain(key, "the path has " + length + " bytes, but a unix socket's may have " + LONGEST_SOCKET_PATH);
        }
        return path;
    }

    static int integer(final Section section, final String key, final int otherwise, final int min, final int max) {
        return section.value(key).flatMap(value -> value.number(min, max)).map(Long::intValue).orElse(otherwise);
    }

    static long bits(final Section section, final String key) {
        return section.value(key).flatMap(value -> value.number(0, 1_000_000_000_000L)).orElse(0L);
    }

    /** A port that must be there, or 0 after a complaint. */
    static int port(final Section section) {
        return section.required("port", "a port, 1 to 65535").flatMap(value -> value.number(1, 65_535)).map(Long::intValue).orElse(0);
    }

    static boolean truth(final Section section, final String key, final boolean otherwise) {
        return section.value(key).flatMap(Value::truth).orElse(otherwise);
    }

    static <T> T oneOf(final Section section, final String key, final Map<String, T> words, final T otherwise) {
        return section.value(key).flatMap(value -> value.oneOf(words)).orElse(otherwise);
    }

    private static Optional<Path> absolute(final Value value, final String text) {
        final Path path = Path.of(text);
        if (!path.isAbsolute()) {
            value.refuse("is not an absolute path; begin it with /");
            return Optional.empty();
        }
        return Optional.of(path.normalize());
    }
}
