/**
 * Routes, links and neighbours, taken from the kernel by rtnetlink: there is no second ARP or ND stack here. Only the two things
 * that the kernel leaves to others are done by raw packets: to ask whether another host uses an address before it is installed,
 * and to announce it afterwards.
 *
 * <p>One thread follows the kernel's notifications and publishes an immutable {@link io.sluice.dataplane.neighbour.Fib};
 * lanes read the newest once per cycle and ask for neighbours that are missing.
 */
package io.sluice.dataplane.neighbour;
