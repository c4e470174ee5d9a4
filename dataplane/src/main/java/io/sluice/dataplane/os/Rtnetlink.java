package io.sluice.dataplane.os;

/**
 * Numbers of <a href="https://man7.org/linux/man-pages/man7/rtnetlink.7.html">rtnetlink(7)</a>: message types, the lengths
 * and offsets of their fixed parts, attributes, multicast groups. From {@code linux/rtnetlink.h}, {@code linux/if_link.h},
 * {@code linux/if_addr.h}, {@code linux/neighbour.h}.
 */
public final class Rtnetlink {
    /** Any address family. */
    public static final int AF_UNSPEC = 0;
    /** IPv4. */
    public static final int AF_INET = 2;
    /** IPv6. */
    public static final int AF_INET6 = 10;

    /** An answer: an error number, or 0 for success. */
    public static final int NLMSG_ERROR = 2;
    /** The end of a dump. */
    public static final int NLMSG_DONE = 3;
    /** Header flag of a dump that a change has interrupted: it may be inconsistent. */
    public static final int NLM_F_DUMP_INTR = 0x10;
    /** Attribute of an error answer: words for people. */
    public static final int NLMSGERR_ATTR_MSG = 1;

    /** A link appeared or changed. */
    public static final int RTM_NEWLINK = 16;
    /** A link is gone. */
    public static final int RTM_DELLINK = 17;
    /** Asks for links. */
    public static final int RTM_GETLINK = 18;
    /** An address. */
    public static final int RTM_NEWADDR = 20;
    /** An address is gone, or shall go. */
    public static final int RTM_DELADDR = 21;
    /** Asks for addresses. */
    public static final int RTM_GETADDR = 22;
    /** A route. */
    public static final int RTM_NEWROUTE = 24;
    /** A route is gone. */
    public static final int RTM_DELROUTE = 25;
    /** Asks for routes. */
    public static final int RTM_GETROUTE = 26;
    /** A neighbour. */
    public static final int RTM_NEWNEIGH = 28;
    /** A neighbour is gone. */
    public static final int RTM_DELNEIGH = 29;
    /** Asks for neighbours. */
    public static final int RTM_GETNEIGH = 30;
    /** Makes a queueing discipline. */
    public static final int RTM_NEWQDISC = 36;
    /** Removes a queueing discipline. */
    public static final int RTM_DELQDISC = 37;
    /** Asks for queueing disciplines. */
    public static final int RTM_GETQDISC = 38;
    /** Makes a traffic filter. */
    public static final int RTM_NEWTFILTER = 44;
    /** Removes a traffic filter. */
    public static final int RTM_DELTFILTER = 45;
    /** Asks for traffic filters. */
    public static final int RTM_GETTFILTER = 46;

    /** Notifications about links. */
    public static final int RTNLGRP_LINK = 1;
    /** Notifications about neighbours. */
    public static final int RTNLGRP_NEIGH = 3;
    /** Notifications about IPv4 addresses. */
    public static final int RTNLGRP_IPV4_IFADDR = 5;
    /** Notifications about IPv4 routes. */
    public static final int RTNLGRP_IPV4_ROUTE = 7;
    /** Notifications about IPv6 addresses. */
    public static final int RTNLGRP_IPV6_IFADDR = 9;
    /** Notifications about IPv6 routes. */
    public static final int RTNLGRP_IPV6_ROUTE = 11;

    /** Bytes of struct ifinfomsg. */
    public static final int LINK_LENGTH = 16;
    /** In ifinfomsg: interface index. */
    public static final int LINK_INDEX = 4;
    /** In ifinfomsg: IFF_ flags. */
    public static final int LINK_FLAGS = 8;
    /** Link-layer address. */
    public static final int IFLA_ADDRESS = 1;
    /** Name. */
    public static final int IFLA_IFNAME = 3;
    /** MTU in bytes. */
    public static final int IFLA_MTU = 4;
    /** Administratively up. */
    public static final int IFF_UP = 0x1;
    /** Carrier and ready. */
    public static final int IFF_RUNNING = 0x40;

