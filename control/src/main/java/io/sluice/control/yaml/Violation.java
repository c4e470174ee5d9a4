package io.sluice.control.yaml;

/**
 * One thing that is wrong in a configuration.
 *
 * @param position where it is in the file
 * @param path     which setting, such as {@code loadBalancers[0].listeners[1].port}; empty for the whole file
 * @param value    what is written there, shortened; empty where nothing is
 * @param message  what is wrong and what would be right
 */
public record Violation(Position position, String path, String value, String message) {
    private static final int LONGEST_VALUE = 80;

    /** Shortens the value, and keeps it on one line. */
    public Violation {
        value = shown(value);
    }

    /**
     * The line that compilers and editors understand.
     *
     * @param file name of the file
     * @return {@code file:line:column: path: message}
     */
    public String toString(final String file) {
        return file + ":" + position.line() + ":" + position.column() + ": " + (path.isEmpty() ? "" : path + ": ") + message;
    }

    /**
     * A value as it may be quoted in a message.
     *
     * @param value anything
     * @return the value on one line, at most {@value #LONGEST_VALUE} characters, nothing unprintable
     */
    public static String shown(final String value) {
        final String oneLine = value.replaceAll("[\\s\\p{Cntrl}]+", " ");
        return oneLine.length() <= LONGEST_VALUE ? oneLine : oneLine.substring(0, LONGEST_VALUE - 3) + "...";
    }
}
