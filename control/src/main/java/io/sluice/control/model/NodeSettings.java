package io.sluice.control.model;

import java.nio.file.Path;

/**
 * Who this node is and where it keeps things.
 *
 * @param name           name of the node
 * @param stateDirectory absolute path: connection table, counters, the applied configuration
 * @param socket         absolute path of the unix socket that the API listens on
 */
public record NodeSettings(String name, Path stateDirectory, Path socket) {
    /** State directory when nothing is configured. */
    public static final Path DEFAULT_STATE_DIRECTORY = Path.of("/var/lib/sluice");
    /** API socket when nothing is configured. */
    public static final Path DEFAULT_SOCKET = Path.of("/run/sluice/api.sock");
}
