package io.sluice.dataplane.nat;

import io.sluice.dataplane.classify.Packet;
import io.sluice.dataplane.connection.ConnectionRecord;
import io.sluice.dataplane.counter.LaneCounters;
import io.sluice.dataplane.counter.SystemCounter;
import io.sluice.dataplane.port.Burst;
import io.sluice.dataplane.verdict.DropReason;
import io.sluice.dataplane.wire.Checksum;
import io.sluice.dataplane.wire.Ipv4;
import io.sluice.dataplane.wire.NetworkOrder;
import io.sluice.dataplane.wire.Tcp;
import java.lang.foreign.MemorySegment;

/**
 * Makes RSTs. Their sequence number is the one that the receiver expects next, since anything else is only challenged
 * (RFC 5961, 3.2). One per lane; path thread only.
 */
public final class Resets {
    private final PacketMaker maker;
    private final LaneCounters counters;

    /**
     * A maker of RSTs.
     *
     * @param maker    makes the frames
     * @param counters of the lane
     */
    public Resets(final PacketMaker maker, final LaneCounters counters) {
        this.maker = maker;
        this.counters = counters;
    }

    /**
     * Whether {@link #both} finds frames.
     *
     * @param made would get them
     * @return false if the connection has to wait for a later turn
     */
    public boolean hasRoomForBoth(final Burst made) {
        return maker.hasRoomFor(made, 2);
    }

    /**
     * Resets both sides of a connection.
     *
     * @param made   gets the frames
     * @param memory where the connection's record is
     * @param record offset of it
     */
    public void both(final Burst made, final MemorySegment memory, final long record) {
        final int delta = ConnectionRecord.i32(memory, record, ConnectionRecord.ISN_DELTA_OFFSET);
        final int clientNext = ConnectionRecord.i32(memory, record, ConnectionRecord.CLIENT_SEQUENCE_OFFSET);
        final int serverNext = ConnectionRecord.i32(memory, record, ConnectionRecord.SERVER_SEQUENCE_OFFSET);
        send(made, memory, record, ConnectionRecord.VIRTUAL_ADDRESS_OFFSET, ConnectionRecord.VIRTUAL_PORT_OFFSET,
            ConnectionRecord.CLIENT_ADDRESS_OFFSET, ConnectionRecord.CLIENT_PORT_OFFSET,
            ConnectionRecord.i32(memory, record, ConnectionRecord.CLIENT_ACK_OFFSET), clientNext);
        send(made, memory, record, ConnectionRecord.LOCAL_ADDRESS_OFFSET, ConnectionRecord.LOCAL_PORT_OFFSET,
            ConnectionRecord.REAL_ADDRESS_OFFSET, ConnectionRecord.REAL_PORT_OFFSET,
            ConnectionRecord.i32(memory, record, ConnectionRecord.SERVER_ACK_OFFSET) + delta, serverNext);
    }

    private void send(final Burst made, final MemorySegment memory, final long record, final int sourceAddress,
                      final int sourcePort, final int destinationAddress, final int destinationPort, final int sequence,
                      final int acknowledgment) {
        write(made, ConnectionRecord.i64(memory, record, sourceAddress), ConnectionRecord.i64(memory, record, sourceAddress + 8),
            ConnectionRecord.u16(memory, record, sourcePort), ConnectionRecord.i64(memory, record, destinationAddress),
            ConnectionRecord.i64(memory, record, destinationAddress + 8),
            ConnectionRecord.u16(memory, record, destinationPort), sequence, acknowledgment, Tcp.RST | Tcp.ACK);
    }

    /**
     * Answers a segment of an unknown connection (RFC 9293, 3.5.2 group 1).
     *
     * @param made   gets the frame
     * @param packet the segment; never answered if it is an RST itself
     */
    public void answer(final Burst made, final Packet packet) {
        if (packet.has(Tcp.RST)) {
            return;
        }
        final boolean acked = packet.has(Tcp.ACK);
        write(made, packet.destinationHigh, packet.destinationLow, packet.destinationPort, packet.sourceHigh, packet.sourceLow,
            packet.sourcePort, acked ? packet.acknowledgment : 0, acked ? 0 : packet.sequence + packet.sequenceLength(),
            acked ? Tcp.RST : Tcp.RST | Tcp.ACK);
    }

    private void write(final Burst made, final long sourceHigh, final long sourceLow, final int sourcePort,
                       final long destinationHigh, final long destinationLow, final int destinationPort, final int sequence,
                       final int acknowledgment, final int flags) {
        final DropReason reason = maker.begin(made, sourceHigh, sourceLow, destinationHigh, destinationLow, Ipv4.TCP, Tcp.LENGTH);
        if (reason != null) {
            counters.drop(reason);
            return;
        }
        final MemorySegment memory = maker.memory();
        final long tcp = maker.transport();
        Tcp.write(memory, tcp, sourcePort, destinationPort, sequence, acknowledgment, flags, 0);
        final long sum = Checksum.sum(memory, tcp, Tcp.LENGTH)
            + Checksum.pseudoHeader(sourceHigh, sourceLow, destinationHigh, destinationLow, Ipv4.TCP, Tcp.LENGTH);
        NetworkOrder.u16(memory, tcp + Tcp.CHECKSUM, Checksum.finish(sum));
        counters.increment(SystemCounter.RESETS_SENT);
    }
}
