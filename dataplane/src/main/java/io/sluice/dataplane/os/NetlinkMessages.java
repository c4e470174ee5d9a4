package io.sluice.dataplane.os;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * A cursor over the messages of one datagram, host byte order. It never reads past the datagram: a message whose length does
 * not fit ends the walk.
 *
 * <pre>
 *       0                   1                   2                   3
 *       0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *      +---------------------------------------------------------------+
 *      |                      length, header included                  |
 *      +-------------------------------+-------------------------------+
 *      |             type              |             flags             |
 *      +-------------------------------+-------------------------------+
 *      |                            sequence                           |
 *      +---------------------------------------------------------------+
 *      |                     port id of the sender                     |
 *      +---------------------------------------------------------------+
 * </pre>
 */
public final class NetlinkMessages {
    /** Bytes before a message's body. */
    public static final int HEADER_LENGTH = 16;
    private static final int LENGTH = 0;
    private static final int TYPE = 4;
    private static final int FLAGS = 6;
    private static final int SEQUENCE = 8;

    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED;
    private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED;

    private MemorySegment memory = MemorySegment.NULL;
    private long end;
    private long start;
    private long next;

    /**
     * Starts over, before the first message.
     *
     * @param datagram      memory that begins with the first message
     * @param lengthBytes   of the datagram; cut to the memory's size
     * @return this
     */
    public NetlinkMessages over(final MemorySegment datagram, final long lengthBytes) {
        memory = datagram;
        end = Math.clamp(lengthBytes, 0, datagram.byteSize());
        start = 0;
        next = 0;
        return this;
    }

    /**
     * Steps to the next message.
     *
     * @return false if there is none, or what follows is not a whole message
     */
    public boolean next() {
        if (end - next < HEADER_LENGTH) {
            return false;
        }
        final long length = memory.get(INT, next + LENGTH) & 0xffff_ffffL;
        if (length < HEADER_LENGTH || length > end - next) {
            next = end;
            return false;
        }
        start = next;
        next = start + (length + 3 & ~3L);
        return true;
    }

    /**
     * What the message is.
     *
     * @return one of {@link Rtnetlink}'s message types
     */
    public int type() {
        return Short.toUnsignedInt(memory.get(SHORT, start + TYPE));
    }

    /**
     * NLM_F_ flags.
     *
     * @return 16 bits
     */
    public int flags() {
        return Short.toUnsignedInt(memory.get(SHORT, start + FLAGS));
    }

    /**
     * The request that this answers.
     *
     * @return the request's sequence number, 0 for notifications
     */
    public int sequence() {
        return memory.get(INT, start + SEQUENCE);
    }

    /**
     * Bytes after the header.
     *
     * @return 0 or more
     */
    public int bodyLength() {
        return (int) ((memory.get(INT, start + LENGTH) & 0xffff_ffffL) - HEADER_LENGTH);
    }

    /**
     * A byte of the body.
     *
     * @param offset from the start of the body
     * @return 0 to 255; 0 beyond the body
     */
    public int u8(final int offset) {
        return offset + 1 > bodyLength() ? 0 : memory.get(ValueLayout.JAVA_BYTE, body() + offset) & 0xff;
    }

    /**
     * Two bytes of the body.
     *
     * @param offset from the start of the body
     * @return 0 to 65535; 0 beyond the body
     */
    public int u16(final int offset) {
        return offset + 2 > bodyLength() ? 0 : Short.toUnsignedInt(memory.get(SHORT, body() + offset));
    }

    /**
     * Four bytes of the body.
     *
     * @param offset from the start of the body
     * @return the value; 0 beyond the body
     */
    public int s32(final int offset) {
        return offset + 4 > bodyLength() ? 0 : memory.get(INT, body() + offset);
    }

    /**
     * The attributes that follow a fixed part of the body.
     *
     * @param fixedLength bytes of the fixed part, such as {@link Rtnetlink#LINK_LENGTH}
     * @return a cursor before the first attribute; empty if the body is no longer than the fixed part
     */
    public NetlinkAttributes attributes(final int fixedLength) {
        final int from = Math.min(fixedLength + 3 & ~3, bodyLength());
        return new NetlinkAttributes(memory, body() + from, body() + bodyLength());
    }

    private long body() {
        return start + HEADER_LENGTH;
    }
}
