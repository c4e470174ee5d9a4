package io.sluice.control.model;

import java.util.List;

/**
 * Backends that serve the same thing.
 *
 * @param name     unique among groups
 * @param backends may be empty: connections are then refused as {@code NO_BACKEND}
 */
public record ServerGroup(String name, List<Backend> backends) {
    /** Copies the list. */
    public ServerGroup {
        backends = List.copyOf(backends);
    }
}
