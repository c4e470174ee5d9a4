package io.sluice.dataplane.api;

/**
 * One counter, read at some moment.
 *
 * @param name     stable machine name, for example {@code drops.no_backend} or {@code listener.connections_opened}
 * @param subject  listener, backend, pool or port that it is about; empty for the node
 * @param value    its value
 * @param sentence what it counts
 */
public record CounterView(String name, String subject, long value, String sentence) {
}
