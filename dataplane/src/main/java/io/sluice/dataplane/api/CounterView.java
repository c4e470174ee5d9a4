package io.sluice.dataplane.api;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * One counter, read at some moment.
 *
 * @param name     stable machine name, for example {@code drops.no_backend} or {@code listener.connections_opened}
 * @param subject  listener, backend, pool or port that it is about; empty for the node
 * @param value    its value
 * @param sentence what it counts
 */
public record CounterView(String name, String subject, long value, String sentence) {
    /**
     * Adds up the counters of the same name and subject: each lane has its own.
     *
     * @param views any
     * @return one for each name and subject, in the order of their first
     */
    public static List<CounterView> summed(final List<CounterView> views) {
        final Map<List<String>, CounterView> sums = new LinkedHashMap<>();
        for (final CounterView view : views) {
            sums.merge(List.of(view.name, view.subject), view,
                (sum, other) -> new CounterView(sum.name, sum.subject, sum.value + other.value, sum.sentence));
        }
        return List.copyOf(sums.values());
    }
}
