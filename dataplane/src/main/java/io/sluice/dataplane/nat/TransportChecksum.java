package io.sluice.dataplane.nat;

import io.sluice.dataplane.classify.Packet;
import io.sluice.dataplane.wire.Checksum;
import io.sluice.dataplane.wire.NetworkOrder;
import io.sluice.dataplane.wire.Tcp;
import io.sluice.dataplane.wire.Udp;

/**
 * Carries a TCP or UDP checksum over a change of its headers.
 *
 * <p>Between {@link #open} and {@link #close} any header field may change, and the header may grow or shrink: the difference
 * of the sums over the whole header and pseudo-header before and after goes into the checksum (RFC 1624, with m = header).
 * The payload is not read, and a packet that arrived broken leaves broken. A partial checksum is simply written anew, since
 * it covers only the pseudo-header. One per lane.
 */
final class TransportChecksum {
    private int checksum;
    private long oldSum;
    private boolean partial;
    private boolean absent;

    /**
     * Takes the checksum out of the header.
     *
     * @param packet a packet with a TCP or UDP header
     */
    void open(final Packet packet) {
        final long field = packet.transport + field(packet);
        checksum = NetworkOrder.u16(packet.memory, field);
        partial = packet.isChecksumPartial();
        absent = checksum == 0 && !packet.isTcp() && !partial;
        NetworkOrder.u16(packet.memory, field, 0);
        if (!partial) {
            oldSum = Checksum.sum(packet.memory, packet.transport, (int) (packet.payload - packet.transport))
                + Checksum.pseudoHeader(packet.sourceHigh, packet.sourceLow, packet.destinationHigh, packet.destinationLow,
                packet.protocol, length(packet, packet.transport));
        }
    }

    /**
     * Whether the datagram came without a checksum and the other family needs one that cannot be made up, because the rest
     * of the datagram is in other fragments.
     *
     * @param packet      the packet
     * @param translation what it becomes
     * @return true if it cannot be translated
     */
    static boolean isUnknowable(final Packet packet, final Translation translation) {
        return !translation.ipv4 && packet.fragment && !packet.isTcp() && packet.hasTransport
            && NetworkOrder.u16(packet.memory, packet.transport + Udp.CHECKSUM) == 0;
    }

    /**
     * Writes the checksum of the new header.
     *
     * @param packet       the packet as it was
     * @param translation  its new addresses
     * @param transport    offset of the new transport header
     * @param headerLength bytes of it, with anything put between it and the old payload
     */
    void close(final Packet packet, final Translation translation, final long transport, final int headerLength) {
        final int length = length(packet, transport);
        final long pseudo = Checksum.pseudoHeader(translation.sourceHigh, translation.sourceLow, translation.destinationHigh,
            translation.destinationLow, packet.protocol, length);
        final int value;
        if (partial) {
            value = Checksum.fold(pseudo);
        } else if (!absent) {
            final int updated = Checksum.update(checksum, oldSum, pseudo + Checksum.sum(packet.memory, transport, headerLength));
            value = packet.isTcp() ? updated : Udp.sent(updated);
        } else if (translation.ipv4) {
            value = 0;
        } else {
            value = Udp.sent(Checksum.finish(pseudo + Checksum.sum(packet.memory, transport, length)));
        }
        NetworkOrder.u16(packet.memory, transport + field(packet), value);
    }

    /** What the checksum covers; a datagram may be shorter than its packet (RFC 9868). */
    private static int length(final Packet packet, final long transport) {
        return packet.isTcp() ? (int) (packet.end - transport) : NetworkOrder.u16(packet.memory, transport + Udp.DATAGRAM_LENGTH);
    }

    /**
     * Where the checksum is in the transport header.
     *
     * @param packet a TCP or UDP packet
     * @return 16 or 6
     */
    static int field(final Packet packet) {
        return packet.isTcp() ? Tcp.CHECKSUM : Udp.CHECKSUM;
    }
}
