/**
 * The lane: ports, the Disruptor between them, and the packet path.
 *
 * <pre>
 *              +--------------------------------- Lane ----------------------------------+
 *   ports ---> | Receiver --> [ Disruptor of LaneEvent ] --> PacketPath --> Sender       | ---> ports
 *              |                                                 |                       |
 *              +-------------------------------------------------|-----------------------+
 *                                                                v ConnectionEvent
 *   PacketPath, for each frame of the burst:
 *
 *     Classifier --> ConnectionTable --(none)--> Opener: listener, ACL, limits, scheduler, lease
 *                         |                        |
 *                         v                        v
 *                     Tracker: TCP state, sequence numbers, idle time
 *                         |
 *                         v
 *                     Forwarder: way out, MTU, FullNat         IcmpPath: errors, pings
 *
 *   between bursts: Reaper: idle timeouts, refresh of the table of record, connections of removed listeners
 * </pre>
 */
package io.sluice.dataplane.pipeline;
