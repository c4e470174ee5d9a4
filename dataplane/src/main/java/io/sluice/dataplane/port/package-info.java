/**
 * Packet ports: where frames come from and where they leave. A port never copies a frame it can pass by offset.
 *
 * <pre>
 *                      FrameArena (one memory, frames of equal stride)
 *                           ^ offsets only
 *   PacketPort.poll --> Burst (up to 64 frame descriptors) --> packet path --> PacketPort.transmit, flush
 *                           |                                                          |
 *                           +------------- FramePool.take / release -------------------+
 * </pre>
 */
package io.sluice.dataplane.port;
