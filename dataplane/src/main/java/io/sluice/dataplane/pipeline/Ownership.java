package io.sluice.dataplane.pipeline;

import io.sluice.dataplane.classify.Packet;
import io.sluice.dataplane.counter.LaneCounters;
import io.sluice.dataplane.nat.Fragments;
import io.sluice.dataplane.service.ForwardingTable;
import io.sluice.dataplane.verdict.DropReason;

/**
 * Hands packets that arrived at the wrong lane to their owner. Asked only about packets whose connection is not in this lane's
 * table, and about fragments. Each question settles the packet if the answer is yes. Path thread only.
 *
 * <p>A packet takes two hops at most: a fragment to the lane that follows its datagram, and from there to the owner.
 */
final class Ownership {
    private final Steering steering;
    private final Fragments fragments;
    private final LaneCounters counters;

    Ownership(final Steering steering, final Fragments fragments, final LaneCounters counters) {
        this.steering = steering;
        this.fragments = fragments;
        this.counters = counters;
    }

    /** Hands a fragment of ours to the lane that follows its datagram; false if that is this lane. */
    boolean handsToFollower(final Packet packet, final ForwardingTable forwarding) {
        if (steering.isAlone() || packet.burst.isHandedOver(packet.index)) {
            return false;
        }
        final int follower = steering.ofDatagram(packet);
        if (follower == steering.lane()
            || forwarding.owner(packet.destinationHigh, packet.destinationLow) == ForwardingTable.NOT_OURS) {
            return false;
        }
        packet.burst.handOver(packet.index, follower, false);
        return true;
    }

    /** Hands on a packet to a listener of ours; false if this lane owns it. */
    boolean handsOnFromClient(final Packet packet, final int nowSeconds) {
        return !isHere(packet) && handsOn(packet, steering.ofClient(packet.protocol, packet.sourceHigh, packet.sourceLow,
            packet.sourcePort, packet.destinationHigh, packet.destinationLow, packet.destinationPort), nowSeconds);
    }

    /** Hands on a packet to a local port of ours; false if this lane owns it. */
    boolean handsOnFromServer(final Packet packet, final int nowSeconds) {
        return !isHere(packet) && handsOn(packet, steering.ofLocalPort(packet.destinationPort), nowSeconds);
    }

    /** Hands on a later fragment whose first one was handed on; false if its connection is in this lane. */
    boolean handsOnFragment(final Packet packet, final int entry) {
        final int owner = fragments.lane(entry);
        if (owner == Fragments.NONE) {
            return false;
        }
        packet.burst.handOver(packet.index, owner, true);
        return true;
    }

    /** Hands on an ICMP error about a packet that left from a local port of ours; false if this lane owns it. */
    boolean handsOnErrorToServer(final Packet error, final Packet quoted) {
        return !isHere(error) && handsOnWhole(error, steering.ofLocalPort(quoted.sourcePort));
    }

    /** Hands on an ICMP error about a packet that left from a listener of ours; false if this lane owns it. */
    boolean handsOnErrorToClient(final Packet error, final Packet quoted) {
        return !isHere(error) && handsOnWhole(error, steering.ofClient(quoted.protocol, quoted.destinationHigh,
            quoted.destinationLow, quoted.destinationPort, quoted.sourceHigh, quoted.sourceLow, quoted.sourcePort));
    }

    private boolean isHere(final Packet packet) {
        return steering.isAlone() || packet.burst.isHandedOver(packet.index);
    }

    private boolean handsOn(final Packet packet, final int owner, final int nowSeconds) {
        if (packet.fragment && owner != steering.lane()
            && !fragments.remember(packet, Fragments.elsewhere(owner), 0, nowSeconds)) {
            packet.burst.drop(packet.index, DropReason.FRAGMENT_TABLE_FULL);
            counters.drop(DropReason.FRAGMENT_TABLE_FULL);
            return true;
        }
        return handsOnWhole(packet, owner);
    }

    private boolean handsOnWhole(final Packet packet, final int owner) {
        if (owner == steering.lane()) {
            return false;
        }
        packet.burst.handOver(packet.index, owner, true);
        return true;
    }
}
