package io.sluice.dataplane.port;

import io.sluice.dataplane.verdict.DropReason;
import io.sluice.dataplane.verdict.Verdict;

/**
 * Up to 64 frame descriptors: what a port fills, a Disruptor event carries, the packet path decides on and a port sends.
 *
 * <p>Structure of arrays, one entry per frame; the frames themselves stay in the {@link FrameArena}. A burst belongs to one
 * thread at a time. The metadata is that of {@code struct virtio_net_hdr}: a frame may be a GSO super-frame, and its
 * transport checksum may be partial (only the pseudo-header sum is in the field, hardware was to add the rest).
 */
public final class Burst {
    /** Frames in one burst. */
    public static final int CAPACITY = 64;

    /** The transport checksum field holds only the sum of the pseudo-header ({@code VIRTIO_NET_HDR_F_NEEDS_CSUM}). */
    public static final byte CHECKSUM_PARTIAL = 1;
    /** The frame carried a VLAN tag that the kernel took off: it belongs to a VLAN sub-interface. */
    public static final byte VLAN_STRIPPED = 2;
    /** The frame is addressed to another host's link-layer address: seen only because the interface is promiscuous. */
    public static final byte OTHER_HOST = 4;

    /** Another lane has handed the frame to the one that owns it. */
    public static final byte HANDED_OVER = 8;

    /** One plain packet. */
    public static final byte GSO_NONE = 0;
    /** TCP segments over IPv4, {@code VIRTIO_NET_HDR_GSO_TCPV4}. */
    public static final byte GSO_TCPV4 = 1;
    /** TCP segments over IPv6, {@code VIRTIO_NET_HDR_GSO_TCPV6}. */
    public static final byte GSO_TCPV6 = 4;
    /** UDP datagrams, {@code VIRTIO_NET_HDR_GSO_UDP_L4}. */
    public static final byte GSO_UDP = 5;
    /** Or-ed to a TCP type when the segments carry ECN CWR, {@code VIRTIO_NET_HDR_GSO_ECN}. */
    public static final byte GSO_ECN = (byte) 0x80;

    private final long[] offset;
    private final int[] length;
    private final int[] port;
    private final int[] gsoSize;
    private final int[] checksumStart;
    private final int[] checksumOffset;
    private final byte[] gsoType;
    private final byte[] flags;
    private final byte[] verdict;
    private final byte[] reason;
    private int size;

    /** An empty burst of {@value #CAPACITY} frames. */
    public Burst() {
        this(CAPACITY);
    }

    /**
     * An empty burst.
     *
     * @param capacity frames it can hold
     */
    public Burst(final int capacity) {
        offset = new long[capacity];
        length = new int[capacity];
        port = new int[capacity];
        gsoSize = new int[capacity];
        checksumStart = new int[capacity];
        checksumOffset = new int[capacity];
        gsoType = new byte[capacity];
        flags = new byte[capacity];
        verdict = new byte[capacity];
        reason = new byte[capacity];
    }

    /** Forgets all frames; their memory must have been released or handed on. */
    public void clear() {
        size = 0;
    }

    /** {@return the number of frames in the burst, 0 to the capacity} */
    public int size() {
        return size;
    }

    /** {@return whether no other frame fits} */
    public boolean isFull() {
        return size == offset.length;
    }

    /**
     * Appends a plain frame: no GSO, complete checksum, verdict {@link Verdict#PASS}.
     *
     * @param frameOffset where its first byte is, in the arena
     * @param frameLength bytes from the Ethernet header on
     * @param portIndex   the port it came in by
     * @return its index in the burst
     */
    public int add(final long frameOffset, final int frameLength, final int portIndex) {
        final int i = size++;
        offset[i] = frameOffset;
        length[i] = frameLength;
        port[i] = portIndex;
        gsoSize[i] = 0;
        gsoType[i] = GSO_NONE;
        checksumStart[i] = 0;
        checksumOffset[i] = 0;
        flags[i] = 0;
        verdict[i] = Verdict.PASS;
        return i;
    }

    /**
     * Says that the transport checksum is partial.
     *
     * @param i     index of the frame
     * @param start bytes from the frame's start to where summing starts (the transport header)
     * @param field bytes from there to the checksum field: 16 for TCP, 6 for UDP
     */
    public void partialChecksum(final int i, final int start, final int field) {
        flags[i] |= CHECKSUM_PARTIAL;
        checksumStart[i] = start;
        checksumOffset[i] = field;
    }

    /**
     * Says that the transport checksum has been completed.
     *
     * @param i index of the frame
     */
    public void completeChecksum(final int i) {
        flags[i] &= ~CHECKSUM_PARTIAL;
    }

    /**
     * Says that the frame is to be cut into segments.
     *
     * @param i    index of the frame
     * @param type one of the {@code GSO_} constants, maybe with {@link #GSO_ECN}
     * @param size payload bytes of each segment; 0 for {@link #GSO_NONE}
     */
    public void gso(final int i, final byte type, final int size) {
        gsoType[i] = type;
        gsoSize[i] = size;
    }

    /**
     * Says that the kernel took a VLAN tag off.
     *
     * @param i index of the frame
     */
    public void vlanStripped(final int i) {
        flags[i] |= VLAN_STRIPPED;
    }

    /**
     * Says that the frame's link-layer address is another host's.
     *
     * @param i index of the frame
     */
    public void otherHost(final int i) {
        flags[i] |= OTHER_HOST;
    }

    /**
     * Says that the frame comes from another lane, and that this one is its owner.
     *
     * @param i index of the frame
     */
    public void handedOver(final int i) {
        flags[i] |= HANDED_OVER;
    }

