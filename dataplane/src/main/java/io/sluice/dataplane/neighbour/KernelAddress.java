package io.sluice.dataplane.neighbour;

import io.sluice.dataplane.api.Cidr;
import io.sluice.dataplane.os.NetlinkAttributes;
import io.sluice.dataplane.os.NetlinkMessages;
import io.sluice.dataplane.os.NetlinkRequest;
import io.sluice.dataplane.os.Rtnetlink;
import io.sluice.dataplane.os.RtnetlinkClient;
import io.sluice.dataplane.wire.Address;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/**
 * An address of this host.
 *
 * @param interfaceIndex interface
 * @param high           first eight bytes (IPv4 mapped)
 * @param low            last eight bytes
 * @param prefix         the connected prefix; the address alone if it has none
 */
record KernelAddress(int interfaceIndex, long high, long low, Cidr prefix) {
    private static final int ALL_BITS = 128;
    private static final int IPV4_PREFIX = 96;
    private static final int FOREVER = -1;

    /**
     * All addresses.
     *
     * @param kernel requests
     * @return in the kernel's order
     * @throws io.sluice.dataplane.os.NetlinkException if the kernel refuses
     */
    static List<KernelAddress> list(final RtnetlinkClient kernel) {
        final List<KernelAddress> found = new ArrayList<>();
        kernel.dump("list addresses", NetlinkRequest.dump(Rtnetlink.RTM_GETADDR, Rtnetlink.ADDRESS_LENGTH), found::clear, message -> {
            final KernelAddress address = message.type() == Rtnetlink.RTM_NEWADDR ? parse(message) : null;
            if (address != null) {
                found.add(address);
            }
        });
        return found;
    }

    /**
     * Reads an address.
     *
     * @param message an RTM_NEWADDR
     * @return the address, or null if it is none of IPv4 or IPv6
     */
    static KernelAddress parse(final NetlinkMessages message) {
        final int family = message.u8(0);
        final int length = message.u8(Rtnetlink.ADDRESS_PREFIX) + (family == Rtnetlink.AF_INET ? IPV4_PREFIX : 0);
        if (family != Rtnetlink.AF_INET && family != Rtnetlink.AF_INET6 || length > ALL_BITS) {
            return null;
        }
        boolean local = false;
        KernelAddress found = null;
        final NetlinkAttributes attributes = message.attributes(Rtnetlink.ADDRESS_LENGTH);
        while (attributes.next()) {
            final boolean isLocal = attributes.type() == Rtnetlink.IFA_LOCAL;
            if ((isLocal || attributes.type() == Rtnetlink.IFA_ADDRESS && !local) && attributes.isAddress(0)) {
                local |= isLocal;
                final long high = attributes.addressHigh(0);
                final long low = attributes.addressLow(0);
                found = new KernelAddress(message.s32(Rtnetlink.ADDRESS_INDEX), high, low, new Cidr(high, low, length));
            }
        }
        return found;
    }

    /**
     * Puts an address on an interface, alone: no prefix, no route to one, and usable at once, without the kernel's duplicate
     * address detection ({@link DuplicateProbe} has asked before). An IPv6 address is marked
     * deprecated, so that the kernel never chooses it as the source of the host's own connections.
     *
     * @param kernel         requests
     * @param address        the address
     * @param interfaceIndex where
     * @throws io.sluice.dataplane.os.NetlinkException if the kernel refuses
     */
    static void add(final RtnetlinkClient kernel, final InetAddress address, final int interfaceIndex) {
        final boolean ipv6 = address.getAddress().length == 16;
        final int flags = NetlinkRequest.CREATE | NetlinkRequest.EXCLUSIVE;
        final NetlinkRequest request = request(Rtnetlink.RTM_NEWADDR, flags, address, interfaceIndex)
            .attribute(Rtnetlink.IFA_FLAGS, Rtnetlink.IFA_F_NOPREFIXROUTE | (ipv6 ? Rtnetlink.IFA_F_NODAD : 0));
        if (ipv6) {
            request.attribute(Rtnetlink.IFA_CACHEINFO, ByteBuffer.allocate(16).order(ByteOrder.nativeOrder())
                .putInt(0).putInt(FOREVER).array());
        }
        kernel.change("add the address", request);
    }

    /**
     * Takes an address that {@link #add} has put from an interface.
     *
     * @param kernel         requests
     * @param address        the address
     * @param interfaceIndex where
     * @throws io.sluice.dataplane.os.NetlinkException if the kernel refuses
     */
    static void remove(final RtnetlinkClient kernel, final InetAddress address, final int interfaceIndex) {
        kernel.change("remove the address", request(Rtnetlink.RTM_DELADDR, 0, address, interfaceIndex));
    }

    boolean is(final InetAddress address) {
        return high == Address.high(address) && low == Address.low(address);
    }

    /** Whether it is alone, as {@link #add} makes it. */
    boolean isAlone() {
        return prefix.length() == ALL_BITS;
    }

    private static NetlinkRequest request(final int type, final int flags, final InetAddress address, final int interfaceIndex) {
        final int bits = address.getAddress().length * Byte.SIZE;
        final NetlinkRequest request = new NetlinkRequest(type, flags | NetlinkRequest.ACKNOWLEDGE)
            .u8(bits == ALL_BITS ? Rtnetlink.AF_INET6 : Rtnetlink.AF_INET).u8(bits).u8(0).u8(0)
            .u32(interfaceIndex);
        return request.attribute(Rtnetlink.IFA_LOCAL, address).attribute(Rtnetlink.IFA_ADDRESS, address);
    }
}
