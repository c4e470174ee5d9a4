package io.sluice.dataplane;

import io.sluice.dataplane.os.NetdevFamily;
import io.sluice.dataplane.os.NetlinkException;
import io.sluice.dataplane.os.NetworkDevice;
import io.sluice.dataplane.os.ffm.FfmNetworkDevice;
import io.sluice.dataplane.os.ffm.NetlinkSocket;
import java.util.ArrayList;
import java.util.List;

/**
 * What the interfaces' drivers can do with AF_XDP, and the kind of port that follows from it.
 *
 * @param afXdp    every driver has native XDP and zero-copy
 * @param findings one sentence for each interface
 */
record PortSurvey(boolean afXdp, List<String> findings) {
    /** Looks at interfaces of the calling thread's network namespace. */
    static PortSurvey of(final List<String> interfaces) {
        final List<String> findings = new ArrayList<>();
        boolean all = true;
        try (NetworkDevice device = FfmNetworkDevice.open(); NetdevFamily netdev = new NetdevFamily(NetlinkSocket.openGeneric())) {
            for (final String name : interfaces) {
                final int index = device.index(name);
                final NetdevFamily.Features features = index <= 0 ? new NetdevFamily.Features(0, 0) : features(netdev, index);
                all &= features != null && isFast(features);
                findings.add(name + ": " + describe(device.driver(name).driver(), index, features));
            }
        }
        return new PortSurvey(all, findings);
    }

    /** One line for an operator. */
    String explain() {
        return "dataplane.port: auto has chosen " + (afXdp ? "af_xdp, since every driver has it without copying"
            : "af_packet, since af_xdp is only worth it where every driver has it without copying") + " (" + String.join("; ", findings)
            + ")";
    }

    private static NetdevFamily.Features features(final NetdevFamily netdev, final int index) {
        try {
            return netdev.features(index);
        } catch (final NetlinkException e) {
            return null;
        }
    }

    private static boolean isFast(final NetdevFamily.Features features) {
        final long needed = NetdevFamily.XDP_BASIC | NetdevFamily.XSK_ZEROCOPY;
        return (features.xdp() & needed) == needed;
    }

    private static String describe(final String driver, final int index, final NetdevFamily.Features features) {
        if (index <= 0) {
            return "does not exist";
        }
        final String named = driver.isEmpty() ? "its driver" : "driver " + driver;
        if (features == null) {
            return named + ", and this kernel does not tell what it can do (Linux 6.3 does)";
        }
        if (isFast(features)) {
            return named + " has zero-copy";
        }
        return named + ((features.xdp() & NetdevFamily.XDP_BASIC) != 0 ? " has native XDP but no zero-copy" : " has no native XDP");
    }
}
