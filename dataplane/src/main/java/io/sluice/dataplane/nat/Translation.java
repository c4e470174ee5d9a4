package io.sluice.dataplane.nat;

/**
 * What a packet becomes: the addresses it gets, and the link it leaves by. A struct, one per lane, filled anew per packet.
 */
public final class Translation {
    /** New source, first eight bytes, IPv4 mapped. */
    public long sourceHigh;
    /** New source, last eight bytes. */
    public long sourceLow;
    /** New destination, first eight bytes. */
    public long destinationHigh;
    /** New destination, last eight bytes. */
    public long destinationLow;
    /** New source port. */
    public int sourcePort;
    /** New destination port. */
    public int destinationPort;
    /** Whether the new packet is IPv4. */
    public boolean ipv4;
    /** Identification of the new packet, where it has one. */
    public int identification;

    /** Port to leave by. */
    public int port;
    /** Next hop. */
    public long destinationMac;
    /** Our end of the link. */
    public long sourceMac;
    /** Largest IP packet on that link. */
    public int mtu;
}
