/**
 * The port over a raw packet socket: any interface, any driver, and GSO super-frames cross it whole.
 *
 * <pre>
 *   AfPacketPort --+-- AfPacketReceiver --+-- ring ------+
 *                  |                      +-- recvmmsg --+-- PacketSocket -- interface
 *                  +-- AfPacketTransmitter -- sendmmsg --+
 *                  +-- Link: is the interface there and up?
 * </pre>
 */
package io.sluice.dataplane.port.afpacket;