    /**
     * Appends a frame of another burst as it is described there, verdict and all.
     *
     * @param other the other burst
     * @param j     index of the frame there
     * @return its index in this burst
     */
    public int append(final Burst other, final int j) {
        final int i = size++;
        offset[i] = other.offset[j];
        length[i] = other.length[j];
        port[i] = other.port[j];
        gsoSize[i] = other.gsoSize[j];
        gsoType[i] = other.gsoType[j];
        checksumStart[i] = other.checksumStart[j];
        checksumOffset[i] = other.checksumOffset[j];
        flags[i] = other.flags[j];
        verdict[i] = other.verdict[j];
        reason[i] = other.reason[j];
        return i;
    }

    /**
     * The frame goes out by a port, as it now is.
     *
     * @param i         index of the frame
     * @param portIndex the port to leave by
     */
    public void forward(final int i, final int portIndex) {
        verdict[i] = Verdict.FORWARD;
        port[i] = portIndex;
    }

    /**
     * The frame goes to another lane, as it came in.
     *
     * @param i     index of the frame
     * @param lane  where it goes
     * @param owner whether that lane owns it for certain, rather than has to find out who does
     */
    public void handOver(final int i, final int lane, final boolean owner) {
        verdict[i] = Verdict.HAND_OVER;
        reason[i] = (byte) lane;
        if (owner) {
            handedOver(i);
        }
    }

    /**
     * The lane that a frame goes to.
     *
     * @param i index of a frame whose verdict is {@link Verdict#HAND_OVER}
     * @return number of the lane
     */
    public int lane(final int i) {
        return reason[i];
    }

    /**
     * The frame is dropped.
     *
     * @param i   index of the frame
     * @param why the reason, which the caller also counts
     */
    public void drop(final int i, final DropReason why) {
        verdict[i] = Verdict.DROP;
        reason[i] = (byte) why.ordinal();
    }

    /**
     * The frame is not ours.
     *
     * @param i index of the frame
     */
    public void pass(final int i) {
        verdict[i] = Verdict.PASS;
    }

    /**
     * Moves the frame's start and sets its length, after headers grew or shrank in place.
     *
     * @param i           index of the frame
     * @param frameOffset new offset of the first byte
     * @param frameLength new length in bytes
     */
    public void resize(final int i, final long frameOffset, final int frameLength) {
        offset[i] = frameOffset;
        length[i] = frameLength;
    }

    /**
     * Where a frame starts.
     *
     * @param i index of the frame
     * @return offset in the arena
     */
    public long offset(final int i) {
        return offset[i];
    }

    /**
     * Bytes of a frame.
     *
     * @param i index of the frame
     * @return length from the Ethernet header on
     */
    public int length(final int i) {
        return length[i];
    }

    /**
     * The port a frame came in by or, once its verdict is {@link Verdict#FORWARD}, leaves by.
     *
     * @param i index of the frame
     * @return index in the lane's list of ports
     */
    public int port(final int i) {
        return port[i];
    }

    /**
     * Payload bytes per segment of a GSO frame.
     *
     * @param i index of the frame
     * @return 0 for a plain packet
     */
    public int gsoSize(final int i) {
        return gsoSize[i];
    }

    /**
     * Kind of GSO frame.
     *
     * @param i index of the frame
     * @return a {@code GSO_} constant, maybe with {@link #GSO_ECN}
     */
    public byte gsoType(final int i) {
        return gsoType[i];
    }

    /**
     * Whether the transport checksum is partial.
     *
     * @param i index of the frame
     * @return true if {@link #checksumStart} and {@link #checksumOffset} say where it belongs
     */
    public boolean isChecksumPartial(final int i) {
        return (flags[i] & CHECKSUM_PARTIAL) != 0;
    }

    /**
     * Whether the kernel took a VLAN tag off the frame.
     *
     * @param i index of the frame
     * @return true if the frame belongs to a VLAN of its interface
     */
    public boolean isVlanStripped(final int i) {
        return (flags[i] & VLAN_STRIPPED) != 0;
    }

    /**
     * Whether the frame's link-layer address is another host's.
     *
     * @param i index of the frame
     * @return true if only a promiscuous interface lets us see it
     */
    public boolean isOtherHost(final int i) {
        return (flags[i] & OTHER_HOST) != 0;
    }

    /**
     * Whether another lane has handed the frame to its owner.
     *
     * @param i index of the frame
     * @return true if it must not be handed on
     */
    public boolean isHandedOver(final int i) {
        return (flags[i] & HANDED_OVER) != 0;
    }

    /**
     * Whether the frame is certainly not ours, whatever is in it: of a VLAN sub-interface, or of another host.
     *
     * @param i index of the frame
     * @return true if it must be left to the kernel
     */
    public boolean isForeign(final int i) {
        return (flags[i] & (VLAN_STRIPPED | OTHER_HOST)) != 0;
    }

    /**
     * Bytes from the frame's start to the transport header, for a partial checksum.
     *
     * @param i index of the frame
     * @return offset relative to the frame
     */
    public int checksumStart(final int i) {
        return checksumStart[i];
    }

    /**
     * Bytes from the transport header to the checksum field, for a partial checksum.
     *
     * @param i index of the frame
     * @return 16 for TCP, 6 for UDP
     */
    public int checksumOffset(final int i) {
        return checksumOffset[i];
    }

    /**
     * What was decided.
     *
     * @param i index of the frame
     * @return a constant of {@link Verdict}
     */
    public byte verdict(final int i) {
        return verdict[i];
    }

    /**
     * Why the frame was dropped.
     *
     * @param i index of a frame whose verdict is {@link Verdict#DROP}
     * @return the reason
     */
    public DropReason reason(final int i) {
        return DropReason.of(reason[i]);
    }
}
