package io.sluice.dataplane.os;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * The array of {@code struct mmsghdr} that recvmmsg(2) and sendmmsg(2) work on, with everything it points to except the
 * frames, laid out once in off-heap memory for the 64-bit ABI of Linux.
 *
 * <pre>
 *   header i, 64 bytes                        iovec i, 2 x 16 bytes         ancillary i, 128 bytes
 *   +------------------+                      +--------------------+        +------------------------+
 *   |  0 msg_name      |--------------------------------------------------->| 16 sockaddr_ll     20  |
 *   |  8 msg_namelen   |                      |  0 base, 8 len 10  |------->|  0 virtio_net_hdr  10  |
 *   | 16 msg_iov       |--------------------->| 16 base, 24 len    |--+     |                        |
 *   | 24 msg_iovlen 2  |                      +--------------------+  |     |                        |
 *   | 32 msg_control   |--------------------------------------------------->| 48 cmsghdr+auxdata 40  |
 *   | 40 msg_controllen|                                              |     +------------------------+
 *   | 48 msg_flags     |                                              +---> the frame, in its arena
 *   | 56 msg_len       |
 *   +------------------+
 * </pre>
 *
 * <p>Batches for sending have neither name nor control. One thread at a time; nothing here allocates after construction.
 */
public final class MessageBatch {
    /** Messages in one batch. */
    public static final int CAPACITY = 64;
    /** Bytes of the {@code struct virtio_net_hdr} before each frame. */
    public static final int VNET_HEADER_LENGTH = 10;

    /** {@code sll_pkttype}: the frame is addressed to another host. */
    public static final int PACKET_OTHERHOST = 3;
    /** {@code sll_pkttype}: the frame was sent by this host. */
    public static final int PACKET_OUTGOING = 4;

    private static final int HEADER_LENGTH = 64;
    private static final int NAME = 0;
    private static final int NAME_LENGTH = 8;
    private static final int IOV = 16;
    private static final int IOV_COUNT = 24;
    private static final int CONTROL = 32;
    private static final int CONTROL_LENGTH = 40;
    private static final int FLAGS = 48;
    private static final int LENGTH = 56;

    private static final int IOVEC_LENGTH = 32;
    private static final int FRAME_BASE = 16;
    private static final int FRAME_LENGTH = 24;

    private static final int ANCILLARY_LENGTH = 128;
    private static final int ADDRESS = 16;
    private static final int ADDRESS_LENGTH = 20;
    private static final int PACKET_TYPE = ADDRESS + 10;
    private static final int CMSG = 48;
    private static final int CMSG_LENGTH = 40;
    private static final int CMSG_LEVEL = CMSG + 8;
    private static final int CMSG_TYPE = CMSG + 12;
    private static final int AUX_STATUS = CMSG + 16;
    private static final int AUX_VLAN_TCI = CMSG + 32;

    private static final int SOL_PACKET = 263;
    private static final int PACKET_AUXDATA = 8;
    private static final int TP_STATUS_VLAN_VALID = 1 << 4;
    private static final int VLAN_ID_MASK = 0xfff;
    private static final int MSG_TRUNC = 0x20;

    private static final long HEADERS = 0;
    private static final long IOVECS = HEADERS + (long) CAPACITY * HEADER_LENGTH;
    private static final long ANCILLARIES = IOVECS + (long) CAPACITY * IOVEC_LENGTH;
    private static final long TOTAL = ANCILLARIES + (long) CAPACITY * ANCILLARY_LENGTH;

    private final MemorySegment memory;

    private MessageBatch(final boolean receiving) {
        memory = Arena.ofAuto().allocate(TOTAL, 64);
        for (int i = 0; i < CAPACITY; i++) {
            putPointer(header(i) + IOV, iovec(i));
            memory.set(ValueLayout.JAVA_LONG, header(i) + IOV_COUNT, 2);
            putPointer(iovec(i), vnetHeader(i));
            memory.set(ValueLayout.JAVA_LONG, iovec(i) + 8, VNET_HEADER_LENGTH);
            if (receiving) {
                putPointer(header(i) + NAME, ancillary(i) + ADDRESS);
                putPointer(header(i) + CONTROL, ancillary(i) + CMSG);
                rearm(i);
            }
        }
    }

    /**
     * A batch for {@link PacketSocket#receive}.
     *
     * @return a batch whose messages have no buffers yet
     */
    public static MessageBatch forReceiving() {
        return new MessageBatch(true);
    }

    /**
     * A batch for {@link PacketSocket#send}.
     *
     * @return a batch whose messages have no buffers yet
     */
    public static MessageBatch forSending() {
        return new MessageBatch(false);
    }

    /**
     * The memory of headers and ancillary data, for reading and writing {@link #vnetHeader virtio headers}.
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
        return ancillary(i);
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
     * Makes a message that was received ready to be received into again: the kernel has overwritten its lengths.
     *
     * @param i index of the message
     */
    public void rearm(final int i) {
        memory.set(ValueLayout.JAVA_INT, header(i) + NAME_LENGTH, ADDRESS_LENGTH);
        memory.set(ValueLayout.JAVA_LONG, header(i) + CONTROL_LENGTH, CMSG_LENGTH);
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

    /**
     * Whom a received frame is addressed to, as the kernel sees it.
     *
     * @param i index of the message
     * @return {@link #PACKET_OTHERHOST}, {@link #PACKET_OUTGOING} or another {@code PACKET_} constant of packet(7)
     */
    public int packetType(final int i) {
        return memory.get(ValueLayout.JAVA_BYTE, ancillary(i) + PACKET_TYPE);
    }

    /**
     * The VLAN of a received frame whose tag the kernel took off. Frames tagged with VLAN 0 carry only a priority and
     * belong to the interface itself (IEEE 802.1Q, 9.6), so they count as untagged.
     *
     * @param i index of the message
     * @return VLAN id, or 0 for an untagged frame
     */
    public int vlanId(final int i) {
        final long at = ancillary(i);
        if (memory.get(ValueLayout.JAVA_LONG, header(i) + CONTROL_LENGTH) < CMSG_LENGTH - 4
            || memory.get(ValueLayout.JAVA_INT, at + CMSG_LEVEL) != SOL_PACKET
            || memory.get(ValueLayout.JAVA_INT, at + CMSG_TYPE) != PACKET_AUXDATA
            || (memory.get(ValueLayout.JAVA_INT, at + AUX_STATUS) & TP_STATUS_VLAN_VALID) == 0) {
            return 0;
        }
        return memory.get(ValueLayout.JAVA_SHORT, at + AUX_VLAN_TCI) & VLAN_ID_MASK;
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

    private static long ancillary(final int i) {
        return ANCILLARIES + (long) i * ANCILLARY_LENGTH;
    }
}
