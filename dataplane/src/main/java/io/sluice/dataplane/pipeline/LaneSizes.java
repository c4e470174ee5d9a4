package io.sluice.dataplane.pipeline;

/**
 * How much a lane holds.
 *
 * @param connections    capacity of the hot table
 * @param fragments      capacity of the fragment table
 * @param refreshSeconds how old the stored idle time of a live connection may get
 */
public record LaneSizes(int connections, int fragments, int refreshSeconds) {
}
