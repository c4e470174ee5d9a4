package io.sluice.dataplane.api;

/** How the stages of a lane are put on threads. */
public enum ThreadingMode {
    /** One thread receives, runs the path and sends: the best on one or two cores. */
    SHARED,
    /** Three threads: one receives, one runs the path, one sends. */
    DEDICATED,
    /** No thread: the caller drives the lane, as tests and tools do. */
    INVOKER
}
