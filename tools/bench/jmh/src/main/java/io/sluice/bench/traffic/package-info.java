/**
 * The traffic of the benches: connections opened through the real path, and frames of theirs that may come again and again.
 *
 * <pre>
 *   Scene    who talks to whom          Segments   writes a frame
 *   Step     a moment of a connection   Trace      frames in the order in which they come
 *   Rig      a lane's real path, driven by the caller's thread
 * </pre>
 */
package io.sluice.bench.traffic;
