package io.sluice.dataplane.service;

import java.util.BitSet;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.IntFunction;
import java.util.function.Predicate;

/**
 * Things with small numbers that connections refer to: a thing keeps its number as long as it is in use, then the number is
 * given away again.
 *
 * @param <K> what makes it the same thing
 * @param <V> the thing
 */
final class IdSpace<K, V> {
    private record Entry<V>(int id, V value) {
    }

    private final Map<K, Entry<V>> entries = new HashMap<>();
    private final BitSet used = new BitSet();
    private final IntFunction<V[]> array;

    IdSpace(final IntFunction<V[]> array) {
        this.array = array;
    }

    V get(final K key) {
        final Entry<V> entry = entries.get(key);
        return entry == null ? null : entry.value();
    }

    /** Replaces the thing, or adds it with a free number. */
    V put(final K key, final IntFunction<V> make) {
        final Entry<V> old = entries.get(key);
        final int id = old != null ? old.id() : used.nextClearBit(0);
        final V value = make.apply(id);
        used.set(id);
        entries.put(key, new Entry<>(id, value));
        return value;
    }

    /** Removes what is neither live nor still needed. */
    void retain(final Set<K> live, final Predicate<V> unneeded, final Consumer<V> removed) {
        final Iterator<Map.Entry<K, Entry<V>>> all = entries.entrySet().iterator();
        while (all.hasNext()) {
            final Map.Entry<K, Entry<V>> entry = all.next();
            if (!live.contains(entry.getKey()) && unneeded.test(entry.getValue().value())) {
                used.clear(entry.getValue().id());
                removed.accept(entry.getValue().value());
                all.remove();
            }
        }
    }

    /** The things by number; holes are null. */
    V[] byId() {
        final V[] things = array.apply(used.length());
        entries.values().forEach(entry -> things[entry.id()] = entry.value());
        return things;
    }
}
