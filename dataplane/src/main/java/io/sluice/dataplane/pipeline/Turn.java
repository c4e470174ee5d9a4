package io.sluice.dataplane.pipeline;

import io.sluice.dataplane.neighbour.Fib;
import io.sluice.dataplane.port.Burst;
import io.sluice.dataplane.service.ForwardingTable;

/** What holds for one turn of the lane: read once, so that all frames of a burst see the same. Path thread only. */
final class Turn {
    /** The configuration in force. */
    ForwardingTable forwarding;
    /** Routes and neighbours. */
    Fib fib;
    /** The time. */
    long nowNs;
    /** The time in whole seconds. */
    int nowSeconds;
    /** Gets frames of our own making. */
    Burst made;
}
