package io.sluice.tools.cli;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Rows of text in aligned columns. */
final class Table {
    private static final String GAP = "  ";

    private final List<String> heads;
    private final List<List<String>> rows = new ArrayList<>();

    /** Columns whose head begins with {@code >} are aligned to the right. */
    Table(final String... heads) {
        this.heads = List.of(heads);
    }

    void row(final String... cells) {
        rows.add(List.of(cells));
    }

    boolean isEmpty() {
        return rows.isEmpty();
    }

    void print(final PrintWriter out) {
        final int[] widths = new int[heads.size()];
        for (int i = 0; i < widths.length; i++) {
            widths[i] = name(i).length();
            for (final List<String> row : rows) {
                widths[i] = Math.max(widths[i], row.get(i).length());
            }
        }
        if (heads.stream().anyMatch(head -> !head.isEmpty())) {
            final List<String> names = new ArrayList<>();
            for (int i = 0; i < widths.length; i++) {
                names.add(name(i));
            }
            out.println(line(names, widths));
        }
        rows.forEach(row -> out.println(line(row, widths)));
    }

    /** A count with the digits in groups: 1,234,567. */
    static String count(final long number) {
        return String.format(Locale.ROOT, "%,d", number);
    }

    /** A duration as people say it: 45s, 12m 5s, 3h 2m, 4d 1h. */
    static String duration(final long seconds) {
        if (seconds < 60) {
            return seconds + "s";
        }
        if (seconds < 3600) {
            return seconds / 60 + "m " + seconds % 60 + "s";
        }
        return seconds < 86_400 ? seconds / 3600 + "h " + seconds % 3600 / 60 + "m"
            : seconds / 86_400 + "d " + seconds % 86_400 / 3600 + "h";
    }

    private String line(final List<String> cells, final int[] widths) {
        final StringBuilder line = new StringBuilder();
        for (int i = 0; i < widths.length; i++) {
            final String space = " ".repeat(widths[i] - cells.get(i).length());
            line.append(i == 0 ? "" : GAP).append(isRight(i) ? space + cells.get(i) : cells.get(i) + space);
        }
        return line.toString().stripTrailing();
    }

    private boolean isRight(final int column) {
        return heads.get(column).startsWith(">");
    }

    private String name(final int column) {
        return isRight(column) ? heads.get(column).substring(1) : heads.get(column);
    }
}
