package io.sluice.dataplane.nat;

import io.sluice.dataplane.classify.Packet;
import io.sluice.dataplane.counter.LaneCounters;
import io.sluice.dataplane.counter.SystemCounter;
import io.sluice.dataplane.port.Burst;
import io.sluice.dataplane.verdict.DropReason;
import io.sluice.dataplane.wire.Checksum;
import io.sluice.dataplane.wire.Icmp;
import io.sluice.dataplane.wire.Ipv4;
import io.sluice.dataplane.wire.Ipv6;
import io.sluice.dataplane.wire.NetworkOrder;
import java.lang.foreign.MemorySegment;

/**
 * Makes ICMP errors about packets that cannot go on, from the address they were sent to: packet too big, time exceeded. At
 * most {@value #PER_SECOND} a second (RFC 1812, 4.3.2.8). One per lane; path thread only.
 */
public final class IcmpErrors {
    /** Errors made in one second at most. */
    public static final int PER_SECOND = 1000;

    private static final int V4_LARGEST = 576;

    private final PacketMaker maker;
    private final LaneCounters counters;
    private int second;
    private int madeThisSecond;

    /**
     * A maker of ICMP errors.
     *
     * @param maker    makes the frames
     * @param counters of the lane
     */
    public IcmpErrors(final PacketMaker maker, final LaneCounters counters) {
        this.maker = maker;
        this.counters = counters;
    }

    /**
     * Tells a sender that its packet is larger than the way allows (RFC 1191, RFC 4443 3.2).
     *
     * @param made       gets the frame
     * @param packet     the packet, unchanged
     * @param mtu        largest packet that would have fitted
     * @param nowSeconds the time
     */
    public void tooBig(final Burst made, final Packet packet, final int mtu, final int nowSeconds) {
        if (packet.ipv4) {
            send(made, packet, Icmp.UNREACHABLE, Icmp.FRAGMENTATION_NEEDED, mtu, nowSeconds);
        } else {
            send(made, packet, Icmp.V6_TOO_BIG, 0, mtu, nowSeconds);
        }
    }

    /**
     * Tells a sender that its packet has travelled too far.
     *
     * @param made       gets the frame
     * @param packet     the packet, unchanged
     * @param nowSeconds the time
     */
    public void timeExceeded(final Burst made, final Packet packet, final int nowSeconds) {
        send(made, packet, packet.ipv4 ? Icmp.TIME_EXCEEDED : Icmp.V6_TIME_EXCEEDED, 0, 0, nowSeconds);
    }

    private void send(final Burst made, final Packet packet, final int type, final int code, final int rest,
                      final int nowSeconds) {
        if (packet.fragmentOffset != 0) {
            return;
        }
        if (second != nowSeconds) {
            second = nowSeconds;
            madeThisSecond = 0;
        }
        if (++madeThisSecond > PER_SECOND) {
            counters.increment(SystemCounter.ICMP_RATE_LIMITED);
            return;
        }
        final int largest = packet.ipv4 ? V4_LARGEST - Ipv4.LENGTH : Ipv6.MIN_MTU - Ipv6.LENGTH;
        final int quote = Math.min(packet.ipLength(), largest - Icmp.LENGTH);
        final int length = Icmp.LENGTH + quote;
        final int protocol = packet.ipv4 ? Ipv4.ICMP : Ipv6.ICMPV6;
        final DropReason reason = maker.begin(made, packet.destinationHigh, packet.destinationLow, packet.sourceHigh,
            packet.sourceLow, protocol, length);
        if (reason != null) {
            counters.drop(reason);
            return;
        }
        final MemorySegment memory = maker.memory();
        final long icmp = maker.transport();
        NetworkOrder.i32(memory, icmp, type << 24 | code << 16);
        NetworkOrder.i32(memory, icmp + Icmp.REST, rest);
        MemorySegment.copy(memory, packet.ip, memory, icmp + Icmp.LENGTH, quote);
        final long pseudo = packet.ipv4 ? 0 : Checksum.pseudoHeader(packet.destinationHigh, packet.destinationLow,
            packet.sourceHigh, packet.sourceLow, protocol, length);
        NetworkOrder.u16(memory, icmp + Icmp.CHECKSUM, Checksum.finish(pseudo + Checksum.sum(memory, icmp, length)));
        counters.increment(SystemCounter.ICMP_SENT);
    }
}
