package io.sluice.dataplane.service;

import java.util.Arrays;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Smooth weighted round robin, the sequence that nginx made known: at each pick every member's score grows by its weight, the
 * member with the highest score wins (the first of them, if several) and its score drops by the sum of all weights. Weights
 * 5, 1, 1 give a a b a c a a.
 *
 * <p>Members of equal weight have scores that differ only by how often they were picked, so among themselves they take turns
 * in order. Therefore only the next one of each weight has to be compared: a pick costs as many steps as there are different
 * weights, one for ten thousand equal members, and the sequence is exactly the same.
 *
 * <pre>
 *   weight 5   [ a ]            score of its next member, which is a
 *   weight 1   [ b  c ]         score of its next member, b or c; after c the whole row's score drops
 * </pre>
 */
final class WeightedRoundRobin implements Scheduler {
    private final int[] weights;
    private final int[][] rows;
    private final int[] next;
    private final long[] scores;
    private final long total;

    WeightedRoundRobin(final ServerGroup group) {
        final SortedMap<Integer, List<Integer>> byWeight = Arrays.stream(group.usableMembers()).boxed()
            .collect(Collectors.groupingBy(group::weight, TreeMap::new, Collectors.toList()));
        weights = byWeight.keySet().stream().mapToInt(Integer::intValue).toArray();
        rows = byWeight.values().stream()
            .map(row -> row.stream().mapToInt(Integer::intValue).toArray()).toArray(int[][]::new);
        next = new int[rows.length];
        scores = new long[rows.length];
        total = byWeight.entrySet().stream().mapToLong(row -> (long) row.getKey() * row.getValue().size()).sum();
    }

    @Override
    public int pick(final long clientHigh, final long clientLow, final int clientPort) {
        if (rows.length == 0) {
            return NONE;
        }
        final int best = bestRow();
        for (int row = 0; row < rows.length; row++) {
            scores[row] += weights[row];
        }
        final int picked = rows[best][next[best]];
        next[best]++;
        if (next[best] == rows[best].length) {
            next[best] = 0;
            scores[best] -= total;
        }
        return picked;
    }

    @Override
    public int peek(final long clientHigh, final long clientLow, final int clientPort) {
        if (rows.length == 0) {
            return NONE;
        }
        final int best = bestRow();
        return rows[best][next[best]];
    }

    private int bestRow() {
        int best = 0;
        for (int row = 1; row < rows.length; row++) {
            final long lead = scores[row] + weights[row] - scores[best] - weights[best];
            if (lead > 0 || lead == 0 && rows[row][next[row]] < rows[best][next[best]]) {
                best = row;
            }
        }
        return best;
    }
}
