package io.sluice.dataplane.os;

import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** One request to the kernel, written front to back: fixed part, then attributes. Host byte order. Not thread-safe. */
public final class NetlinkRequest {
    /** This is a request. */
    public static final int REQUEST = 0x01;
    /** An answer is wanted, also when all went well. */
    public static final int ACKNOWLEDGE = 0x04;
    /** Everything that matches. */
    public static final int DUMP = 0x300;
    /** Replace what exists. */
    public static final int REPLACE = 0x100;
    /** Fail if it exists. */
    public static final int EXCLUSIVE = 0x200;
    /** Make it if it does not exist. */
    public static final int CREATE = 0x400;

    private static final int CAPACITY = 2048;
    private static final int NESTED = 0x8000;
    private static final int LENGTH = 0;
    private static final int SEQUENCE = 8;

    private final ByteBuffer buffer = ByteBuffer.allocate(CAPACITY).order(ByteOrder.nativeOrder());

    /**
     * Starts a request.
     *
     * @param type  one of {@link Rtnetlink}'s message types
     * @param flags of this class, besides {@link #REQUEST}
     */
    public NetlinkRequest(final int type, final int flags) {
        buffer.putInt(0).putShort((short) type).putShort((short) (flags | REQUEST)).putInt(0).putInt(0);
    }

    /**
     * A request for everything of a kind.
     *
     * @param type        one of {@link Rtnetlink}'s message types
     * @param fixedLength bytes of the fixed part, all zero
     * @return the request
     */
    public static NetlinkRequest dump(final int type, final int fixedLength) {
        final NetlinkRequest request = new NetlinkRequest(type, DUMP);
        request.buffer.put(new byte[fixedLength]);
        return request;
    }

    /**
     * Appends one byte.
     *
     * @param value low eight bits count
     * @return this
     */
    public NetlinkRequest u8(final int value) {
        buffer.put((byte) value);
        return this;
    }

    /**
     * Appends two bytes.
     *
     * @param value low 16 bits count
     * @return this
     */
    public NetlinkRequest u16(final int value) {
        buffer.putShort((short) value);
        return this;
    }

    /**
     * Appends four bytes.
     *
     * @param value the value
     * @return this
     */
    public NetlinkRequest u32(final int value) {
        buffer.putInt(value);
        return this;
    }

    /**
     * Appends an attribute of bytes.
     *
     * @param type  its number
     * @param value its bytes
     * @return this
     */
    public NetlinkRequest attribute(final int type, final byte[] value) {
        buffer.putShort((short) (NetlinkAttributes.HEADER_LENGTH + value.length)).putShort((short) type).put(value);
        pad();
        return this;
    }

    /**
     * Appends an attribute of four bytes.
     *
     * @param type  its number
     * @param value its value
     * @return this
     */
    public NetlinkRequest attribute(final int type, final int value) {
        buffer.putShort((short) (NetlinkAttributes.HEADER_LENGTH + 4)).putShort((short) type).putInt(value);
        return this;
    }

    /**
     * Appends an attribute of text, with its terminating zero.
     *
     * @param type  its number
     * @param value its text
     * @return this
     */
    public NetlinkRequest attribute(final int type, final String value) {
        return attribute(type, (value + '\0').getBytes(StandardCharsets.UTF_8));
    }

    /**
     * Appends an attribute of an address, 4 or 16 bytes.
     *
     * @param type  its number
     * @param value its address
     * @return this
     */
    public NetlinkRequest attribute(final int type, final InetAddress value) {
        return attribute(type, value.getAddress());
    }

    /**
     * Starts an attribute that holds attributes.
     *
     * @param type its number
     * @return what {@link #end} needs
     */
    public int begin(final int type) {
        final int at = buffer.position();
        buffer.putShort((short) 0).putShort((short) (type | NESTED));
        return at;
    }

    /**
     * Ends an attribute that holds attributes.
     *
     * @param begin from {@link #begin}
     * @return this
     */
    public NetlinkRequest end(final int begin) {
        buffer.putShort(begin, (short) (buffer.position() - begin));
        return this;
    }

    /**
     * The finished request.
     *
     * @param sequence number that its answers carry
     * @return bytes to send
     */
    public ByteBuffer finish(final int sequence) {
        pad();
        buffer.putInt(LENGTH, buffer.position()).putInt(SEQUENCE, sequence);
        return buffer.duplicate().order(ByteOrder.nativeOrder()).flip();
    }

    private void pad() {
        while ((buffer.position() & 3) != 0) {
            buffer.put((byte) 0);
        }
    }
}
