package io.sluice.dataplane.port.afxdp;

import io.sluice.dataplane.os.XdpSocket;
import io.sluice.dataplane.port.FrameArena;

/**
 * A socket on one queue, with the frames that the kernel has of it.
 *
 * @param number       of the queue
 * @param socket       bound
 * @param zeroCopy     the device reads and writes the frames itself
 * @param metadata     frames to be sent may ask for a checksum
 * @param receiving    frames in the fill and rx rings; receiving thread
 * @param transmitting frames in the tx and completion rings; sending thread
 */
record XskQueue(int number, XdpSocket socket, boolean zeroCopy, boolean metadata, HeldFrames receiving, HeldFrames transmitting) {
    static XskQueue of(final int number, final XdpSocket socket, final boolean zeroCopy, final boolean metadata,
                       final FrameArena arena) {
        return new XskQueue(number, socket, zeroCopy, metadata, new HeldFrames(arena), new HeldFrames(arena));
    }
}
