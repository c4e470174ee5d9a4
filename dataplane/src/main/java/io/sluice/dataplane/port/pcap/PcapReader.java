package io.sluice.dataplane.port.pcap;

import io.sluice.dataplane.api.DataplaneException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.channels.FileChannel;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Reads the frames of a capture file one after the other, in either byte order, with micro- or nanoseconds. One thread.
 *
 * <p>A file that ends within a record, as after a crash of its writer, ends before that record; {@link #isCutShort} tells.
 */
public final class PcapReader implements AutoCloseable {
    private static final long NS_PER_SECOND = 1_000_000_000L;
    private static final int NS_PER_MICROSECOND = 1000;

    private final Arena arena = Arena.ofShared();
    private final Path file;
    private final MemorySegment memory;
    private final boolean swapped;
    private final int nsPerFraction;
    private long record = PcapFormat.FILE_HEADER_LENGTH;
    private boolean cutShort;

    private PcapReader(final Path file) throws IOException {
        this.file = file;
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            memory = channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena);
        }
        if (memory.byteSize() < PcapFormat.FILE_HEADER_LENGTH) {
            throw wrong("it has " + memory.byteSize() + " bytes, and the file header alone has 24");
        }
        final int magic = memory.get(PcapFormat.INT, PcapFormat.MAGIC);
        swapped = isMagic(Integer.reverseBytes(magic));
        if (!swapped && !isMagic(magic)) {
            throw wrong(magic == PcapFormat.MAGIC_PCAPNG
                ? "it is pcapng. Convert it with: editcap -F pcap " + file + " converted.pcap"
                : "it does not start with the magic number a1b2c3d4 or a1b23c4d");
        }
        nsPerFraction = number(PcapFormat.MAGIC) == PcapFormat.MAGIC_NANOSECONDS ? 1 : NS_PER_MICROSECOND;
        final int linkType = number(PcapFormat.LINK_TYPE) & PcapFormat.LINK_TYPE_MASK;
        if (linkType != PcapFormat.LINK_ETHERNET) {
            throw wrong("its link type is " + linkType + ", and only Ethernet, 1, can be read");
        }
        checkRecord();
    }

    /**
     * Opens a capture file at its first frame.
     *
     * @param file an existing file, which must not shrink while it is open
     * @return a reader
     * @throws DataplaneException if it cannot be read or is not a classic pcap file of Ethernet frames
     */
    public static PcapReader open(final Path file) {
        try {
            return new PcapReader(file);
        } catch (final NoSuchFileException e) {
            throw new DataplaneException("there is no capture file " + file + ".", e);
        } catch (final IOException e) {
            throw new DataplaneException("cannot read capture file " + file + ": " + e.getMessage(), e);
        }
    }

    /**
     * Whether there is a frame, on which all other methods then work.
     *
     * @return false at the end of the file
     */
    public boolean hasFrame() {
        return record < memory.byteSize() && !cutShort;
    }

    /** Goes on to the next frame. */
    public void advance() {
        record += PcapFormat.RECORD_HEADER_LENGTH + (long) length();
        checkRecord();
    }

    /**
     * When the frame was captured.
     *
     * @return nanoseconds since 1970
     */
    public long timeNs() {
        return Integer.toUnsignedLong(number(record + PcapFormat.SECONDS)) * NS_PER_SECOND
            + Integer.toUnsignedLong(number(record + PcapFormat.FRACTION)) * nsPerFraction;
    }

    /**
     * Bytes of the frame in the file.
     *
     * @return 0 to 262,144
     */
    public int length() {
        return number(record + PcapFormat.CAPTURED_LENGTH);
    }

    /**
     * Bytes the frame had on the wire: more than {@link #length} if the capture cut frames.
     *
     * @return what the file says
     */
    public int originalLength() {
        return number(record + PcapFormat.ORIGINAL_LENGTH);
    }

    /**
     * Copies the frame.
     *
     * @param target where to
     * @param offset where the first byte goes; {@link #length} bytes must fit
     */
    public void copyTo(final MemorySegment target, final long offset) {
        MemorySegment.copy(memory, record + PcapFormat.RECORD_HEADER_LENGTH, target, offset, length());
    }

    /**
     * The frame as an array.
     *
     * @return a copy
     */
    public byte[] toArray() {
        return memory.asSlice(record + PcapFormat.RECORD_HEADER_LENGTH, length()).toArray(ValueLayout.JAVA_BYTE);
    }

    /**
     * Whether the file ends within a record, or goes on with something that is none.
     *
     * @return true if frames may be missing at the end; known when {@link #hasFrame} is false
     */
    public boolean isCutShort() {
        return cutShort;
    }

    @Override
    public void close() {
        if (arena.scope().isAlive()) {
            arena.close();
        }
    }

    private void checkRecord() {
        final long left = memory.byteSize() - record;
        cutShort = left > 0 && (left < PcapFormat.RECORD_HEADER_LENGTH || length() < 0 || length() > PcapFormat.LONGEST_FRAME
            || left - PcapFormat.RECORD_HEADER_LENGTH < length());
    }

    private DataplaneException wrong(final String why) {
        arena.close();
        return new DataplaneException("cannot read capture file " + file + ": " + why + ".");
    }

    private int number(final long at) {
        final int value = memory.get(PcapFormat.INT, at);
        return swapped ? Integer.reverseBytes(value) : value;
    }

    private static boolean isMagic(final int value) {
        return value == PcapFormat.MAGIC_MICROSECONDS || value == PcapFormat.MAGIC_NANOSECONDS;
    }
}
