package io.sluice.dataplane.neighbour;

import io.sluice.dataplane.api.Cidr;
import io.sluice.dataplane.os.NetlinkAttributes;
import io.sluice.dataplane.os.NetlinkMessages;
import io.sluice.dataplane.os.Rtnetlink;
import io.sluice.dataplane.os.RtnetlinkNextHops;
import io.sluice.dataplane.wire.Address;
import java.util.ArrayList;
import java.util.List;

/**
 * A route of the main or the local table.
 *
 * @param prefix   destinations
 * @param kind     what happens to them
 * @param priority the kernel's metric, lower is better, larger ones cut to 31 bits; -1 for the local table, which the kernel asks first
 * @param mtu      bytes, or {@link Integer#MAX_VALUE} if the route sets none
 * @param nextHops one or several for {@link RouteKind#UNICAST}, else empty
 */
record Route(Cidr prefix, RouteKind kind, int priority, int mtu, List<NextHop> nextHops) {
    private static final int IPV4_PREFIX = 96;
    private static final int LOCAL_TABLE_FIRST = -1;

    /**
     * Reads a route.
     *
     * @param message an RTM_NEWROUTE
     * @return the route, or null if it is of no concern: other tables, other families, cached copies, chosen by TOS or source
     */
    static Route parse(final NetlinkMessages message) {
        final int family = message.u8(Rtnetlink.ROUTE_FAMILY);
        final boolean plain = message.u8(Rtnetlink.ROUTE_TOS) == 0 && message.u8(Rtnetlink.ROUTE_SOURCE_PREFIX) == 0
            && (message.s32(Rtnetlink.ROUTE_FLAGS) & Rtnetlink.RTM_F_CLONED) == 0;
        if (family != Rtnetlink.AF_INET && family != Rtnetlink.AF_INET6 || !plain) {
            return null;
        }
        return new Parser(family == Rtnetlink.AF_INET, message).route();
    }

    private static final class Parser {
        private final NetlinkMessages message;
        private final boolean ipv4;
        private final List<NextHop> nextHops = new ArrayList<>(1);
        private int table;
        private long high;
        private long low;
        private int priority;
        private int mtu = Integer.MAX_VALUE;
        private boolean encapsulated;
        private int interfaceIndex;
        private boolean onLink = true;
        private long gatewayHigh;
        private long gatewayLow;

        Parser(final boolean ipv4, final NetlinkMessages message) {
            this.ipv4 = ipv4;
            this.message = message;
            this.table = message.u8(Rtnetlink.ROUTE_TABLE);
            this.low = ipv4 ? Address.lowOfIpv4(0) : 0;
        }

        Route route() {
            final NetlinkAttributes attributes = message.attributes(Rtnetlink.ROUTE_LENGTH);
            while (attributes.next()) {
                read(attributes);
            }
            final int length = message.u8(Rtnetlink.ROUTE_PREFIX) + (ipv4 ? IPV4_PREFIX : 0);
            if (table != Rtnetlink.RT_TABLE_MAIN && table != Rtnetlink.RT_TABLE_LOCAL || length > 128) {
                return null;
            }
            final RouteKind kind = encapsulated ? RouteKind.OTHER : RouteKind.of(message.u8(Rtnetlink.ROUTE_TYPE));
            if (nextHops.isEmpty()) {
                addNextHop(interfaceIndex, 1, message.s32(Rtnetlink.ROUTE_FLAGS));
            }
            final int metric = priority < 0 ? Integer.MAX_VALUE : priority;
            return new Route(new Cidr(high, low, length), kind, table == Rtnetlink.RT_TABLE_LOCAL ? LOCAL_TABLE_FIRST : metric, mtu,
                kind == RouteKind.UNICAST ? List.copyOf(nextHops) : List.of());
        }

        private void read(final NetlinkAttributes attribute) {
            switch (attribute.type()) {
                case Rtnetlink.RTA_TABLE -> table = attribute.s32(table);
                case Rtnetlink.RTA_DST -> {
                    high = attribute.addressHigh(0);
                    low = attribute.addressLow(0);
                }
                case Rtnetlink.RTA_OIF -> interfaceIndex = attribute.s32(0);
                case Rtnetlink.RTA_PRIORITY -> priority = attribute.s32(0);
                case Rtnetlink.RTA_GATEWAY -> gateway(attribute, 0);
                case Rtnetlink.RTA_VIA -> gateway(attribute, 2);
                case Rtnetlink.RTA_METRICS -> metrics(attribute.nested(0));
                case Rtnetlink.RTA_ENCAP -> encapsulated = true;
                case Rtnetlink.RTA_MULTIPATH -> multipath(attribute.nextHops());
                default -> { }
            }
        }

        private void gateway(final NetlinkAttributes attribute, final int skip) {
            if (attribute.isAddress(skip)) {
                onLink = false;
                gatewayHigh = attribute.addressHigh(skip);
                gatewayLow = attribute.addressLow(skip);
            }
        }

        private void metrics(final NetlinkAttributes metrics) {
            while (metrics.next()) {
                if (metrics.type() == Rtnetlink.RTAX_MTU && metrics.s32(0) > 0) {
                    mtu = metrics.s32(0);
                }
            }
        }

        private void multipath(final RtnetlinkNextHops hops) {
            while (hops.next()) {
                onLink = true;
                final NetlinkAttributes attributes = hops.attributes();
                while (attributes.next()) {
                    switch (attributes.type()) {
                        case Rtnetlink.RTA_GATEWAY -> gateway(attributes, 0);
                        case Rtnetlink.RTA_VIA -> gateway(attributes, 2);
                        case Rtnetlink.RTA_ENCAP -> encapsulated = true;
                        default -> { }
                    }
                }
                addNextHop(hops.interfaceIndex(), hops.weight(), hops.flags());
            }
        }

        private void addNextHop(final int index, final int weight, final int flags) {
            final boolean dead = (flags & Rtnetlink.RTNH_F_DEAD) != 0;
            nextHops.add(new NextHop(index, onLink, onLink ? 0 : gatewayHigh, onLink ? 0 : gatewayLow, weight, dead));
        }
    }
}
