package io.sluice.dataplane.nat;

import io.sluice.dataplane.counter.LaneCounters;
import io.sluice.dataplane.counter.SystemCounter;
import io.sluice.dataplane.port.Burst;
import io.sluice.dataplane.port.FramePool;
import io.sluice.dataplane.verdict.DropReason;
import io.sluice.dataplane.wire.Checksum;
import io.sluice.dataplane.wire.Ethernet;
import io.sluice.dataplane.wire.Ipv4;
import io.sluice.dataplane.wire.Ipv6;
import io.sluice.dataplane.wire.NetworkOrder;
import java.lang.foreign.MemorySegment;

/**
 * Cuts a translated packet that is larger than the next link's MTU into fragments, where its sender allowed that: an IPv4
 * packet without the don't-fragment flag, or what became of one in IPv6 (RFC 7915, 4.1 and 5.1).
 *
 * <p>The first fragment stays in its frame, the others are copied to spare frames. A packet that is itself a fragment is cut
 * further. One per lane; path thread only.
 */
public final class Fragmenter {
    private final FramePool spare;
    private final LaneCounters counters;

    /**
     * A fragmenter.
     *
     * @param spare    where frames for the further fragments come from
     * @param counters of the lane
     */
    public Fragmenter(final FramePool spare, final LaneCounters counters) {
        this.spare = spare;
        this.counters = counters;
    }

    /**
     * Cuts a frame that is ready to be forwarded.
     *
     * @param memory         of the frames
     * @param burst          describes the frame; it then describes the first fragment
     * @param i              index of the frame
     * @param made           gets the further fragments
     * @param mtu            largest IP packet on the link
     * @param identification for an IPv6 packet that had no fragment header
     * @return null, or why it cannot be cut; the frame is then to be dropped
     */
    public DropReason split(final MemorySegment memory, final Burst burst, final int i, final Burst made, final int mtu,
                            final int identification) {
        completeChecksum(memory, burst, i);
        if (Ethernet.type(memory, burst.offset(i)) == Ethernet.IPV6 && !hasFragmentHeader(memory, burst.offset(i))) {
            insertFragmentHeader(memory, burst, i, identification);
        }
        final long frame = burst.offset(i);
        final int headers = headers(memory, frame);
        final int total = burst.length(i) - headers;
        final int piece = mtu + Ethernet.LENGTH - headers & ~7;
        if (piece < 8) {
            return DropReason.TOO_BIG;
        }
        for (int at = piece; at < total; at += piece) {
            final long target = made.isFull() ? -1 : spare.take();
            if (target < 0) {
                return DropReason.NO_FRAME;
            }
            final int length = Math.min(piece, total - at);
            MemorySegment.copy(memory, frame, memory, target, headers);
            MemorySegment.copy(memory, frame + headers + at, memory, target + headers, length);
            finish(memory, target, headers + length, at, at + length < total);
            final int added = made.add(target, headers + length, burst.port(i));
            made.forward(added, burst.port(i));
            counters.increment(SystemCounter.FRAGMENTS_MADE);
        }
        finish(memory, frame, headers + piece, 0, true);
        burst.resize(i, frame, headers + piece);
        counters.increment(SystemCounter.FRAGMENTS_MADE);
        return null;
    }

    /** A fragment's checksum cannot be left to hardware: the sum goes over the whole datagram. */
    private static void completeChecksum(final MemorySegment memory, final Burst burst, final int i) {
        if (burst.isChecksumPartial(i)) {
            final long start = burst.offset(i) + burst.checksumStart(i);
            final int length = burst.length(i) - burst.checksumStart(i);
            final int sum = Checksum.finish(Checksum.sum(memory, start, length));
            NetworkOrder.u16(memory, start + burst.checksumOffset(i), sum == 0 ? 0xffff : sum);
            burst.completeChecksum(i);
        }
    }

    private static boolean hasFragmentHeader(final MemorySegment memory, final long frame) {
        return NetworkOrder.u8(memory, frame + Ethernet.LENGTH + Ipv6.NEXT_HEADER) == Ipv6.FRAGMENT;
    }

    private static void insertFragmentHeader(final MemorySegment memory, final Burst burst, final int i, final int identification) {
        final long frame = burst.offset(i);
        final long moved = frame - Ipv6.FRAGMENT_LENGTH;
        MemorySegment.copy(memory, frame, memory, moved, Ethernet.LENGTH + Ipv6.LENGTH);
        final long ip = moved + Ethernet.LENGTH;
        Ipv6.writeFragment(memory, ip + Ipv6.LENGTH, NetworkOrder.u8(memory, ip + Ipv6.NEXT_HEADER), 0, false, identification);
        NetworkOrder.u8(memory, ip + Ipv6.NEXT_HEADER, Ipv6.FRAGMENT);
        burst.resize(i, moved, burst.length(i) + Ipv6.FRAGMENT_LENGTH);
    }

    private static int headers(final MemorySegment memory, final long frame) {
        return Ethernet.LENGTH + (Ethernet.type(memory, frame) == Ethernet.IPV4
            ? Ipv4.headerLength(memory, frame + Ethernet.LENGTH)
            : Ipv6.LENGTH + Ipv6.FRAGMENT_LENGTH);
    }

    private static void finish(final MemorySegment memory, final long frame, final int length, final int at, final boolean more) {
        final long ip = frame + Ethernet.LENGTH;
        if (Ethernet.type(memory, frame) == Ethernet.IPV4) {
            final int old = NetworkOrder.u16(memory, ip + Ipv4.FRAGMENT);
            final boolean moreFollow = more || (old & Ipv4.MORE_FRAGMENTS) != 0;
            NetworkOrder.u16(memory, ip + Ipv4.FRAGMENT,
                (old & Ipv4.FRAGMENT_OFFSET) + (at >>> 3) | (moreFollow ? Ipv4.MORE_FRAGMENTS : 0));
            NetworkOrder.u16(memory, ip + Ipv4.TOTAL_LENGTH, length - Ethernet.LENGTH);
            Ipv4.writeChecksum(memory, ip, Ipv4.headerLength(memory, ip));
        } else {
            final long fragment = ip + Ipv6.LENGTH;
            final boolean moreFollow = more || Ipv6.hasMoreFragments(memory, fragment);
            Ipv6.writeFragment(memory, fragment, NetworkOrder.u8(memory, fragment),
                Ipv6.fragmentOffset(memory, fragment) + (at >>> 3), moreFollow, NetworkOrder.i32(memory, fragment + 4));
            NetworkOrder.u16(memory, ip + Ipv6.PAYLOAD_LENGTH, length - Ethernet.LENGTH - Ipv6.LENGTH);
        }
    }
}
