package io.sluice.dataplane.port.memory;

import io.sluice.dataplane.port.Burst;

/**
 * A frame outside of any arena, with the metadata that a port gives or takes: what a test injects, and what it gets back.
 *
 * @param bytes           from the Ethernet header on; not copied
 * @param partialChecksum whether the transport checksum is partial
 * @param checksumStart   bytes from the frame's start to the transport header, if partial, else 0
 * @param checksumOffset  bytes from there to the checksum field, if partial, else 0
 * @param gsoType         a {@code GSO_} constant of {@link Burst}
 * @param gsoSize         payload bytes per segment, 0 for a plain frame
 * @param vlanStripped    whether the kernel took a VLAN tag off
 * @param otherHost       whether it is addressed to another host
 */
public record MemoryFrame(byte[] bytes, boolean partialChecksum, int checksumStart, int checksumOffset, byte gsoType, int gsoSize,
                          boolean vlanStripped, boolean otherHost) {
    /**
     * A frame without metadata.
     *
     * @param bytes from the Ethernet header on
     * @return a plain frame
     */
    public static MemoryFrame plain(final byte[] bytes) {
        return new MemoryFrame(bytes, false, 0, 0, Burst.GSO_NONE, 0, false, false);
    }

    /**
     * The same frame with a partial checksum.
     *
     * @param start bytes from the frame's start to the transport header
     * @param field bytes from there to the checksum field
     * @return a new description of the same bytes
     */
    public MemoryFrame withPartialChecksum(final int start, final int field) {
        return new MemoryFrame(bytes, true, start, field, gsoType, gsoSize, vlanStripped, otherHost);
    }

    /**
     * The same frame as a super-frame.
     *
     * @param type a {@code GSO_} constant of {@link Burst}
     * @param size payload bytes per segment
     * @return a new description of the same bytes
     */
    public MemoryFrame withGso(final byte type, final int size) {
        return new MemoryFrame(bytes, partialChecksum, checksumStart, checksumOffset, type, size, vlanStripped, otherHost);
    }

    /**
     * The same frame as one of a VLAN sub-interface.
     *
     * @return a new description of the same bytes
     */
    public MemoryFrame withVlanStripped() {
        return new MemoryFrame(bytes, partialChecksum, checksumStart, checksumOffset, gsoType, gsoSize, true, otherHost);
    }

    /**
     * The same frame as one that only a promiscuous interface sees.
     *
     * @return a new description of the same bytes
     */
    public MemoryFrame withOtherHost() {
        return new MemoryFrame(bytes, partialChecksum, checksumStart, checksumOffset, gsoType, gsoSize, vlanStripped, true);
    }
}
