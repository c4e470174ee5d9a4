package io.sluice.dataplane.service;

import io.sluice.dataplane.api.LimitsSpec;
import io.sluice.dataplane.counter.SubjectCounters;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Stream;

/**
 * The limits of all listeners: what is configured for a listener holds for all lanes together, so their compilers share this.
 * Control thread only.
 */
public final class SharedLimits {
    private static final SubjectCounters[] NO_LANE = {};

    private final Map<Object, ListenerLimits> byListener = new HashMap<>();

    /** No listener yet. */
    public SharedLimits() {
    }

    /**
     * A listener's limits; what is used of them lasts for as long as they are not changed.
     *
     * @param listener key of the listener
     * @param spec     as configured now
     * @param lane     the listener's counters in the lane that asks
     * @param nowNs    the time
     * @return the same for every lane
     */
    ListenerLimits of(final Object listener, final LimitsSpec spec, final SubjectCounters lane, final long nowNs) {
        final ListenerLimits limits = byListener.compute(listener, (key, old) -> old != null && old.spec().equals(spec) ? old
            : new ListenerLimits(spec, old == null ? NO_LANE : old.lanes(), nowNs));
        final Stream<SubjectCounters> all = Stream.concat(Stream.of(limits.lanes()), Stream.of(lane)).distinct();
        limits.lanes(all.toArray(SubjectCounters[]::new));
        return limits;
    }

    /**
     * A lane has no connection of a listener any more, and gives its counters back.
     *
     * @param lane the listener's counters there
     */
    void leave(final SubjectCounters lane) {
        byListener.values().forEach(limits ->
            limits.lanes(Stream.of(limits.lanes()).filter(each -> each != lane).toArray(SubjectCounters[]::new)));
        byListener.values().removeIf(limits -> limits.lanes().length == 0);
    }
}
