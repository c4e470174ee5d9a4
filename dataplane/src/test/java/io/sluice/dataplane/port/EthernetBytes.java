package io.sluice.dataplane.port;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;

/** Bytes of Ethernet frames for port tests, which look at nothing behind the Ethernet header. */
public final class EthernetBytes {
    /** Local experimental ethertype 1 of IEEE 802: no stack answers it. */
    public static final int EXPERIMENTAL = 0x88b5;
    /** To everybody. */
    public static final long BROADCAST = 0xffff_ffff_ffffL;

    private EthernetBytes() {
    }

    /**
     * A frame whose payload starts with a number and goes on with a pattern that depends on it.
     *
     * @param destination MAC address, 48 bits
     * @param number      tells frames apart
     * @param length      of the whole frame, 18 or more
     * @return its bytes
     */
    public static byte[] numbered(final long destination, final int number, final int length) {
        final ByteBuffer frame = ByteBuffer.allocate(length);
        putMac(frame, destination);
        putMac(frame, 0x0200_0000_0001L);
        frame.putShort((short) EXPERIMENTAL);
        return pattern(frame, number);
    }

    /**
     * A broadcast frame with an 802.1Q tag in it.
     *
     * @param vlan   VLAN id
     * @param number tells frames apart
     * @return its bytes, 64 of them
     */
    public static byte[] tagged(final int vlan, final int number) {
        final ByteBuffer frame = ByteBuffer.allocate(64);
        putMac(frame, BROADCAST);
        putMac(frame, 0x0200_0000_0001L);
        frame.putShort((short) 0x8100).putShort((short) vlan).putShort((short) EXPERIMENTAL);
        return pattern(frame, number);
    }

    /**
     * Puts a frame into a fresh receive buffer and describes it in a burst.
     *
     * @param frames where to take the buffer from
     * @param burst  where to append
     * @param bytes  the frame
     * @return its index in the burst
     */
    public static int add(final Frames frames, final Burst burst, final byte[] bytes) {
        final long offset = frames.receive().take();
        if (offset < 0) {
            throw new IllegalStateException("no free frame");
        }
        MemorySegment.copy(bytes, 0, frames.arena().memory(), ValueLayout.JAVA_BYTE, offset, bytes.length);
        return burst.add(offset, bytes.length, 0);
    }

    /**
     * The bytes of a frame in a burst.
     *
     * @param frames where it is
     * @param burst  that describes it
     * @param i      its index there
     * @return a copy
     */
    public static byte[] bytes(final Frames frames, final Burst burst, final int i) {
        return frames.arena().memory().asSlice(burst.offset(i), burst.length(i)).toArray(ValueLayout.JAVA_BYTE);
    }

    /**
     * The ethertype of a frame in a burst.
     *
     * @param frames where it is
     * @param burst  that describes it
     * @param i      its index there
     * @return 0 to 0xffff
     */
    public static int etherType(final Frames frames, final Burst burst, final int i) {
        final MemorySegment memory = frames.arena().memory();
        return Byte.toUnsignedInt(memory.get(ValueLayout.JAVA_BYTE, burst.offset(i) + 12)) << 8
            | Byte.toUnsignedInt(memory.get(ValueLayout.JAVA_BYTE, burst.offset(i) + 13));
    }

    private static byte[] pattern(final ByteBuffer frame, final int number) {
        frame.putInt(number);
        while (frame.hasRemaining()) {
            frame.put((byte) (frame.position() * 31 + number));
        }
        return frame.array();
    }

    private static void putMac(final ByteBuffer frame, final long mac) {
        frame.putShort((short) (mac >> 32)).putInt((int) mac);
    }
}
