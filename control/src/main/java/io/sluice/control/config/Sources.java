package io.sluice.control.config;

import io.sluice.control.yaml.Section;
import io.sluice.control.yaml.Value;
import java.util.IdentityHashMap;
import java.util.Map;

/**
 * Which part of the file an element of the model came from, so that a rule can say where it is broken. By identity: two
 * elements that are equal still have two places.
 */
final class Sources {
    private final Map<Object, Section> sections = new IdentityHashMap<>();
    private final Map<Object, Value> values = new IdentityHashMap<>();

    <T> T put(final T element, final Section section) {
        sections.put(element, section);
        return element;
    }

    <T> T put(final T element, final Value value) {
        values.put(element, value);
        return element;
    }

    Section section(final Object element) {
        return sections.get(element);
    }

    Value value(final Object element) {
        return values.get(element);
    }
}
