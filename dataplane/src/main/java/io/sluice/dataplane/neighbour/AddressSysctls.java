package io.sluice.dataplane.neighbour;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Kernel settings that would keep the host from answering ARP for our addresses. They are read, never changed:
 * <a href="https://docs.kernel.org/networking/ip-sysctl.html">ip-sysctl</a>.
 */
final class AddressSysctls {
    private static final int ONLY_SAME_INTERFACE = 1;
    private static final int ONLY_SAME_SUBNET = 2;
    private static final int NEVER = 8;

    private AddressSysctls() {
    }

    /**
     * Looks at the ports' settings, in the calling thread's network namespace.
     *
     * @param ports        interfaces that clients come by
     * @param address      an IPv4 address, as text
     * @param installedOn  its interface
     * @param warnings     gets a sentence for each obstacle
     */
    static void check(final List<String> ports, final String address, final String installedOn, final List<String> warnings) {
        for (final String port : ports) {
            final int ignore = Math.max(read("all"), read(port));
            if (ignore >= NEVER || ignore == ONLY_SAME_SUBNET) {
                warnings.add("net.ipv4.conf." + port + ".arp_ignore is " + ignore + ", so the kernel does not answer ARP for " + address
                    + " on " + port + ". Set it (and the one of \"all\") to 0, or route the address to this node");
            } else if (ignore == ONLY_SAME_INTERFACE && !port.equals(installedOn)) {
                warnings.add("net.ipv4.conf." + port + ".arp_ignore is 1 and " + address + " is on " + installedOn
                    + ", so the kernel does not answer ARP for it on " + port + ". Name " + port
                    + " as its interface, or set arp_ignore to 0, or route the address to this node");
            }
        }
    }

    private static int read(final String name) {
        try {
            return Integer.parseInt(Files.readString(Path.of("/proc/sys/net/ipv4/conf", name, "arp_ignore")).strip());
        } catch (final IOException | NumberFormatException e) {
            // The interface is gone, or /proc is not there: nothing to warn of.
            return 0;
        }
    }
}
