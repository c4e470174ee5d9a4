/**
 * The data plane: packets in, packets out.
 *
 * <pre>
 *                 +-------------------------- lane (one, or several side by side) ----------------------+
 *  NIC / veth --&gt; | PacketPort.poll --&gt; [ Disruptor of LaneEvent ] --&gt; PacketPath --&gt; PacketPort.flush  | --&gt; NIC / veth
 *                 |   frames stay in one FrameArena, only offsets travel       |                        |
 *                 +----------------------|-------------------------------------|------------------------+
 *                                        |                                     +--&gt; [ Disruptor of the lane that owns it ]
 *                                        | ConnectionEvent (opened, changed, closed)
 *                                        v
 *                    [ Disruptor of ConnectionEvent, in a write-ahead log ] --&gt; ConnectionStore (Chronicle Map)
 *
 *  control thread: ForwardingSpec --compile--&gt; ForwardingTable (immutable, one release store) --&gt; lanes
 *  fib thread:     rtnetlink --compile--&gt; Fib (immutable, one release store) --&gt; lanes
 *  lanes --&gt; counters file (mmap) --&gt; anybody, also when this process is dead
 * </pre>
 *
 * <p>{@code PacketPath} is one function, frame in, verdict out: the Disruptor's handlers, the tests, the pcap tool and the
 * benches all call it.
 */
package io.sluice.dataplane;
