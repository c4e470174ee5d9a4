package io.sluice.dataplane.neighbour;

import io.sluice.dataplane.wire.Address;
import io.sluice.dataplane.wire.Arp;
import io.sluice.dataplane.wire.Ethernet;
import io.sluice.dataplane.wire.NeighbourDiscovery;
import java.lang.foreign.MemorySegment;

/**
 * A host that uses an address, or is about to: what an ARP or neighbour discovery message says of its sender.
 *
 * @param high first eight bytes of the address (IPv4 mapped)
 * @param low  last eight bytes
 * @param mac  the host
 */
record Rival(long high, long low, long mac) {
    /**
     * Reads who claims which address: the sender of any ARP message claims its own, an advertisement its target, and a probe the
     * address that it asks for (RFC 5227, 2.1.1; RFC 4862, 5.4.3 and 5.4.4).
     *
     * @param frame  memory that starts with the Ethernet header
     * @param length bytes of the frame
     * @return the claim, or null if the frame makes none
     */
    static Rival read(final MemorySegment frame, final int length) {
        if (length < Ethernet.LENGTH) {
            return null;
        }
        return switch (Ethernet.type(frame, 0)) {
            case Ethernet.ARP -> readArp(frame, length);
            case Ethernet.IPV6 -> readNeighbourDiscovery(frame, length);
            default -> null;
        };
    }

    private static Rival readArp(final MemorySegment frame, final int length) {
        if (length < Arp.FRAME_LENGTH || !Arp.isEthernetIpv4(frame, Ethernet.LENGTH)) {
            return null;
        }
        final int operation = Arp.operation(frame, Ethernet.LENGTH);
        final int sender = Arp.sender(frame, Ethernet.LENGTH);
        if (sender == 0 && operation != Arp.REQUEST) {
            return null;
        }
        final int claimed = sender == 0 ? Arp.target(frame, Ethernet.LENGTH) : sender;
        return new Rival(Address.IPV4_HIGH, Address.lowOfIpv4(claimed), Arp.senderMac(frame, Ethernet.LENGTH));
    }

    private static Rival readNeighbourDiscovery(final MemorySegment frame, final int length) {
        if (!NeighbourDiscovery.isValid(frame, Ethernet.LENGTH, length)
            || !NeighbourDiscovery.isAdvertisement(frame, Ethernet.LENGTH) && !NeighbourDiscovery.isProbe(frame, Ethernet.LENGTH)) {
            return null;
        }
        return new Rival(NeighbourDiscovery.targetHigh(frame, Ethernet.LENGTH), NeighbourDiscovery.targetLow(frame, Ethernet.LENGTH),
            Ethernet.source(frame, 0));
    }
}
