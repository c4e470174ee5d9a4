package io.sluice.dataplane.api;

import java.util.List;

/**
 * Backends that serve the same thing.
 *
 * @param name     unique among groups
 * @param backends in the order of the configuration; no {@code serverIp:port} twice
 */
public record ServerGroupSpec(String name, List<BackendSpec> backends) {
    /** Copies the list. */
    public ServerGroupSpec {
        backends = List.copyOf(backends);
    }
}
