package io.sluice.control.yaml;

import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/** Finds what somebody probably meant to write. */
public final class NearestName {
    private static final int MOST_SHOWN = 20;

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
        return known.isEmpty() ? "; there are none" : "; known are " + known.stream().limit(MOST_SHOWN).collect(Collectors.joining(", "))
            + (known.size() > MOST_SHOWN ? ", and " + (known.size() - MOST_SHOWN) + " more" : "");
    }

    /** In three letters or fewer, two wrong ones make another word; in a long one, more than a hundred letters are nobody's typo. */
    private static int furthest(final String written) {
        return written.length() <= 3 ? 1 : Math.clamp(written.length() / 3, 2, 32);
    }

    private static boolean sameWords(final String a, final String b) {
        return lettersOf(a).equals(lettersOf(b));
    }

    private static String lettersOf(final String name) {
        return name.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]", "");
    }

    /** Levenshtein with swapped neighbours at a cost of one (optimal string alignment). */
    private static int distance(final String a, final String b) {
        if (Math.abs(a.length() - b.length()) > furthest(a)) {
            return Integer.MAX_VALUE;
        }
        final int[][] cost = new int[a.length() + 1][b.length() + 1];
        for (int i = 0; i <= a.length(); i++) {
            for (int j = 0; j <= b.length(); j++) {
                cost[i][j] = i == 0 || j == 0 ? i + j : cheapest(cost, a, b, i, j);
            }
        }
        return cost[a.length()][b.length()];
    }

    private static int cheapest(final int[][] cost, final String a, final String b, final int i, final int j) {
        final int replaced = cost[i - 1][j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        final int one = Math.min(replaced, 1 + Math.min(cost[i - 1][j], cost[i][j - 1]));
        final boolean swapped = i > 1 && j > 1 && a.charAt(i - 1) == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1);
        return swapped ? Math.min(one, cost[i - 2][j - 2] + 1) : one;
    }
}
