package io.sluice.dataplane.os;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * The array of {@code struct mmsghdr} that recvmmsg(2) and sendmmsg(2) work on, with everything it points to except the
 * frames, laid out once in off-heap memory for the 64-bit ABI of Linux.
 *
 * <pre>
 *   header i, 64 bytes                        iovec i, 2 x 16 bytes         virtio header i, 16 bytes
 *   +------------------+                      +--------------------+        +------------------------+
 *   |  0 no name       |                      |  0 base, 8 len 10  |------->|  0 virtio_net_hdr  10  |
 *   | 16 msg_iov       |--------------------->| 16 base, 24 len    |--+     +------------------------+
 *   | 24 msg_iovlen 2  |                      +--------------------+  |
 *   | 32 no control    |                                              +---> the frame, in its arena
 *   | 48 msg_flags     |
 *   | 56 msg_len       |
 *   +------------------+
 * </pre>
 *
 * <p>One thread at a time; nothing here allocates after construction.
 */
public final class MessageBatch {
    /** Messages in one batch. */
    public static final int CAPACITY = 64;
    /** Bytes of the {@code struct virtio_net_hdr} before each frame. */
    public static final int VNET_HEADER_LENGTH = 10;

    private static final int HEADER_LENGTH = 64;
    private static final int IOV = 16;
    private static final int IOV_COUNT = 24;
    private static final int FLAGS = 48;
    private static final int LENGTH = 56;

    private static final int IOVEC_LENGTH = 32;
    private static final int FRAME_BASE = 16;
    private static final int FRAME_LENGTH = 24;

    private static final int VNET_HEADER_STRIDE = 16;
    private static final int MSG_TRUNC = 0x20;

    private static final long HEADERS = 0;
    private static final long IOVECS = HEADERS + (long) CAPACITY * HEADER_LENGTH;
    private static final long VNET_HEADERS = IOVECS + (long) CAPACITY * IOVEC_LENGTH;
    private static final long TOTAL = VNET_HEADERS + (long) CAPACITY * VNET_HEADER_STRIDE;

    private final MemorySegment memory;

    /** A batch whose messages have no buffers yet. */
    public MessageBatch() {
        memory = Arena.ofAuto().allocate(TOTAL, 64);
        for (int i = 0; i < CAPACITY; i++) {
            putPointer(header(i) + IOV, iovec(i));
            memory.set(ValueLayout.JAVA_LONG, header(i) + IOV_COUNT, 2);
            putPointer(iovec(i), vnetHeader(i));
            memory.set(ValueLayout.JAVA_LONG, iovec(i) + 8, VNET_HEADER_LENGTH);
        }
    }

    /**
     * The memory of all headers, for reading and writing {@link #vnetHeader virtio headers}.
     *
     * @return one segment
     */
    public MemorySegment memory() {
        return memory;
    }

    /**
     * Where a message's header is, as the kernel sees it.
     *
     * @param i index of the message
     * @return an address, not an offset
     */
    public long address(final int i) {
        return memory.address() + header(i);
    }

    /**
     * Where a message's {@code struct virtio_net_hdr} is.
     *
     * @param i index of the message
     * @return offset in {@link #memory()}
     */
    public long vnetHeader(final int i) {
        return VNET_HEADERS + (long) i * VNET_HEADER_STRIDE;
    }

    /**
     * Sets where a message's frame is or goes to.
     *
     * @param i       index of the message
     * @param address of the frame's first byte, an address and not an offset
     * @param length  bytes to send, or room to receive
     */
    public void buffer(final int i, final long address, final int length) {
        memory.set(ValueLayout.JAVA_LONG, iovec(i) + FRAME_BASE, address);
        memory.set(ValueLayout.JAVA_LONG, iovec(i) + FRAME_LENGTH, length);
    }

    /**
     * Bytes of a received frame.
     *
     * @param i index of the message
     * @return length without the virtio header; negative if the kernel delivered not even that
     */
    public int length(final int i) {
        return memory.get(ValueLayout.JAVA_INT, header(i) + LENGTH) - VNET_HEADER_LENGTH;
    }

    /**
     * Whether a received frame was longer than its buffer.
     *
     * @param i index of the message
     * @return true if its end is missing
     */
    public boolean isTruncated(final int i) {
        return (memory.get(ValueLayout.JAVA_INT, header(i) + FLAGS) & MSG_TRUNC) != 0;
    }

    private void putPointer(final long at, final long offset) {
        memory.set(ValueLayout.JAVA_LONG, at, memory.address() + offset);
    }

    private static long header(final int i) {
        return HEADERS + (long) i * HEADER_LENGTH;
    }

    private static long iovec(final int i) {
        return IOVECS + (long) i * IOVEC_LENGTH;
    }
}
