/**
 * Whole lanes with their threads, between ports that cost next to nothing.
 *
 * <pre>
 *   SHARED         receive, path, send                        one thread
 *   TWO_THREADS    receive --> path, send                     one hop
 *   DEDICATED      receive --> path --> send                  two hops
 * </pre>
 */
package io.sluice.bench.lane;
