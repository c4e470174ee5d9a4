package io.sluice.dataplane.os;

import io.sluice.dataplane.wire.Address;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * A cursor over attributes: 16 bits length (these four bytes included), 16 bits type, then the value, padded to four bytes.
 * It never reads past its end: an attribute whose length does not fit ends the walk, and a value shorter than asked for
 * reads as the given substitute.
 */
public final class NetlinkAttributes {
    /** Bytes before an attribute's value. */
    public static final int HEADER_LENGTH = 4;
    private static final int TYPE_MASK = 0x3fff;
    private static final int IPV4_LENGTH = 4;
    private static final int IPV6_LENGTH = 16;
    private static final int MAC_LENGTH = 6;

    private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED;
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED;
    private static final ValueLayout.OfInt NETWORK_INT = INT.withOrder(ByteOrder.BIG_ENDIAN);
    private static final ValueLayout.OfLong NETWORK_LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

    private final MemorySegment memory;
    private final long end;
    private long start;
    private long next;

    NetlinkAttributes(final MemorySegment memory, final long from, final long to) {
        this.memory = memory;
        this.start = from;
        this.next = from;
        this.end = to;
    }

    /**
     * Steps to the next attribute.
     *
     * @return false if there is none, or what follows is not a whole attribute
     */
    public boolean next() {
        if (end - next < HEADER_LENGTH) {
            return false;
        }
        final int length = Short.toUnsignedInt(memory.get(SHORT, next));
        if (length < HEADER_LENGTH || length > end - next) {
            next = end;
            return false;
        }
        start = next;
        next = start + (length + 3 & ~3);
        return true;
    }

    /**
     * Which attribute it is.
     *
     * @return the number, without the flags for nesting and byte order
     */
    public int type() {
        return memory.get(SHORT, start + 2) & TYPE_MASK;
    }

    /**
     * Bytes of the value.
     *
     * @return 0 or more
     */
    public int length() {
        return Short.toUnsignedInt(memory.get(SHORT, start)) - HEADER_LENGTH;
    }

    /**
     * A number of four bytes.
     *
     * @param otherwise if the value is shorter
     * @return the value
     */
    public int s32(final int otherwise) {
        return length() < 4 ? otherwise : memory.get(INT, value());
    }

    /**
     * A number of two bytes.
     *
     * @param otherwise if the value is shorter
     * @return 0 to 65535, or the substitute
     */
    public int u16(final int otherwise) {
        return length() < 2 ? otherwise : Short.toUnsignedInt(memory.get(SHORT, value()));
    }

    /**
     * A number of eight bytes.
     *
     * @param otherwise if the value is shorter
     * @return the value
     */
    public long s64(final long otherwise) {
        return length() < 8 ? otherwise : memory.get(ValueLayout.JAVA_LONG_UNALIGNED, value());
    }

    /**
     * Text up to its terminating zero.
     *
     * @return text, possibly empty
     */
    public String text() {
        final byte[] bytes = memory.asSlice(value(), length()).toArray(ValueLayout.JAVA_BYTE);
        int used = 0;
        while (used < bytes.length && bytes[used] != 0) {
            used++;
        }
        return new String(bytes, 0, used, StandardCharsets.UTF_8);
    }

    /**
     * A link-layer address.
     *
     * @return 48 bits, first byte highest; -1 if the value has another length than six bytes
     */
    public long mac() {
        if (length() != MAC_LENGTH) {
            return -1;
        }
        return (memory.get(NETWORK_INT, value()) & 0xffff_ffffL) << 16
            | memory.get(ValueLayout.JAVA_BYTE, value() + 4) << 8 & 0xff00L
            | memory.get(ValueLayout.JAVA_BYTE, value() + 5) & 0xffL;
    }

    /**
     * Whether the value, after some bytes, is as long as an IPv4 or IPv6 address.
     *
     * @param skip bytes before the address
     * @return true if {@link #addressHigh} and {@link #addressLow} can be read
     */
    public boolean isAddress(final int skip) {
        return length() == skip + IPV4_LENGTH || length() == skip + IPV6_LENGTH;
    }

    /**
     * First half of an address, IPv4 mapped.
     *
     * @param skip bytes before the address
     * @return high half, 0 if it {@link #isAddress is none}
     */
    public long addressHigh(final int skip) {
        return length() == skip + IPV6_LENGTH ? memory.get(NETWORK_LONG, value() + skip) : Address.IPV4_HIGH;
    }

    /**
     * Second half of an address, IPv4 mapped.
     *
     * @param skip bytes before the address
     * @return low half, 0 if it {@link #isAddress is none}
     */
    public long addressLow(final int skip) {
        if (length() == skip + IPV6_LENGTH) {
            return memory.get(NETWORK_LONG, value() + skip + 8);
        }
        return length() == skip + IPV4_LENGTH ? Address.lowOfIpv4(memory.get(NETWORK_INT, value() + skip)) : 0;
    }

    /**
     * The attributes inside this one.
     *
     * @param fixedLength bytes before them in the value
     * @return a cursor before the first
     */
    public NetlinkAttributes nested(final int fixedLength) {
        return new NetlinkAttributes(memory, value() + Math.min(fixedLength, length()), value() + length());
    }

    /**
     * The next hops inside this attribute.
     *
     * @return a cursor before the first
     */
    public RtnetlinkNextHops nextHops() {
        return new RtnetlinkNextHops(memory, value(), value() + length());
    }

    private long value() {
        return start + HEADER_LENGTH;
    }
}
