package io.sluice.dataplane.port;

import io.sluice.dataplane.api.DataplaneException;
import io.sluice.dataplane.os.Errno;
import io.sluice.dataplane.os.NetworkDevice;
import io.sluice.dataplane.os.ffm.InterfaceNames;

/** What every kind of port asks of its interface. */
public final class EthernetInterface {
    private EthernetInterface() {
    }

    /**
     * Makes sure that there is an interface and that its frames are Ethernet.
     *
     * @param device to ask, in the interface's network namespace
     * @param name   of the interface
     * @throws DataplaneException if not, with the next step
     */
    public static void require(final NetworkDevice device, final String name) {
        final int type = device.linkType(name);
        if (type == -Errno.ENODEV) {
            throw new DataplaneException("there is no network interface " + name + ". There are: "
                + String.join(", ", InterfaceNames.list()) + ". Correct the name of the port in the configuration.");
        }
        if (type < 0) {
            throw new DataplaneException("cannot look at interface " + name + ": " + Errno.describe(-type)
                + ". Check it with: ip link show " + name);
        }
        if (type != NetworkDevice.ARPHRD_ETHER) {
            throw new DataplaneException("interface " + name + " is not Ethernet (its link type is " + type
                + ", Ethernet is 1): its frames have no MAC addresses. Use an Ethernet interface, such as a NIC, a VLAN, a"
                + " bridge or a veth.");
        }
    }
}
