package io.sluice.control.yaml;

import java.util.List;
import java.util.stream.Collectors;

/** A configuration that cannot be used. Nothing was changed. */
public final class InvalidConfigException extends Exception {
    private static final long serialVersionUID = 1L;

    private final transient List<Violation> violations;

    /**
     * With everything that is wrong.
     *
     * @param violations at least one, in the order of the file
     */
    public InvalidConfigException(final List<Violation> violations) {
        super(violations.size() == 1 ? "1 problem in the configuration" : violations.size() + " problems in the configuration");
        this.violations = List.copyOf(violations);
    }

    /**
     * With the only thing that is wrong.
     *
     * @param position where
     * @param message  what is wrong and what would be right
     */
    public InvalidConfigException(final Position position, final String message) {
        this(List.of(new Violation(position, "", "", message)));
    }

    /**
     * What is wrong.
     *
     * @return at least one, in the order of the file
     */
    public List<Violation> violations() {
        return violations;
    }

    /**
     * All of it as text.
     *
     * @param file name of the file
     * @return one line each
     */
    public String describe(final String file) {
        return violations.stream().map(v -> v.toString(file)).collect(Collectors.joining("\n"));
    }
}
