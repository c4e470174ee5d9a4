package io.sluice.dataplane.pipeline;

import io.sluice.dataplane.port.Burst;
import java.util.Arrays;
import java.util.HexFormat;

/**
 * A frame as bytes, with what a port says about it.
 *
 * @param bytes          from the Ethernet header on
 * @param port           it came in by, or leaves by
 * @param gsoType        a {@code GSO_} constant of {@link Burst}
 * @param gsoSize        payload bytes of a segment
 * @param checksumStart  where the partial checksum's sum starts, or {@link #COMPLETE}
 * @param checksumOffset from there to the field
 * @param vlanStripped   whether the kernel took a tag off
 * @param otherHost      whether the link-layer address is another host's
 */
public record TestFrame(byte[] bytes, int port, byte gsoType, int gsoSize, int checksumStart, int checksumOffset,
                        boolean vlanStripped, boolean otherHost) {
    /** {@link #checksumStart} of a frame whose checksum is complete. */
    public static final int COMPLETE = -1;

    /**
     * A plain frame.
     *
     * @param bytes from the Ethernet header on
     * @param port  it comes in by
     * @return one packet with complete checksums
     */
    public static TestFrame plain(final byte[] bytes, final int port) {
        return new TestFrame(bytes, port, Burst.GSO_NONE, 0, COMPLETE, 0, false, false);
    }

    /**
     * Copies a frame out of a burst.
     *
     * @param bytes of the frame
     * @param burst describes it
     * @param i     its index there
     * @return the frame
     */
    static TestFrame of(final byte[] bytes, final Burst burst, final int i) {
        final boolean partial = burst.isChecksumPartial(i);
        return new TestFrame(bytes, burst.port(i), burst.gsoType(i), burst.gsoSize(i),
            partial ? burst.checksumStart(i) : COMPLETE, partial ? burst.checksumOffset(i) : 0, burst.isVlanStripped(i),
            burst.isOtherHost(i));
    }

    /** Describes the frame to a burst, which has it already. */
    void describe(final Burst burst, final int i) {
        burst.gso(i, gsoType, gsoSize);
        if (isPartial()) {
            burst.partialChecksum(i, checksumStart, checksumOffset);
        }
        if (vlanStripped) {
            burst.vlanStripped(i);
        }
        if (otherHost) {
            burst.otherHost(i);
        }
    }

    /**
     * Whether only the pseudo-header is in the checksum field.
     *
     * @return true if hardware adds the rest
     */
    public boolean isPartial() {
        return checksumStart != COMPLETE;
    }

    /**
     * Whether it is a super-frame.
     *
     * @return true for GSO
     */
    public boolean isGso() {
        return gsoType != Burst.GSO_NONE;
    }

    /**
     * The same frame with other bytes.
     *
     * @param other its new bytes
     * @return a frame described as this one
     */
    public TestFrame with(final byte[] other) {
        return new TestFrame(other, port, gsoType, gsoSize, checksumStart, checksumOffset, vlanStripped, otherHost);
    }

    /**
     * The same frame, coming in by another port.
     *
     * @param other index of the port
     * @return a copy
     */
    public TestFrame by(final int other) {
        return new TestFrame(bytes, other, gsoType, gsoSize, checksumStart, checksumOffset, vlanStripped, otherHost);
    }

    /**
     * The same frame, as received from a VLAN whose tag the kernel took off.
     *
     * @return a copy
     */
    public TestFrame untagged() {
        return new TestFrame(bytes, port, gsoType, gsoSize, checksumStart, checksumOffset, true, otherHost);
    }

    /**
     * The same frame, as received by a promiscuous interface.
     *
     * @return a copy
     */
    public TestFrame overheard() {
        return new TestFrame(bytes, port, gsoType, gsoSize, checksumStart, checksumOffset, vlanStripped, true);
    }

    @Override
    public boolean equals(final Object other) {
        return other instanceof final TestFrame that && Arrays.equals(bytes, that.bytes) && port == that.port
            && gsoType == that.gsoType && gsoSize == that.gsoSize && checksumStart == that.checksumStart
            && checksumOffset == that.checksumOffset && vlanStripped == that.vlanStripped && otherHost == that.otherHost;
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bytes);
    }

    @Override
    public String toString() {
        return (isGso() ? "gso " + gsoSize + " " : "") + (isPartial() ? "partial " + checksumStart + " " : "") + "port " + port + " "
            + HexFormat.of().formatHex(bytes, 0, Math.min(bytes.length, 200)) + (bytes.length > 200 ? "..." : "");
    }
}
