package io.sluice.control.yaml;

/**
 * A place in a text file.
 *
 * @param line   1 for the first line
 * @param column 1 for the first character of a line
 */
public record Position(int line, int column) implements Comparable<Position> {
    /** The beginning of the file, where nothing better is known. */
    public static final Position START = new Position(1, 1);

    @Override
    public int compareTo(final Position other) {
        return line != other.line ? Integer.compare(line, other.line) : Integer.compare(column, other.column);
    }
}
