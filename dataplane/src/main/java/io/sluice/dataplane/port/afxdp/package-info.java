/**
 * The port over AF_XDP sockets: a steering program hands over what is ours before the kernel's stack sees it.
 *
 * <pre>
 *   interface --&gt; SteeringProgram (XDP program) --(ours)--&gt; socket of the receive queue --+
 *                    `--(not ours)--&gt; the kernel's stack                            |
 *                                                                                  v
 *   AfXdpPort --+-- AfXdpReceiver ------ fill, rx ------------- Binding: one XskQueue for each queue of the lane
 *               +-- AfXdpTransmitter --- tx, completion --------'  (its first queue sends)
 *               +-- checkLink: makes a new Binding when the interface went away, came back or has other queues
 *
 *   Umem: the lane's FrameArena as the kernel knows it, shared by all sockets of all interfaces: forwarding copies nothing
 * </pre>
 *
 * <p>A frame belongs to the kernel from when it is put into a fill or tx ring until it comes out of an rx or completion
 * ring. {@link io.sluice.dataplane.port.afxdp.HeldFrames} remembers which these are, so that they come back when a socket
 * is closed under them.
 */
package io.sluice.dataplane.port.afxdp;
