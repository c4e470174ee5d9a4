package io.sluice.dataplane;

import io.sluice.dataplane.api.IdleMode;
import io.sluice.dataplane.api.PortChoice;
import io.sluice.dataplane.api.ThreadingMode;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;

/**
 * Settings of the data plane that hold for the life of the process, concluded: defaults filled in, ranges checked, frozen.
 *
 * @param interfaces      names of the interfaces that get a packet port, at least one, none twice
 * @param stateDirectory  where the connection table, the counters file and the list of installed addresses live
 * @param port            kind of the packet ports
 * @param lanes           paths side by side, 1 to 64; {@link #AUTOMATIC} for one for every two cores, at most 8
 * @param threading       how stages of a lane are put on threads
 * @param idle            what an idle lane does
 * @param maxConnections  connections the table holds at most, 1,024 to 50,000,000
 * @param maxFragments    fragmented datagrams followed at once, 64 to 1,048,576
 * @param receiveFrames   receive buffers, of each lane with AF_PACKET, of each queue with AF_XDP, 64 to 65,536
 * @param storeShards     files the table of record is divided into, 1 to 64
 * @param refreshSeconds  how old the stored idle time of a live connection may get, 1 to 3,600
 */
public record DataplaneConfig(List<String> interfaces, Path stateDirectory, PortChoice port, int lanes, ThreadingMode threading,
                              IdleMode idle, int maxConnections, int maxFragments, int receiveFrames, int storeShards,
                              int refreshSeconds) {
    /** As many lanes as suit the machine. */
    public static final int AUTOMATIC = 0;
    /** Lanes at most. */
    public static final int MAX_LANES = 64;
    /** Connections when nothing is configured. */
    public static final int DEFAULT_MAX_CONNECTIONS = 1_000_000;
    /** Fragmented datagrams when nothing is configured. */
    public static final int DEFAULT_MAX_FRAGMENTS = 4096;
    /** Receive buffers when nothing is configured. */
    public static final int DEFAULT_RECEIVE_FRAMES = 1024;
    /** Shards when nothing is configured. */
    public static final int DEFAULT_STORE_SHARDS = 4;
    /** Refresh period when nothing is configured. */
    public static final int DEFAULT_REFRESH_SECONDS = 30;

    /**
     * Checks every range.
     *
     * @throws IllegalArgumentException naming the setting, its value and what would be right
     */
    public DataplaneConfig {
        interfaces = List.copyOf(interfaces);
        if (interfaces.isEmpty()) {
            throw new IllegalArgumentException("dataplane.interfaces: at least one interface is needed");
        }
        if (new HashSet<>(interfaces).size() != interfaces.size()) {
            throw new IllegalArgumentException("dataplane.interfaces: an interface is listed twice in " + interfaces);
        }
        check("lanes", lanes, AUTOMATIC, MAX_LANES);
        check("maxConnections", maxConnections, 1024, 50_000_000);
        check("maxFragments", maxFragments, 64, 1 << 20);
        check("receiveFrames", receiveFrames, 64, 1 << 16);
        check("storeShards", storeShards, 1, 64);
        check("refreshSeconds", refreshSeconds, 1, 3600);
    }

    /**
     * The defaults.
     *
     * @param interfaces     interfaces with a port
     * @param stateDirectory where state lives
     * @return settings with everything else as documented
     */
    public static DataplaneConfig of(final List<String> interfaces, final Path stateDirectory) {
        return new DataplaneConfig(interfaces, stateDirectory, PortChoice.AUTO, AUTOMATIC, ThreadingMode.SHARED, IdleMode.BACKOFF,
            DEFAULT_MAX_CONNECTIONS, DEFAULT_MAX_FRAGMENTS, DEFAULT_RECEIVE_FRAMES, DEFAULT_STORE_SHARDS, DEFAULT_REFRESH_SECONDS);
    }

    private static void check(final String name, final int value, final int min, final int max) {
        if (value < min || value > max) {
            throw new IllegalArgumentException("dataplane." + name + ": " + value + " is not within " + min + " and " + max);
        }
    }
}
