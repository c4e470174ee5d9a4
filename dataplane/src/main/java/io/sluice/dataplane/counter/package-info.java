/**
 * Counters in a memory-mapped file.
 *
 * <p>A lane adds with a plain load and a release store; any process may read the file at any time, also after the writer was
 * killed. Numbers are monotonic unless the counter says that it is a level. Two counters read one after the other are not a
 * snapshot: their sums may be off by what happened in between.
 *
 * <pre>
 *   counters file
 *   +----------------+--------------------------------------+-------------------------------+
 *   | header (64 B)  | metadata (1024 B a counter):         | values (128 B a counter, so   |
 *   | magic, version | state, type, key = name, label       | that two never share a line)  |
 *   +----------------+--------------------------------------+-------------------------------+
 * </pre>
 */
package io.sluice.dataplane.counter;
