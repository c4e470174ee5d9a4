package io.sluice.dataplane.api;

import java.net.InetAddress;

/**
 * A virtual address and where it is installed.
 *
 * @param address       the VIP
 * @param interfaceName where the kernel gets it, or null to choose: the interface with the connected prefix, else lo
 */
public record VirtualAddressSpec(InetAddress address, String interfaceName) {
}
