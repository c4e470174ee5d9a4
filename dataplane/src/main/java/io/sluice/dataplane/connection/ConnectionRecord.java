package io.sluice.dataplane.connection;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * One connection as bytes: the same in the hot table, in the table of record and between nodes.
 *
 * <pre>
 *        0               1               2               3
 *      +---------------+---------------+---------------+---------------+
 *   0  |    format     |     flags     |   protocol    |     state     |
 *      +---------------+---------------+---------------+---------------+
 *   4  |  option kind  |   reserved    |          owner node           |
 *      +---------------+---------------+-------------------------------+
 *   8  |                          owner epoch                          |
 *      +---------------------------------------------------------------+
 *  12  |                            version                            |
 *      +---------------------------------------------------------------+
 *  16  |                    client address (16 bytes)                  |
 *  32  |                   virtual address (16 bytes)                  |
 *      +-------------------------------+-------------------------------+
 *  48  |          client port          |         virtual port          |
 *      +-------------------------------+-------------------------------+
 *  52  |           real port           |          local port           |
 *      +-------------------------------+-------------------------------+
 *  56  |                     real address (16 bytes)                   |
 *  72  |                    local address (16 bytes)                   |
 *      +---------------------------------------------------------------+
 *  88  |      ISN delta (added to the client's sequence numbers)       |
 *      +---------------------------------------------------------------+
 *  92  |                         server's ISN                          |
 *      +---------------------------------------------------------------+
 *  96  |     client's next sequence number, in the client's numbers    |
 * 100  |           client's last acknowledgement (server's numbers)    |
 * 104  |                 server's next sequence number                 |
 * 108  |      server's last acknowledgement, in the client's numbers   |
 *      +---------------------------------------------------------------+
 * 112  |              opened at (seconds since 1970, unsigned)         |
 * 116  |            last packet at (seconds since 1970, unsigned)      |
 * 120  |                     idle timeout (seconds)                    |
 * 124  |                            reserved                           |
 *      +---------------------------------------------------------------+
 * </pre>
 *
 * <p>All numbers in network order; IPv4 addresses as {@code ::ffff:a.b.c.d}. Bytes 16 to 51 identify the connection as the
 * client sees it, 52 to 87 as the real server sees it. Static accessors over memory: whoever may write the memory may call.
 */
public final class ConnectionRecord {
    /** Bytes of a record. */
    public static final int LENGTH = 128;
    /** The value of the format byte that this code reads and writes. */
    public static final int FORMAT = 1;

    /** Offset of the format byte. */
    public static final int FORMAT_OFFSET = 0;
    /** Offset of the flags byte. */
    public static final int FLAGS_OFFSET = 1;
    /** Offset of the protocol byte, an IANA number. */
    public static final int PROTOCOL_OFFSET = 2;
    /** Offset of the state byte, a code of TcpState. */
    public static final int STATE_OFFSET = 3;
    /** Offset of the TTM option kind byte; 0 when nothing is inserted. */
    public static final int OPTION_KIND_OFFSET = 4;
    /** Offset of the owner node, 16 bits. */
    public static final int OWNER_NODE_OFFSET = 6;
    /** Offset of the owner's epoch, 32 bits. */
    public static final int OWNER_EPOCH_OFFSET = 8;
    /** Offset of the version, 32 bits: a higher (epoch, version) wins. */
    public static final int VERSION_OFFSET = 12;
    /** Offset of the client's address. */
    public static final int CLIENT_ADDRESS_OFFSET = 16;
    /** Offset of the virtual address. */
    public static final int VIRTUAL_ADDRESS_OFFSET = 32;
    /** Offset of the client's port. */
    public static final int CLIENT_PORT_OFFSET = 48;
    /** Offset of the virtual port. */
    public static final int VIRTUAL_PORT_OFFSET = 50;
    /** Offset of the real server's port. */
    public static final int REAL_PORT_OFFSET = 52;
    /** Offset of the local port. */
    public static final int LOCAL_PORT_OFFSET = 54;
    /** Offset of the real server's address. */
    public static final int REAL_ADDRESS_OFFSET = 56;
    /** Offset of the local address. */
    public static final int LOCAL_ADDRESS_OFFSET = 72;
    /** Offset of the ISN delta. */
    public static final int ISN_DELTA_OFFSET = 88;
    /** Offset of the server's ISN. */
    public static final int SERVER_ISN_OFFSET = 92;
    /** Offset of the client's next sequence number. */
    public static final int CLIENT_SEQUENCE_OFFSET = 96;
    /** Offset of the client's last acknowledgement. */
    public static final int CLIENT_ACK_OFFSET = 100;
    /** Offset of the server's next sequence number. */
    public static final int SERVER_SEQUENCE_OFFSET = 104;
    /** Offset of the server's last acknowledgement, in the client's numbers. */
    public static final int SERVER_ACK_OFFSET = 108;
    /** Offset of the time it was opened. */
    public static final int OPENED_AT_OFFSET = 112;
    /** Offset of the time of its last packet. */
    public static final int LAST_SEEN_OFFSET = 116;
    /** Offset of the idle timeout in force. */
    public static final int IDLE_TIMEOUT_OFFSET = 120;

