package io.sluice.dataplane.port.impaired;

/**
 * What has happened in one direction so far.
 *
 * @param frames     frames that came
 * @param lost       of these, lost
 * @param duplicated copies made
 * @param reordered  frames held back
 * @param corrupted  frames with a flipped bit
 * @param truncated  frames cut short
 */
public record Tally(long frames, long lost, long duplicated, long reordered, long corrupted, long truncated) {
}
