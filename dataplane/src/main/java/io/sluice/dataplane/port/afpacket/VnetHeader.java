package io.sluice.dataplane.port.afpacket;

import io.sluice.dataplane.port.Burst;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * {@code struct virtio_net_hdr} of linux/virtio_net.h, in the byte order of the machine, as {@code PACKET_VNET_HDR} puts it
 * before each frame.
 *
 * <pre>
 *    0               1               2               3
 *   +---------------+---------------+-------------------------------+
 *   | flags         | gso_type      | hdr_len                       |
 *   +---------------+---------------+-------------------------------+
 *   | gso_size                      | csum_start                    |
 *   +-------------------------------+-------------------------------+
 *   | csum_offset                   |
 *   +-------------------------------+
 * </pre>
 *
 * <p>All offsets count from the Ethernet header.
 */
final class VnetHeader {
    static final int FLAGS = 0;
    static final int GSO_TYPE = 1;
    static final int HEADER_LENGTH = 2;
    static final int GSO_SIZE = 4;
    static final int CHECKSUM_START = 6;
    static final int CHECKSUM_OFFSET = 8;
    static final int LENGTH = 10;

    /** {@code VIRTIO_NET_HDR_F_NEEDS_CSUM}. */
    static final byte NEEDS_CHECKSUM = 1;

    private static final int TCP_CHECKSUM = 16;
    private static final int TCP_DATA_OFFSET = 12;
    private static final int UDP_HEADER = 8;

    private VnetHeader() {
    }

    /**
     * Tells a burst what the kernel says of a received frame. {@code DATA_VALID} is of no use to us, since incremental
     * checksum updates keep a right checksum right.
     *
     * @param memory where the header is
     * @param at     its offset there
     * @param burst  describes the frame
     * @param i      index of the frame there
     */
    static void read(final MemorySegment memory, final long at, final Burst burst, final int i) {
        if ((memory.get(ValueLayout.JAVA_BYTE, at + FLAGS) & NEEDS_CHECKSUM) != 0) {
            burst.partialChecksum(i, unsigned(memory, at + CHECKSUM_START), unsigned(memory, at + CHECKSUM_OFFSET));
        }
        final byte type = memory.get(ValueLayout.JAVA_BYTE, at + GSO_TYPE);
        if (type != Burst.GSO_NONE) {
            burst.gso(i, type, unsigned(memory, at + GSO_SIZE));
        }
    }

    /**
     * Describes a frame to be sent. Every field is written, and no flag but {@link #NEEDS_CHECKSUM} is ever set.
     *
     * @param memory where the header goes
     * @param at     its offset there
     * @param burst  describes the frame
     * @param i      index of the frame there
     * @param frames memory of the frames
     */
    static void write(final MemorySegment memory, final long at, final Burst burst, final int i, final MemorySegment frames) {
        final boolean partial = burst.isChecksumPartial(i);
        final byte gsoType = burst.gsoType(i);
        memory.set(ValueLayout.JAVA_BYTE, at + FLAGS, partial ? NEEDS_CHECKSUM : 0);
        memory.set(ValueLayout.JAVA_BYTE, at + GSO_TYPE, gsoType);
        put(memory, at + HEADER_LENGTH, gsoType == Burst.GSO_NONE ? 0 : headerLength(burst, i, frames));
        put(memory, at + GSO_SIZE, gsoType == Burst.GSO_NONE ? 0 : burst.gsoSize(i));
        put(memory, at + CHECKSUM_START, partial ? burst.checksumStart(i) : 0);
        put(memory, at + CHECKSUM_OFFSET, partial ? burst.checksumOffset(i) : 0);
    }

    /**
     * Bytes up to the end of the transport header, which the kernel wants in one piece. 0, meaning that it has to look for
     * itself, where the metadata does not lead to a transport header within the frame.
     */
    private static int headerLength(final Burst burst, final int i, final MemorySegment frames) {
        final int start = burst.checksumStart(i);
        if (!burst.isChecksumPartial(i) || start + TCP_DATA_OFFSET >= burst.length(i)) {
            return 0;
        }
        final int transport = burst.checksumOffset(i) == TCP_CHECKSUM
            ? (frames.get(ValueLayout.JAVA_BYTE, burst.offset(i) + start + TCP_DATA_OFFSET) >> 4 & 0xf) * 4
            : UDP_HEADER;
        return Math.min(start + transport, burst.length(i));
    }

    private static int unsigned(final MemorySegment memory, final long at) {
        return Short.toUnsignedInt(memory.get(ValueLayout.JAVA_SHORT, at));
    }

    private static void put(final MemorySegment memory, final long at, final int value) {
        memory.set(ValueLayout.JAVA_SHORT, at, (short) value);
    }
}
