package io.sluice.dataplane.os;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;

/**
 * The receive ring of a {@link PacketSocket}, in memory shared with the kernel: {@code PACKET_RX_RING} of packet(7), version
 * {@code TPACKET_V2}, with {@code PACKET_VNET_HDR} and {@code PACKET_COPY_THRESH}.
 *
 * <pre>
 *   slot, 2048 bytes
 *    0               4               8              12       14       16               24       26
 *   +---------------+---------------+---------------+--------+--------+----------------+--------+------
 *   | status        | length        | length here   | mac    | net    | seconds, ns    | VLAN   | ...
 *   +---------------+---------------+---------------+--------+--------+----------------+--------+------
 *   32 sockaddr_ll (20)   ...   mac - 10 virtio_net_hdr (10)   mac: the frame
 * </pre>
 *
 * <p>A slot belongs to the kernel while its status is 0, and to the process from then on until {@link #release}. The kernel fills
 * slots in order. Of a frame that does not fit, the slot holds the beginning, and all of it waits in the socket's queue
 * ({@link #isQueued}), in the order of such slots.
 *
 * <p>Methods about a frame concern the slot whose turn it is, after {@link #isFilled} has said so. One thread. Allocates nothing.
 */
public final class PacketRing {
    /** Bytes of a slot: an Ethernet frame of the usual MTU and what comes before it. */
    public static final int SLOT_LENGTH = 2048;

    private static final int STATUS = 0;
    private static final int LENGTH = 4;
    private static final int LENGTH_HERE = 8;
    private static final int MAC = 12;
    private static final int VLAN_TCI = 24;
    private static final int PACKET_TYPE = 32 + 10;

    private static final int STATUS_KERNEL = 0;
    private static final int STATUS_USER = 1;
    private static final int STATUS_COPY = 1 << 1;
    private static final int STATUS_VLAN_VALID = 1 << 4;
    private static final int VLAN_ID_MASK = 0xfff;
    private static final VarHandle WORD = ValueLayout.JAVA_INT.varHandle();

    private final MemorySegment memory;
    private final long end;
    private long slot;
    private int status;

    /**
     * A ring in mapped memory.
     *
     * @param memory the mapping: a whole number of slots, none filled before the first
     */
    public PacketRing(final MemorySegment memory) {
        this.memory = memory;
        this.end = memory.byteSize();
    }

    /**
     * The mapping.
     *
     * @return the segment that {@link #frame} and {@link #vnetHeader} are offsets in
     */
    public MemorySegment memory() {
        return memory;
    }

    /**
     * Whether there is a frame.
     *
     * @return true if the slot whose turn it is belongs to the process
     */
    public boolean isFilled() {
        status = (int) WORD.getAcquire(memory, slot + STATUS);
        return (status & STATUS_USER) != 0;
    }

    /**
     * Frames in a row that are {@link #isQueued queued}, from the slot whose turn it is.
     *
     * @param most to look for, less than there are slots
     * @return 0 to {@code most}
     */
    public int queuedInARow(final int most) {
        int count = 0;
        for (long at = slot; count < most && isQueued((int) WORD.getAcquire(memory, at + STATUS)); at = after(at)) {
            count++;
        }
        return count;
    }

    /**
     * Whether the frame is to be fetched by {@link PacketSocket#receive}.
     *
     * @return true if the slot holds only what is known of it
     */
    public boolean isQueued() {
        return isQueued(status);
    }

    /**
     * Whether the frame's end is lost: it did not fit in the slot, and there was no room in the queue.
     *
     * @return true if it is of no use
     */
    public boolean isTruncated() {
        return !isQueued() && memory.get(ValueLayout.JAVA_INT, slot + LENGTH_HERE) < memory.get(ValueLayout.JAVA_INT, slot + LENGTH);
    }

    /**
     * Where the frame is, from the Ethernet header on.
     *
     * @return offset in {@link #memory}
     */
    public long frame() {
        return slot + Short.toUnsignedInt(memory.get(ValueLayout.JAVA_SHORT, slot + MAC));
    }

    /**
     * Where the frame's {@code struct virtio_net_hdr} is.
     *
     * @return offset in {@link #memory}
     */
    public long vnetHeader() {
        return frame() - MessageBatch.VNET_HEADER_LENGTH;
    }

    /**
     * Bytes of the frame in the slot.
     *
     * @return 0 or more
     */
    public int length() {
        return memory.get(ValueLayout.JAVA_INT, slot + LENGTH_HERE);
    }

    /**
     * Whom the frame is addressed to, as the kernel sees it.
     *
     * @return {@link PacketSocket#PACKET_OTHERHOST}, {@link PacketSocket#PACKET_OUTGOING} or another {@code PACKET_} constant of
     *     packet(7)
     */
    public int packetType() {
        return memory.get(ValueLayout.JAVA_BYTE, slot + PACKET_TYPE);
    }

    /**
     * The VLAN of a frame whose tag the kernel took off. Frames tagged with VLAN 0 carry only a priority and belong to the
     * interface itself (IEEE 802.1Q, 9.6), so they count as untagged.
     *
     * @return VLAN id, or 0 for an untagged frame
     */
    public int vlanId() {
        return (status & STATUS_VLAN_VALID) == 0 ? 0 : memory.get(ValueLayout.JAVA_SHORT, slot + VLAN_TCI) & VLAN_ID_MASK;
    }

    /** Gives the slot back to the kernel; the next one has its turn. */
    public void release() {
        WORD.setRelease(memory, slot + STATUS, STATUS_KERNEL);
        slot = after(slot);
    }

    private static boolean isQueued(final int status) {
        return (status & (STATUS_USER | STATUS_COPY)) == (STATUS_USER | STATUS_COPY);
    }

    private long after(final long at) {
        return at + SLOT_LENGTH == end ? 0 : at + SLOT_LENGTH;
    }
}
