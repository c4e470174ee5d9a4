package io.sluice.dataplane.neighbour;

import io.sluice.dataplane.os.NetlinkAttributes;
import io.sluice.dataplane.os.NetlinkMessages;
import io.sluice.dataplane.os.Rtnetlink;

/**
 * An entry of the kernel's ARP or ND table.
 *
 * @param hop   who
 * @param state NUD_ state
 * @param mac   48 bits, or -1 while unknown
 */
record Neighbour(Hop hop, int state, long mac) {
    static final int NUD_INCOMPLETE = 0x01;
    static final int NUD_REACHABLE = 0x02;
    static final int NUD_STALE = 0x04;
    static final int NUD_DELAY = 0x08;
    static final int NUD_PROBE = 0x10;
    static final int NUD_FAILED = 0x20;
    static final int NUD_PERMANENT = 0x80;
    private static final int USABLE = NUD_REACHABLE | NUD_STALE | NUD_DELAY | NUD_PROBE | NUD_PERMANENT;

    /**
     * A neighbour's place: link-local addresses are the same on every interface.
     *
     * @param interfaceIndex interface
     * @param high           address, first eight bytes (IPv4 mapped)
     * @param low            address, last eight bytes
     */
    record Hop(int interfaceIndex, long high, long low) {
    }

    /**
     * Reads a neighbour.
     *
     * @param message an RTM_NEWNEIGH
     * @return the neighbour, or null if it is none of IPv4 or IPv6
     */
    static Neighbour parse(final NetlinkMessages message) {
        final int family = message.u8(0);
        if (family != Rtnetlink.AF_INET && family != Rtnetlink.AF_INET6) {
            return null;
        }
        Hop hop = null;
        long mac = -1;
        final NetlinkAttributes attributes = message.attributes(Rtnetlink.NEIGHBOUR_LENGTH);
        while (attributes.next()) {
            if (attributes.type() == Rtnetlink.NDA_DST && attributes.isAddress(0)) {
                hop = new Hop(message.s32(Rtnetlink.NEIGHBOUR_INDEX), attributes.addressHigh(0), attributes.addressLow(0));
            } else if (attributes.type() == Rtnetlink.NDA_LLADDR) {
                mac = attributes.mac();
            }
        }
        return hop == null ? null : new Neighbour(hop, message.u16(Rtnetlink.NEIGHBOUR_STATE), mac);
    }

    boolean usable() {
        return (state & USABLE) != 0 && mac >= 0;
    }

    String stateName() {
        return switch (state) {
            case NUD_INCOMPLETE -> "INCOMPLETE";
            case NUD_REACHABLE -> "REACHABLE";
            case NUD_STALE -> "STALE";
            case NUD_DELAY -> "DELAY";
            case NUD_PROBE -> "PROBE";
            case NUD_FAILED -> "FAILED";
            case NUD_PERMANENT -> "PERMANENT";
            default -> "state " + state;
        };
    }
}
