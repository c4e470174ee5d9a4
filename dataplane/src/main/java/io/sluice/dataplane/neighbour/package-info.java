/**
 * Routes, links and neighbours, taken from the kernel by rtnetlink: there is no second ARP or ND stack here.
 *
 * <p>One thread follows the kernel's notifications and publishes an immutable {@link io.sluice.dataplane.neighbour.Fib};
 * lanes read the newest once per cycle and ask for neighbours that are missing.
 */
package io.sluice.dataplane.neighbour;
