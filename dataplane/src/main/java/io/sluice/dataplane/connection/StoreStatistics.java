package io.sluice.dataplane.connection;

/**
 * What the table of record has done since it was opened. Figures of one moment, not taken atomically together.
 *
 * @param recovered connections found in files that had to be recovered at open
 * @param expired   connections removed by {@link ConnectionStore#forEach} because their idle time had passed
 * @param corrupt   connections lost to damage, as far as their number is known, and records removed because they were not of our format
 * @param setAside  files put aside as damaged
 * @param puts      records written
 * @param removes   records removed because their connection closed
 * @param failures  events that could not be stored
 */
public record StoreStatistics(long recovered, long expired, long corrupt, long setAside, long puts, long removes, long failures) {
}