    /** Flag: taken over from the table of record or another node, nothing seen from the client since: its tails are old. */
    public static final int CLIENT_UNSEEN = 1;
    /** Flag: the same for the server. */
    public static final int SERVER_UNSEEN = 1 << 5;
    /** Flag: the client's own TTM option is believed. */
    public static final int TRUSTED_TTM = 1 << 3;
    /** Flag: the first datagram of a UDP connection has been forwarded. */
    public static final int FIRST_DATAGRAM_SENT = 1 << 4;

    /** Flag: the path to the server is too narrow for the TTM option beside the smallest packets a client can be asked for. */
    public static final int NO_TTM_ROOM = 1 << 6;

    private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

    private ConnectionRecord() {
    }

    /**
     * Reads an unsigned byte field.
     *
     * @param memory where the record is
     * @param record offset of its first byte
     * @param field  a byte {@code _OFFSET} of this class
     * @return 0 to 255
     */
    public static int u8(final MemorySegment memory, final long record, final int field) {
        return memory.get(ValueLayout.JAVA_BYTE, record + field) & 0xff;
    }

    /**
     * Writes a byte field.
     *
     * @param memory where the record is
     * @param record offset of its first byte
     * @param field  a byte {@code _OFFSET} of this class
     * @param value  low 8 bits are written
     */
    public static void u8(final MemorySegment memory, final long record, final int field, final int value) {
        memory.set(ValueLayout.JAVA_BYTE, record + field, (byte) value);
    }

    /**
     * Reads an unsigned 16-bit field.
     *
     * @param memory where the record is
     * @param record offset of its first byte
     * @param field  a 16-bit {@code _OFFSET} of this class
     * @return 0 to 65535
     */
    public static int u16(final MemorySegment memory, final long record, final int field) {
        return memory.get(SHORT, record + field) & 0xffff;
    }

    /**
     * Writes a 16-bit field.
     *
     * @param memory where the record is
     * @param record offset of its first byte
     * @param field  a 16-bit {@code _OFFSET} of this class
     * @param value  low 16 bits are written
     */
    public static void u16(final MemorySegment memory, final long record, final int field, final int value) {
        memory.set(SHORT, record + field, (short) value);
    }

    /**
     * Reads a 32-bit field.
     *
     * @param memory where the record is
     * @param record offset of its first byte
     * @param field  a 32-bit {@code _OFFSET} of this class
     * @return the 32 bits
     */
    public static int i32(final MemorySegment memory, final long record, final int field) {
        return memory.get(INT, record + field);
    }

    /**
     * Writes a 32-bit field.
     *
     * @param memory where the record is
     * @param record offset of its first byte
     * @param field  a 32-bit {@code _OFFSET} of this class
     * @param value  the 32 bits
     */
    public static void i32(final MemorySegment memory, final long record, final int field, final int value) {
        memory.set(INT, record + field, value);
    }

    /**
     * Reads half of an address.
     *
     * @param memory where the record is
     * @param record offset of its first byte
     * @param field  an address {@code _OFFSET} of this class, plus 8 for the low half
     * @return eight bytes
     */
    public static long i64(final MemorySegment memory, final long record, final int field) {
        return memory.get(LONG, record + field);
    }

    /**
     * Writes half of an address.
     *
     * @param memory where the record is
     * @param record offset of its first byte
     * @param field  an address {@code _OFFSET} of this class, plus 8 for the low half
     * @param value  eight bytes
     */
    public static void i64(final MemorySegment memory, final long record, final int field, final long value) {
        memory.set(LONG, record + field, value);
    }
}
