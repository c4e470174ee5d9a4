package io.sluice.dataplane.os;

/**
 * Questions about a network interface, by name, in the network namespace where this was opened:
 * <a href="https://man7.org/linux/man-pages/man7/netdevice.7.html">netdevice(7)</a> and the ioctl {@code SIOCETHTOOL} of
 * <a href="https://man7.org/linux/man-pages/man8/ethtool.8.html">ethtool(8)</a>. Any thread. Numbers are negative numbers of
 * errno(3) when the kernel refuses, {@code ENODEV} if there is no such interface.
 */
public interface NetworkDevice extends AutoCloseable {
    /** {@link #flags}: the interface is administratively up. */
    int IFF_UP = 1;
    /** {@link #linkType}: the interface is Ethernet. */
    int ARPHRD_ETHER = 1;

    /**
     * What drives an interface.
     *
     * @param driver such as {@code ixgbe} or {@code veth}; empty if the kernel does not tell
     * @param bus    where the device is, such as {@code 0000:03:00.0}; empty for devices that are only software
     */
    record Driver(String driver, String bus) {
    }

    /**
     * Its number.
     *
     * @param name interface
     * @return 1 or more, or a negative errno
     */
    int index(String name);

    /**
     * Its state.
     *
     * @param name interface
     * @return {@link #IFF_UP} and other flags, or a negative errno
     */
    int flags(String name);

    /**
     * Its hardware type.
     *
     * @param name interface
     * @return {@link #ARPHRD_ETHER} or another {@code ARPHRD_} constant, or a negative errno
     */
    int linkType(String name);

    /**
     * The largest packet, without the Ethernet header.
     *
     * @param name interface
     * @return bytes, or a negative errno
     */
    int mtu(String name);

    /**
     * Its hardware address.
     *
     * @param name interface
     * @return six bytes; all zero if there is no such interface
     */
    byte[] mac(String name);

    /**
     * Its driver.
     *
     * @param name interface
     * @return what ethtool -i says
     */
    Driver driver(String name);

    /**
     * Receive queues in use: what {@code ethtool -l} calls combined and RX.
     *
     * @param name interface
     * @return 1 or more; 1 if the driver does not tell
     */
    int receiveQueues(String name);

    /**
     * Whether the device merges received packets (large receive offload), so that they cannot be forwarded.
     *
     * @param name interface
     * @return true if LRO is on
     */
    boolean isMergingReceived(String name);

    /**
     * Makes the device leave VLAN tags in received frames ({@code ethtool -K NAME rxvlan off}), so that XDP programs see them.
     *
     * @param name interface
     * @return true if the setting was changed by this call
     */
    boolean leaveVlanTags(String name);

    @Override
    void close();
}
