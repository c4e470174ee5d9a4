package io.sluice.dataplane.nat;

import io.sluice.dataplane.neighbour.Fib;
import io.sluice.dataplane.neighbour.FibSource;
import io.sluice.dataplane.port.Burst;
import io.sluice.dataplane.port.FramePool;
import io.sluice.dataplane.verdict.DropReason;
import io.sluice.dataplane.wire.Address;
import io.sluice.dataplane.wire.Ethernet;
import io.sluice.dataplane.wire.Ipv4;
import io.sluice.dataplane.wire.Ipv6;
import java.lang.foreign.MemorySegment;

/**
 * Frames of our own making (RSTs, ICMP errors): takes a spare frame, finds the way, writes the Ethernet and IP headers.
 *
 * <p>One per lane; path thread only. Use: {@link #begin}, then write the transport at {@link #transport}.
 */
public final class PacketMaker {
    private static final int HOP_LIMIT = 64;

    private final MemorySegment memory;
    private final FramePool spare;
    private final FibSource fibs;
    private long transport;

    /**
     * A maker of frames.
     *
     * @param memory of all frames
     * @param spare  where frames come from
     * @param fibs   where packets go
     */
    public PacketMaker(final MemorySegment memory, final FramePool spare, final FibSource fibs) {
        this.memory = memory;
        this.spare = spare;
        this.fibs = fibs;
    }

    /**
     * Whether there are frames for packets to come.
     *
     * @param made    would get them
     * @param packets how many
     * @return true if {@link #begin} finds a frame for each
     */
    public boolean hasRoomFor(final Burst made, final int packets) {
        return made.size() + packets <= Burst.CAPACITY && spare.available() >= packets;
    }

    /**
     * Starts a packet and appends it to the burst of made frames, ready to be forwarded once its transport is written.
     *
     * @param made            gets the frame
     * @param sourceHigh      source, first eight bytes (IPv4 mapped)
     * @param sourceLow       source, last eight bytes
     * @param destinationHigh destination, first eight bytes
     * @param destinationLow  destination, last eight bytes
     * @param protocol        of the transport
     * @param transportLength bytes of it
     * @return null, or why the packet cannot be made
     */
    public DropReason begin(final Burst made, final long sourceHigh, final long sourceLow, final long destinationHigh,
                            final long destinationLow, final int protocol, final int transportLength) {
        final Fib fib = fibs.current();
        final int adjacency = fib.resolve(destinationHigh, destinationLow, 0);
        if (adjacency < 0) {
            fibs.want(destinationHigh, destinationLow);
            return reason(adjacency);
        }
        final long frame = made.isFull() ? -1 : spare.take();
        if (frame < 0) {
            return DropReason.NO_FRAME;
        }
        final boolean ipv4 = Address.isIpv4(destinationHigh, destinationLow);
        final long ip = frame + Ethernet.LENGTH;
        Ethernet.write(memory, frame, fib.destinationMac(adjacency), fib.sourceMac(adjacency),
            ipv4 ? Ethernet.IPV4 : Ethernet.IPV6);
        if (ipv4) {
            transport = ip + Ipv4.LENGTH;
            Ipv4.write(memory, ip, 0, Ipv4.LENGTH + transportLength, 0, Ipv4.DONT_FRAGMENT, HOP_LIMIT, protocol, sourceLow,
                destinationLow);
        } else {
            transport = ip + Ipv6.LENGTH;
            Ipv6.write(memory, ip, 0, transportLength, protocol, HOP_LIMIT, sourceHigh, sourceLow, destinationHigh,
                destinationLow);
        }
        final int port = fib.port(adjacency);
        made.forward(made.add(frame, (int) (transport - frame) + transportLength, port), port);
        return null;
    }

    /**
     * Where the transport of the packet just begun goes.
     *
     * @return offset in {@link #memory()}
     */
    public long transport() {
        return transport;
    }

    /**
     * The memory of all frames.
     *
     * @return the arena's segment
     */
    public MemorySegment memory() {
        return memory;
    }

    /**
     * The drop reason for a next hop that was not found.
     *
     * @param adjacency a negative result of {@link Fib#resolve}
     * @return the reason
     */
    public static DropReason reason(final int adjacency) {
        return switch (adjacency) {
            case Fib.NO_NEIGHBOUR -> DropReason.NO_NEIGHBOUR;
            case Fib.PORT_DOWN -> DropReason.PORT_DOWN;
            default -> DropReason.NO_ROUTE;
        };
    }
}
