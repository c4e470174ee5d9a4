package io.sluice.dataplane.os;

/**
 * What drivers can do with XDP, as the kernel tells it: the generic netlink family
 * <a href="https://docs.kernel.org/networking/netlink_spec/netdev.html">netdev</a>, since Linux 6.3. One thread at a time.
 */
public final class NetdevFamily implements AutoCloseable {
    /** {@link Features#xdp}: runs XDP programs in the driver. */
    public static final long XDP_BASIC = 1;
    /** {@link Features#xdp}: AF_XDP without copying. */
    public static final long XSK_ZEROCOPY = 8;
    /** {@link Features#xsk}: fills in the checksums of AF_XDP frames in zero-copy mode. */
    public static final long XSK_TX_CHECKSUM = 2;

    private static final int CONTROL_FAMILY = 16;
    private static final int GET_FAMILY = 3;
    private static final int FAMILY_ID = 1;
    private static final int FAMILY_NAME = 2;
    private static final int DEV_GET = 1;
    private static final int DEV_IFINDEX = 1;
    private static final int DEV_XDP_FEATURES = 3;
    private static final int DEV_XSK_FEATURES = 6;
    private static final int GENERIC_HEADER = 4;
    private static final int VERSION = 1;

    private final RtnetlinkClient kernel;
    private int family;

    /**
     * Takes over a socket.
     *
     * @param netlink of generic netlink; closed with this
     */
    public NetdevFamily(final Netlink netlink) {
        this.kernel = new RtnetlinkClient(netlink);
    }

    /**
     * Features of a device.
     *
     * @param xdp bits {@link #XDP_BASIC}, {@link #XSK_ZEROCOPY} and others
     * @param xsk bit {@link #XSK_TX_CHECKSUM} and others
     */
    public record Features(long xdp, long xsk) {
    }

    /**
     * What a device's driver can do.
     *
     * @param interfaceIndex of the device
     * @return its features, or null if this kernel does not tell
     * @throws NetlinkException if there is no such device, or the kernel refuses
     */
    public Features features(final int interfaceIndex) {
        if (!findFamily()) {
            return null;
        }
        final long[] found = new long[2];
        kernel.ask("ask what the driver can do with XDP", request(family, DEV_GET).attribute(DEV_IFINDEX, interfaceIndex), answer -> {
            final NetlinkAttributes attributes = answer.attributes(GENERIC_HEADER);
            while (attributes.next()) {
                if (attributes.type() == DEV_XDP_FEATURES) {
                    found[0] = attributes.s64(0);
                } else if (attributes.type() == DEV_XSK_FEATURES) {
                    found[1] = attributes.s64(0);
                }
            }
        });
        return new Features(found[0], found[1]);
    }

    private boolean findFamily() {
        if (family != 0) {
            return true;
        }
        try {
            kernel.ask("find the netlink family netdev", request(CONTROL_FAMILY, GET_FAMILY).attribute(FAMILY_NAME, "netdev"), answer -> {
                final NetlinkAttributes attributes = answer.attributes(GENERIC_HEADER);
                while (attributes.next()) {
                    family = attributes.type() == FAMILY_ID ? attributes.u16(0) : family;
                }
            });
        } catch (final NetlinkException e) {
            if (e.errno() != Errno.ENOENT) {
                throw e;
            }
        }
        return family != 0;
    }

    private static NetlinkRequest request(final int type, final int command) {
        return new NetlinkRequest(type, NetlinkRequest.ACKNOWLEDGE).u8(command).u8(VERSION).u16(0);
    }

    @Override
    public void close() {
        kernel.close();
    }
}
