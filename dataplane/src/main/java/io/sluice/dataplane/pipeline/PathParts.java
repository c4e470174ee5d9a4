package io.sluice.dataplane.pipeline;

import io.sluice.dataplane.connection.ConnectionEvents;
import io.sluice.dataplane.connection.ConnectionTable;
import io.sluice.dataplane.connection.ExpiryWheel;
import io.sluice.dataplane.counter.LaneCounters;
import io.sluice.dataplane.nat.Fragmenter;
import io.sluice.dataplane.nat.Fragments;
import io.sluice.dataplane.nat.FullNat;
import io.sluice.dataplane.nat.IcmpErrors;
import io.sluice.dataplane.nat.IcmpTranslator;
import io.sluice.dataplane.nat.PacketMaker;
import io.sluice.dataplane.nat.Resets;
import io.sluice.dataplane.nat.SequenceGenerator;
import io.sluice.dataplane.neighbour.FibSource;
import io.sluice.dataplane.port.Frames;

/**
 * The stages of one lane's path, wired together: what production, tests and tools all build their path from.
 */
public final class PathParts {
    private final Frames frames;
    private final FibSource fibs;
    private final ForwardingSource forwarding;
    private final LaneCounters counters;
    private final Steering steering;
    private final Connections connections;
    private final Fragments fragments;
    private final Ownership ownership;
    private final Resets resets;
    private final Opener opener;
    private final Forwarder forwarder;
    private final IcmpPath icmp;
    private final Reaper reaper;
    private final PacketPath path;

    /**
     * Wires a lane's stages.
     *
     * @param frames     the lane's frames
     * @param fibs       routes and neighbours
     * @param forwarding the configuration
     * @param counters   the lane's counters
     * @param events     who is told of connections
     * @param sequences  initial sequence numbers
     * @param steering   which packets are this lane's
     * @param sizes      of its tables
     * @param nowNs      the time
     */
    public PathParts(final Frames frames, final FibSource fibs, final ForwardingSource forwarding, final LaneCounters counters,
                     final ConnectionEvents events, final SequenceGenerator sequences, final Steering steering,
                     final LaneSizes sizes, final long nowNs) {
        this.frames = frames;
        this.fibs = fibs;
        this.forwarding = forwarding;
        this.counters = counters;
        this.steering = steering;
        final ConnectionTable table = new ConnectionTable(sizes.connections());
        this.connections = new Connections(table, new ExpiryWheel(table, Clock.seconds(nowNs)), events, counters,
            sizes.refreshSeconds());
        // The keyed hash is a secret start that goes on with time, and the same again when a capture is replayed.
        this.fragments = new Fragments(sizes.fragments(), sequences.next(0, 0, 0, 0, 0, 0, nowNs),
            steering.ports());
        this.ownership = new Ownership(steering, fragments, counters);
        final PacketMaker maker = new PacketMaker(frames.arena().memory(), frames.spare(), fibs);
        this.resets = new Resets(maker, counters);
        this.opener = new Opener(connections, sequences, counters);
        this.forwarder = new Forwarder(connections, new FullNat(frames.arena(), counters), fragments,
            new Fragmenter(frames.spare(), counters), new IcmpErrors(maker, counters), fibs, counters);
        this.icmp = new IcmpPath(table, new IcmpTranslator(frames.arena()), fibs, ownership, counters);
        this.reaper = new Reaper(connections, resets, counters);
        this.path = new PacketPath(this);
    }

    /**
     * The path.
     *
     * @return frame in, verdict out
     */
    public PacketPath path() {
        return path;
    }

    /**
     * The hot table.
     *
     * @return path thread only
     */
    public ConnectionTable table() {
        return connections.table();
    }

    /** Tells the table of record of every connection that it does not know up to date. The lane has stopped. */
    public void storeAll() {
        final ConnectionTable table = connections.table();
        for (int slot = 0; slot < table.slotBound(); slot++) {
            if (table.isUsed(slot) && connections.isWorthStoring(table.record(slot))) {
                while (!connections.store(table.record(slot))) {
                    Thread.yield();
                }
            }
        }
    }

    Frames frames() {
        return frames;
    }

    FibSource fibs() {
        return fibs;
    }

    ForwardingSource forwarding() {
        return forwarding;
    }

    LaneCounters counters() {
        return counters;
    }

    Connections connections() {
        return connections;
    }

    Steering steering() {
        return steering;
    }

    Ownership ownership() {
        return ownership;
    }

    Fragments fragments() {
        return fragments;
    }

    Resets resets() {
        return resets;
    }

    Opener opener() {
        return opener;
    }

    Forwarder forwarder() {
        return forwarder;
    }

    IcmpPath icmp() {
        return icmp;
    }

    Reaper reaper() {
        return reaper;
    }
}
