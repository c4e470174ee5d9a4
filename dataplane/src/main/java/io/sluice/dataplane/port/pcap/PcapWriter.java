package io.sluice.dataplane.port.pcap;

import io.sluice.dataplane.api.DataplaneException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Writes a capture file: classic pcap, little-endian, microseconds, Ethernet. Buffered; {@link #flush} or {@link #close}
 * brings everything to the file. One thread.
 */
public final class PcapWriter implements AutoCloseable {
    private static final long NS_PER_SECOND = 1_000_000_000L;
    private static final int NS_PER_MICROSECOND = 1000;
    private static final int BUFFER_BYTES = 4 * PcapFormat.LONGEST_FRAME;

    private final Path file;
    private final FileChannel channel;
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER_BYTES);
    private final MemorySegment memory = MemorySegment.ofBuffer(buffer);

    private PcapWriter(final Path file, final FileChannel channel) {
        this.file = file;
        this.channel = channel;
        memory.set(PcapFormat.INT, PcapFormat.MAGIC, PcapFormat.MAGIC_MICROSECONDS);
        memory.set(PcapFormat.SHORT, PcapFormat.VERSION_MAJOR, (short) 2);
        memory.set(PcapFormat.SHORT, PcapFormat.VERSION_MINOR, (short) 4);
        memory.set(PcapFormat.INT, PcapFormat.SNAPLEN, PcapFormat.LONGEST_FRAME);
        memory.set(PcapFormat.INT, PcapFormat.LINK_TYPE, PcapFormat.LINK_ETHERNET);
        buffer.position(PcapFormat.FILE_HEADER_LENGTH);
    }

    /**
     * Makes a capture file, in the place of one that may be there.
     *
     * @param file where
     * @return a writer; the file has its header after the first flush
     * @throws DataplaneException if the file cannot be made
     */
    public static PcapWriter create(final Path file) {
        try {
            return new PcapWriter(file, FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE,
                StandardOpenOption.TRUNCATE_EXISTING));
        } catch (final IOException e) {
            throw new DataplaneException("cannot make capture file " + file + ": " + e.getMessage()
                + ". Name a file in an existing directory that may be written.", e);
        }
    }

    /**
     * Appends a frame.
     *
     * @param source where it is
     * @param offset of its first byte
     * @param length its bytes, 0 to 262,144
     * @param timeNs nanoseconds since 1970, 0 or more
     * @throws DataplaneException if the disk is full or the like
     */
    public void write(final MemorySegment source, final long offset, final int length, final long timeNs) {
        if (buffer.remaining() < PcapFormat.RECORD_HEADER_LENGTH + length) {
            flush();
        }
        final int at = buffer.position();
        memory.set(PcapFormat.INT, at + PcapFormat.SECONDS, (int) (timeNs / NS_PER_SECOND));
        memory.set(PcapFormat.INT, at + PcapFormat.FRACTION, (int) (timeNs % NS_PER_SECOND / NS_PER_MICROSECOND));
        memory.set(PcapFormat.INT, at + PcapFormat.CAPTURED_LENGTH, length);
        memory.set(PcapFormat.INT, at + PcapFormat.ORIGINAL_LENGTH, length);
        MemorySegment.copy(source, offset, memory, at + PcapFormat.RECORD_HEADER_LENGTH, length);
        buffer.position(at + PcapFormat.RECORD_HEADER_LENGTH + length);
    }

    /**
     * Brings everything to the file.
     *
     * @throws DataplaneException if the disk is full or the like
     */
    public void flush() {
        buffer.flip();
        try {
            while (buffer.hasRemaining()) {
                channel.write(buffer);
            }
        } catch (final IOException e) {
            throw new DataplaneException("cannot write capture file " + file + ": " + e.getMessage(), e);
        } finally {
            buffer.clear();
        }
    }

    @Override
    public void close() {
        if (!channel.isOpen()) {
            return;
        }
        try (channel) {
            flush();
        } catch (final IOException e) {
            throw new DataplaneException("cannot close capture file " + file + ": " + e.getMessage(), e);
        }
    }
}
