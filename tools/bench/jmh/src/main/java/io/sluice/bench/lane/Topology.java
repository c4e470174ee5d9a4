package io.sluice.bench.lane;

/** How the stages of a lane are put on threads. */
public enum Topology {
    /** One thread does everything. */
    SHARED,
    /** One thread receives, another runs the path and sends. */
    TWO_THREADS,
    /** Receiving, path and sending have a thread each. */
    DEDICATED
}
