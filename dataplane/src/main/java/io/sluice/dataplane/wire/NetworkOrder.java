package io.sluice.dataplane.wire;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/** Numbers in network order at any offset, aligned or not. */
public final class NetworkOrder {
    private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

    private NetworkOrder() {
    }

    /**
     * Reads 8 bits.
     *
     * @param memory where
     * @param offset of the byte
     * @return 0 to 255
     */
    public static int u8(final MemorySegment memory, final long offset) {
        return memory.get(ValueLayout.JAVA_BYTE, offset) & 0xff;
    }

    /**
     * Writes 8 bits.
     *
     * @param memory where
     * @param offset of the byte
     * @param value  its low 8 bits are written
     */
    public static void u8(final MemorySegment memory, final long offset, final int value) {
        memory.set(ValueLayout.JAVA_BYTE, offset, (byte) value);
    }

    /**
     * Reads 16 bits.
     *
     * @param memory where
     * @param offset of the first byte
     * @return 0 to 65535
     */
    public static int u16(final MemorySegment memory, final long offset) {
        return memory.get(SHORT, offset) & 0xffff;
    }

    /**
     * Writes 16 bits.
     *
     * @param memory where
     * @param offset of the first byte
     * @param value  its low 16 bits are written
     */
    public static void u16(final MemorySegment memory, final long offset, final int value) {
        memory.set(SHORT, offset, (short) value);
    }

    /**
     * Reads 32 bits.
     *
     * @param memory where
     * @param offset of the first byte
     * @return the bits
     */
    public static int i32(final MemorySegment memory, final long offset) {
        return memory.get(INT, offset);
    }

    /**
     * Writes 32 bits.
     *
     * @param memory where
     * @param offset of the first byte
     * @param value  the bits
     */
    public static void i32(final MemorySegment memory, final long offset, final int value) {
        memory.set(INT, offset, value);
    }

    /**
     * Reads 64 bits.
     *
     * @param memory where
     * @param offset of the first byte
     * @return the bits
     */
    public static long i64(final MemorySegment memory, final long offset) {
        return memory.get(LONG, offset);
    }

    /**
     * Writes 64 bits.
     *
     * @param memory where
     * @param offset of the first byte
     * @param value  the bits
     */
    public static void i64(final MemorySegment memory, final long offset, final long value) {
        memory.set(LONG, offset, value);
    }
}
