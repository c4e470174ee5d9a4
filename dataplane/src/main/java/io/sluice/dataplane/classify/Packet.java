package io.sluice.dataplane.classify;

import io.sluice.dataplane.port.Burst;
import io.sluice.dataplane.verdict.DropReason;
import io.sluice.dataplane.wire.Ipv4;
import java.lang.foreign.MemorySegment;

/**
 * Where the headers of the frame at hand are, and what the path asks about them again and again.
 *
 * <p>A struct, one per lane, filled anew for each frame by the {@link Classifier}: nothing is allocated, and stages read
 * fields rather than parse again. Offsets are absolute in {@link #memory}. Fields of the transport header are only
 * meaningful when {@link #hasTransport} is true.
 */
public final class Packet {
    /** {@link #malformed} of a packet with nothing wrong. */
    public static final DropReason WELL_FORMED = null;

    /** The arena's memory. */
    public MemorySegment memory;
    /** The burst that describes the frame. */
    public Burst burst;
    /** Index of the frame in the burst. */
    public int index;

    /** Offset of the Ethernet header; of the IP header in a quoted packet. */
    public long frame;
    /** Offset of the IP header. */
    public long ip;
    /** Offset of the transport header. */
    public long transport;
    /** Offset behind the transport header. */
    public long payload;
    /** Offset behind the IP packet, as far as it is there; Ethernet padding is beyond it. */
    public long end;

    /** Whether the frame holds a packet that may be ours; if not, nothing else here means anything. */
    public boolean isIp;
    /** Whether the packet is IPv4. */
    public boolean ipv4;
    /** Source, first eight bytes, IPv4 mapped. */
    public long sourceHigh;
    /** Source, last eight bytes. */
    public long sourceLow;
    /** Destination, first eight bytes. */
    public long destinationHigh;
    /** Destination, last eight bytes. */
    public long destinationLow;
    /** Transport protocol. */
    public int protocol;
    /** TTL or hop limit. */
    public int ttl;
    /** DSCP and ECN. */
    public int trafficClass;

    /** Whether it is a fragment, first or later. */
    public boolean fragment;
    /** Offset within the original packet, in units of 8 bytes. */
    public int fragmentOffset;
    /** Whether more fragments follow. */
    public boolean moreFragments;
    /** Identification: 16 bits for IPv4, 32 for IPv6. */
    public int identification;
    /** Whether the sender forbids fragmentation; always true for IPv6. */
    public boolean dontFragment;
    /** Offset of the IPv6 fragment header, 0 if there is none. */
    public long fragmentHeader;
    /** Whether an IPv6 routing header has segments left. */
    public boolean routed;

    /** Whether there is a transport header: false for later fragments. */
    public boolean hasTransport;
    /** Source port; identifier for ICMP echo. */
    public int sourcePort;
    /** Destination port. */
    public int destinationPort;
    /** TCP flags. */
    public int flags;
    /** TCP sequence number. */
    public int sequence;
    /** TCP acknowledgment number. */
    public int acknowledgment;
    /** ICMP type. */
    public int icmpType;

    /** What is wrong with the packet, or {@link #WELL_FORMED}. */
    public DropReason malformed;

    /**
     * Bytes of the IP packet.
     *
     * @return from the IP header to the end
     */
    public int ipLength() {
        return (int) (end - ip);
    }

    /**
     * Bytes of IP headers, extension headers included.
     *
     * @return from the IP header to the transport header
     */
    public int ipHeaderLength() {
        return (int) (transport - ip);
    }

    /**
     * Bytes of the transport header and what follows.
     *
     * @return from the transport header to the end
     */
    public int transportLength() {
        return (int) (end - transport);
    }

    /**
     * Bytes of payload.
     *
     * @return from behind the transport header to the end
     */
    public int payloadLength() {
        return (int) (end - payload);
    }

    /**
     * Sequence space that a TCP segment takes.
     *
     * @return payload bytes, one more for SYN and for FIN
     */
    public int sequenceLength() {
        return payloadLength() + (flags & 1) + (flags >>> 1 & 1);
    }

    /**
     * Whether all given TCP flags are set.
     *
     * @param mask constants of {@link io.sluice.dataplane.wire.Tcp}
     * @return true if they are
     */
    public boolean has(final int mask) {
        return (flags & mask) == mask;
    }

    /**
     * Whether the packet is TCP.
     *
     * @return protocol 6
     */
    public boolean isTcp() {
        return protocol == Ipv4.TCP;
    }

    /**
     * Whether the frame is a super-frame to be cut into segments.
     *
     * @return true for GSO
     */
    public boolean isGso() {
        return burst.gsoType(index) != Burst.GSO_NONE;
    }

    /**
     * Whether the transport checksum is partial.
     *
     * @return true if only the pseudo-header is summed
     */
    public boolean isChecksumPartial() {
        return burst.isChecksumPartial(index);
    }
}
