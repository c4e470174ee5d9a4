package io.sluice.control.yaml;

import java.util.Map;
import java.util.Optional;

/** A single value with its place in the file. For one thread. */
public final class Value {
    private static final int MOST_DIGITS = 18;

    private final YamlNode.Scalar scalar;
    private final String path;
    private final Violations violations;

    Value(final YamlNode.Scalar scalar, final String path, final Violations violations) {
        this.scalar = scalar;
        this.path = path;
        this.violations = violations;
    }

    /**
     * What is written, whatever it is.
     *
     * @return the text, without quotes
     */
    public String raw() {
        return scalar.text();
    }

    /**
     * Records that the value is wrong.
     *
     * @param message what is wrong with it and what would be right; the value is put before it
     */
    public void refuse(final String message) {
        final String shown = Violation.shown(scalar.text());
        violations.add(scalar.position(), path, scalar.text(), (scalar.type() == YamlNode.Type.TEXT ? "\"" + shown + "\" " : shown + " ")
            + message);
    }

    /**
     * The value as text.
     *
     * @return the text, or empty after recording that YAML takes it for something else
     */
    public Optional<String> text() {
        if (scalar.type() != YamlNode.Type.TEXT) {
            refuse("is " + scalar.kind() + " to YAML; write it in quotes: \"" + Violation.shown(scalar.text()) + "\"");
            return Optional.empty();
        }
        return Optional.of(scalar.text());
    }

    /**
     * The value as a whole number, decimal digits only.
     *
     * @param min smallest
     * @param max largest
     * @return the number, or empty after recording why not
     */
    public Optional<Long> number(final long min, final long max) {
        final String digits = scalar.text().replace("_", "");
        if (scalar.type() == YamlNode.Type.TEXT && digits.matches("-?\\d+")) {
            refuse("is text; write the number without quotes");
        } else if (!digits.matches("-?(0|[1-9]\\d*)")) {
            refuse("is not a whole number in decimal digits; " + min + " to " + max + " are possible");
        } else if (digits.length() > MOST_DIGITS || Long.parseLong(digits) < min || Long.parseLong(digits) > max) {
            refuse("is not within " + min + " and " + max);
        } else {
            return Optional.of(Long.parseLong(digits));
        }
        return Optional.empty();
    }

    /**
     * The value as true or false.
     *
     * @return the truth, or empty after recording why not
     */
    public Optional<Boolean> truth() {
        if (scalar.type() != YamlNode.Type.TRUTH || !scalar.text().equals("true") && !scalar.text().equals("false")) {
            refuse("is neither true nor false; write true or false, without quotes");
            return Optional.empty();
        }
        return Optional.of(Boolean.valueOf(scalar.text()));
    }

    /**
     * The value as one of some words.
     *
     * @param words the words and what they stand for
     * @param <T>   what they stand for
     * @return what the word stands for, or empty after recording why not
     */
    public <T> Optional<T> oneOf(final Map<String, T> words) {
        final T meaning = words.get(scalar.text());
        if (meaning == null) {
            refuse("is not one of " + String.join(", ", words.keySet()));
        }
        return Optional.ofNullable(meaning);
    }
}
