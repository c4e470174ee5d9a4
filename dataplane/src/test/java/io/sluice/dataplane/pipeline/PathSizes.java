package io.sluice.dataplane.pipeline;

/**
 * How large everything is.
 *
 * @param connections   capacity of the connection table
 * @param fragments     capacity of the fragment table
 * @param receiveFrames frames of the longest burst
 * @param spareFrames   frames that the path may make in one turn
 * @param refreshSeconds how old the stored idle time may get
 */
public record PathSizes(int connections, int fragments, int receiveFrames, int spareFrames, int refreshSeconds) {
    /** Enough for most tests. */
    public static final PathSizes DEFAULT = new PathSizes(1024, 64, 16, 16, 30);

    /** Another capacity of the connection table. */
    public PathSizes connections(final int count) {
        return new PathSizes(count, fragments, receiveFrames, spareFrames, refreshSeconds);
    }

    /** Another number of spare frames. */
    public PathSizes spareFrames(final int count) {
        return new PathSizes(connections, fragments, receiveFrames, count, refreshSeconds);
    }

    /** Another number of receive frames. */
    public PathSizes receiveFrames(final int count) {
        return new PathSizes(connections, fragments, count, spareFrames, refreshSeconds);
    }

    /** Another refresh period. */
    public PathSizes refreshSeconds(final int seconds) {
        return new PathSizes(connections, fragments, receiveFrames, spareFrames, seconds);
    }
}
