package io.sluice.dataplane.neighbour;

import io.sluice.dataplane.os.NetlinkAttributes;
import io.sluice.dataplane.os.NetlinkMessages;
import io.sluice.dataplane.os.NetlinkRequest;
import io.sluice.dataplane.os.Rtnetlink;
import io.sluice.dataplane.os.RtnetlinkClient;
import java.util.HashMap;
import java.util.Map;

/**
 * A network interface as the kernel describes it.
 *
 * @param index interface index
 * @param name  interface name
 * @param up    administratively up, with carrier
 * @param mtu   bytes
 * @param mac   48 bits, or -1 if the interface has no such address
 */
record Link(int index, String name, boolean up, int mtu, long mac) {
    private static final int READY = Rtnetlink.IFF_UP | Rtnetlink.IFF_RUNNING;

    /**
     * All links.
     *
     * @param kernel requests
     * @return by interface index
     * @throws io.sluice.dataplane.os.NetlinkException if the kernel refuses
     */
    static Map<Integer, Link> list(final RtnetlinkClient kernel) {
        final Map<Integer, Link> found = new HashMap<>();
        kernel.dump("list links", NetlinkRequest.dump(Rtnetlink.RTM_GETLINK, Rtnetlink.LINK_LENGTH), found::clear, message -> {
            final Link link = message.type() == Rtnetlink.RTM_NEWLINK ? parse(message) : null;
            if (link != null) {
                found.put(link.index(), link);
            }
        });
        return Map.copyOf(found);
    }

    /**
     * Reads a link.
     *
     * @param message an RTM_NEWLINK
     * @return the link, or null if the message is not whole
     */
    static Link parse(final NetlinkMessages message) {
        String name = null;
        int mtu = 0;
        long mac = -1;
        final NetlinkAttributes attributes = message.attributes(Rtnetlink.LINK_LENGTH);
        while (attributes.next()) {
            switch (attributes.type()) {
                case Rtnetlink.IFLA_IFNAME -> name = attributes.text();
                case Rtnetlink.IFLA_MTU -> mtu = attributes.s32(0);
                case Rtnetlink.IFLA_ADDRESS -> mac = attributes.mac();
                default -> { }
            }
        }
        final boolean up = (message.s32(Rtnetlink.LINK_FLAGS) & READY) == READY;
        return name == null ? null : new Link(message.s32(Rtnetlink.LINK_INDEX), name, up, mtu, mac);
    }
}