    /** Bytes of struct ifaddrmsg. */
    public static final int ADDRESS_LENGTH = 8;
    /** In ifaddrmsg: prefix length. */
    public static final int ADDRESS_PREFIX = 1;
    /** In ifaddrmsg: interface index. */
    public static final int ADDRESS_INDEX = 4;
    /** The address, or a point-to-point peer's. */
    public static final int IFA_ADDRESS = 1;
    /** The interface's own address where it differs from IFA_ADDRESS; always there for IPv4. */
    public static final int IFA_LOCAL = 2;
    /** Lifetimes: struct ifa_cacheinfo. */
    public static final int IFA_CACHEINFO = 6;
    /** IFA_F_ flags, 32 bits. */
    public static final int IFA_FLAGS = 8;
    /** No duplicate address detection. */
    public static final int IFA_F_NODAD = 0x02;
    /** No route for the prefix. */
    public static final int IFA_F_NOPREFIXROUTE = 0x200;

    /** Bytes of struct rtmsg. */
    public static final int ROUTE_LENGTH = 12;
    /** In rtmsg: address family. */
    public static final int ROUTE_FAMILY = 0;
    /** In rtmsg: destination prefix length. */
    public static final int ROUTE_PREFIX = 1;
    /** In rtmsg: source prefix length. */
    public static final int ROUTE_SOURCE_PREFIX = 2;
    /** In rtmsg: type of service. */
    public static final int ROUTE_TOS = 3;
    /** In rtmsg: table, if it fits eight bits. */
    public static final int ROUTE_TABLE = 4;
    /** In rtmsg: RTN_ type. */
    public static final int ROUTE_TYPE = 7;
    /** In rtmsg: RTM_F_ and RTNH_F_ flags. */
    public static final int ROUTE_FLAGS = 8;
    /** A cached copy, not a route. */
    public static final int RTM_F_CLONED = 0x200;
    /** Destination. */
    public static final int RTA_DST = 1;
    /** Outgoing interface. */
    public static final int RTA_OIF = 4;
    /** Gateway of the route's family. */
    public static final int RTA_GATEWAY = 5;
    /** Metric: lower is better. */
    public static final int RTA_PRIORITY = 6;
    /** Nested RTAX_ attributes. */
    public static final int RTA_METRICS = 8;
    /** Several next hops. */
    public static final int RTA_MULTIPATH = 9;
    /** Table, 32 bits. */
    public static final int RTA_TABLE = 15;
    /** Gateway of another family: 16 bits family, then the address. */
    public static final int RTA_VIA = 18;
    /** Encapsulation of packets. */
    public static final int RTA_ENCAP = 22;
    /** MTU of a route. */
    public static final int RTAX_MTU = 2;
    /** A next hop that cannot be used. */
    public static final int RTNH_F_DEAD = 1;
    /** The main table. */
    public static final int RT_TABLE_MAIN = 254;
    /** The table of this host's own addresses. */
    public static final int RT_TABLE_LOCAL = 255;

    /** Bytes of struct ndmsg. */
    public static final int NEIGHBOUR_LENGTH = 12;
    /** In ndmsg: interface index. */
    public static final int NEIGHBOUR_INDEX = 4;
    /** In ndmsg: NUD_ state. */
    public static final int NEIGHBOUR_STATE = 8;
    /** In ndmsg: NTF_ flags. */
    public static final int NEIGHBOUR_FLAGS = 10;
    /** The neighbour's address. */
    public static final int NDA_DST = 1;
    /** The neighbour's link-layer address. */
    public static final int NDA_LLADDR = 2;
    /** Behave as if the neighbour had just been sent a packet: resolve it, or check it. */
    public static final int NTF_USE = 0x01;

    private Rtnetlink() {
    }
}
