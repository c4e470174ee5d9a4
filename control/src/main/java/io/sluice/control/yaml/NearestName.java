package io.sluice.control.yaml;

import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;

/** Finds what somebody probably meant to write. */
public final class NearestName {
    private NearestName() {
    }

    /**
     * The known name nearest to what was written.
     *
     * @param written what was written
     * @param known   what there is
     * @return the nearest by edit distance, unless even that would be a guess
     */
    public static Optional<String> among(final String written, final Collection<String> known) {
        final int furthest = furthest(written);
        return known.stream()
            .filter(name -> distance(written, name) <= furthest || sameWords(written, name))
            .min(Comparator.comparingInt(name -> distance(written, name)));
    }

    /**
     * The end of a message about an unknown name.
     *
     * @param written what was written
     * @param known   what there is
     * @return {@code ; did you mean "x"?}, or the list of what there is
     */
    public static String hint(final String written, final Collection<String> known) {
        final Optional<String> nearest = among(written, known);
        if (nearest.isPresent()) {
            return "; did you mean \"" + nearest.get() + "\"?";
        }
        return known.isEmpty() ? "; there are none" : "; known are " + Violation.shown(String.join(", ", known));
    }

    /** A swapped pair of letters costs two; in three letters or fewer that would be another word. */
    private static int furthest(final String written) {
        return written.length() <= 3 ? 1 : Math.max(2, written.length() / 3);
    }

    private static boolean sameWords(final String a, final String b) {
        return lettersOf(a).equals(lettersOf(b));
    }

    private static String lettersOf(final String name) {
        return name.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]", "");
    }

    /** Levenshtein, one row at a time. */
    private static int distance(final String a, final String b) {
        if (Math.abs(a.length() - b.length()) > furthest(a)) {
            return Integer.MAX_VALUE;
        }
        int[] previous = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            previous[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            final int[] row = new int[b.length() + 1];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                final int replaced = previous[j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                row[j] = Math.min(replaced, 1 + Math.min(previous[j], row[j - 1]));
            }
            previous = row;
        }
        return previous[b.length()];
    }
}
