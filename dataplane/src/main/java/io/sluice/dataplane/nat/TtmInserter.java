package io.sluice.dataplane.nat;

import io.sluice.dataplane.classify.Packet;
import io.sluice.dataplane.wire.NetworkOrder;
import io.sluice.dataplane.wire.Tcp;
import io.sluice.dataplane.wire.TcpOptions;
import io.sluice.dataplane.wire.TtmOption;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Puts the TTM option directly behind the 20-byte TCP header.
 *
 * <p>{@link #plan} decides how, without changing anything, so that sizes are known before the packet is touched;
 * {@link #insert} does it. In the common case the options stay where they are and only the 20 bytes move towards the front.
 * When 40 bytes of options or the MTU are too small, NOP padding goes first, then SACK blocks; if that is not enough the
 * segment goes on without the option. One per lane.
 */
final class TtmInserter {
    private enum Plan { NONE, SHIFT, REBUILD }

    private final MemorySegment kept = Arena.global().allocate(64);
    private Plan plan = Plan.NONE;
    private int optionLength;
    private int keptLength;

    /**
     * Decides whether and how the option fits.
     *
     * @param packet     a segment from a client
     * @param length     of the option, 8 or 20
     * @param ipHeader   bytes of the IP headers that the packet will have
     * @param largest    bytes of the largest IP packet on the next link
     * @param claimKind  kind that the client must not send: such options are not kept; 0 keeps all
     * @return bytes by which the TCP header grows (negative if dropped options were longer), 0 with {@link #isPlanned} false
     *     if it does not fit
     */
    int plan(final Packet packet, final int length, final int ipHeader, final int largest, final int claimKind) {
        final int oldOptions = (int) (packet.payload - packet.transport) - Tcp.LENGTH;
        final int segmentPayload = packet.isGso() ? packet.burst.gsoSize(packet.index) : packet.payloadLength();
        final int room = Math.min(Tcp.MAX_OPTIONS, largest - ipHeader - Tcp.LENGTH - segmentPayload);
        optionLength = length;
        plan = Plan.NONE;
        if (packet.isGso() && packet.ipLength() + length > 0xffff) {
            return 0;
        }
        if (oldOptions + length <= room) {
            plan = Plan.SHIFT;
            return length;
        }
        if (keep(packet, true, claimKind) + length <= room || keep(packet, false, claimKind) + length <= room) {
            plan = Plan.REBUILD;
            return keptLength + length - oldOptions;
        }
        return 0;
    }

    /**
     * Whether the last {@link #plan} found room.
     *
     * @return true if {@link #insert} will insert
     */
    boolean isPlanned() {
        return plan != Plan.NONE;
    }

    /**
     * Whether the last {@link #plan} has to drop other options.
     *
     * @return true if options will be lost
     */
    boolean isPruning() {
        return plan == Plan.REBUILD;
    }

    /**
     * Moves the TCP header to its new place and writes the option.
     *
     * @param packet    the segment
     * @param transport offset of the new TCP header: the old one minus the planned growth
     * @param kind      option kind
     * @param high      client, first eight bytes
     * @param low       client, last eight bytes
     * @param port      client's port
     */
    void insert(final Packet packet, final long transport, final int kind, final long high, final long low, final int port) {
        final MemorySegment memory = packet.memory;
        MemorySegment.copy(memory, packet.transport, memory, transport, Tcp.LENGTH);
        TtmOption.write(memory, transport + Tcp.LENGTH, kind, high, low, port);
        if (plan == Plan.REBUILD) {
            MemorySegment.copy(kept, 0, memory, transport + Tcp.LENGTH + optionLength, keptLength);
        }
        Tcp.headerLength(memory, transport, (int) (packet.payload - transport));
    }

    /** Collects the options worth keeping, padded to 4 bytes, and says how long they are. */
    private int keep(final Packet packet, final boolean withSack, final int claimKind) {
        final MemorySegment memory = packet.memory;
        keptLength = 0;
        int length;
        for (long at = packet.transport + Tcp.LENGTH; (length = TcpOptions.lengthAt(memory, at, packet.payload)) > 0; at += length) {
            final int kind = NetworkOrder.u8(memory, at);
            final boolean claim = claimKind != 0 && TtmOption.isClaim(kind, claimKind);
            if (kind != TcpOptions.NOP && (withSack || kind != TcpOptions.SACK) && !claim) {
                MemorySegment.copy(memory, at, kept, keptLength, length);
                keptLength += length;
            }
        }
        while ((keptLength & 3) != 0) {
            NetworkOrder.u8(kept, keptLength++, TcpOptions.NOP);
        }
        return keptLength;
    }
}
