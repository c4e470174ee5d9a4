package io.sluice.dataplane.wire;

import java.lang.foreign.MemorySegment;

/**
 * The TCP header (RFC 9293, 3.1).
 *
 * <pre>
 *        0               1               2               3
 *      +-------------------------------+-------------------------------+
 *   0  |          source port          |       destination port        |
 *      +-------------------------------+-------------------------------+
 *   4  |                        sequence number                        |
 *      +---------------------------------------------------------------+
 *   8  |                     acknowledgment number                     |
 *      +-------+-------+---------------+-------------------------------+
 *  12  |  off  | rsrvd |CWR..URG..FIN  |            window             |
 *      +-------+-------+---------------+-------------------------------+
 *  16  |           checksum            |        urgent pointer         |
 *      +-------------------------------+-------------------------------+
 *  20  |                   options, off * 4 - 20 bytes                 |
 *      +---------------------------------------------------------------+
 * </pre>
 */
public final class Tcp {
    /** Bytes of a header without options. */
    public static final int LENGTH = 20;
    /** The most bytes of options a header can hold. */
    public static final int MAX_OPTIONS = 40;
    /** Offset of the source port. */
    public static final int SOURCE_PORT = 0;
    /** Offset of the destination port. */
    public static final int DESTINATION_PORT = 2;
    /** Offset of the sequence number. */
    public static final int SEQUENCE = 4;
    /** Offset of the acknowledgment number. */
    public static final int ACKNOWLEDGMENT = 8;
    /** Offset of the header length (upper four bits, units of 4 bytes). */
    public static final int DATA_OFFSET = 12;
    /** Offset of the flags. */
    public static final int FLAGS = 13;
    /** Offset of the window. */
    public static final int WINDOW = 14;
    /** Offset of the checksum. */
    public static final int CHECKSUM = 16;
    /** Offset of the urgent pointer. */
    public static final int URGENT = 18;

    /** Flag FIN. */
    public static final int FIN = 1;
    /** Flag SYN. */
    public static final int SYN = 2;
    /** Flag RST. */
    public static final int RST = 4;
    /** Flag PSH. */
    public static final int PSH = 8;
    /** Flag ACK. */
    public static final int ACK = 16;

    private Tcp() {
    }

    /**
     * The header's length.
     *
     * @param memory where the segment is
     * @param tcp    offset of its first byte
     * @return bytes, 0 to 60; less than 20 is malformed
     */
    public static int headerLength(final MemorySegment memory, final long tcp) {
        return NetworkOrder.u8(memory, tcp + DATA_OFFSET) >>> 4 << 2;
    }

    /**
     * Writes the header's length, the reserved bits beside it stay.
     *
     * @param memory where the segment is
     * @param tcp    offset of its first byte
     * @param length bytes, a multiple of 4 from 20 to 60
     */
    public static void headerLength(final MemorySegment memory, final long tcp, final int length) {
        NetworkOrder.u8(memory, tcp + DATA_OFFSET, NetworkOrder.u8(memory, tcp + DATA_OFFSET) & 0xf | length << 2);
    }

    /**
     * Compares sequence numbers.
     *
     * @param a one
     * @param b another
     * @return whether a is before b, modulo 2^32
     */
    public static boolean isBefore(final int a, final int b) {
        return a - b < 0;
    }

    /**
     * Writes a header without options; checksum and urgent pointer are zero.
     *
     * @param memory          where the segment is
     * @param tcp             offset of its first byte
     * @param sourcePort      16 bits
     * @param destinationPort 16 bits
     * @param sequence        32 bits
     * @param acknowledgment  32 bits
     * @param flags           8 bits
     * @param window          16 bits
     */
    public static void write(final MemorySegment memory, final long tcp, final int sourcePort, final int destinationPort,
                             final int sequence, final int acknowledgment, final int flags, final int window) {
        NetworkOrder.i32(memory, tcp, sourcePort << 16 | destinationPort);
        NetworkOrder.i32(memory, tcp + SEQUENCE, sequence);
        NetworkOrder.i32(memory, tcp + ACKNOWLEDGMENT, acknowledgment);
        NetworkOrder.i32(memory, tcp + DATA_OFFSET, LENGTH << 26 | flags << 16 | window);
        NetworkOrder.i32(memory, tcp + CHECKSUM, 0);
    }
}
