/**
 * The client behind the load balancer, for servers on Java 8 and newer.
 *
 * <pre>
 * SocketChannel --DescriptorOf--&gt; number of the open file ----.
 *      |                                                       +--LibC.getsockopt(1345)--&gt; TtmPeer
 *   both ends ----OpenSockets, where the JDK hides the number-'
 * </pre>
 */
package io.sluice.ttm;
