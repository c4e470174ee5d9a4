package io.sluice.dataplane.pipeline;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/**
 * A packet taken apart, with code of its own. {@link #of} insists that every length agrees with the bytes that are there;
 * {@link #isSound} tells about checksums, offload metadata and TCP options. A packet that an ICMP error quotes may be cut off.
 */
public final class Decoded {
    /** A TCP option: {@code kind}, and what follows its length byte. */
    public record Option(int kind, byte[] value) {
        @Override
        public String toString() {
            return "option " + kind + " " + Arrays.toString(value);
        }

        @Override
        public boolean equals(final Object other) {
            return other instanceof final Option that && kind == that.kind && Arrays.equals(value, that.value);
        }

        @Override
        public int hashCode() {
            return kind;
        }
    }

    private static final int ETHERNET = 14;

    /** Names of what is wrong. */
    public final List<String> defects = new ArrayList<>();
    /** Ethernet destination, 0 for a quoted packet. */
    public long destinationMac;
    /** Ethernet source. */
    public long sourceMac;
    /** Whether IPv4. */
    public boolean ipv4;
    /** Source address. */
    public InetAddress sourceAddress;
    /** Destination address. */
    public InetAddress destinationAddress;
    /** Bytes of IP headers. */
    public int ipHeaderLength;
    /** Bytes of the IP packet, as its header says. */
    public int ipLength;
    /** DSCP and ECN. */
    public int trafficClass;
    /** IPv6 flow label. */
    public int flowLabel;
    /** TTL or hop limit. */
    public int ttl;
    /** Identification, -1 for IPv6 without a fragment header. */
    public int identification = -1;
    /** IPv4 don't fragment. */
    public boolean dontFragment;
    /** More fragments. */
    public boolean moreFragments;
    /** Offset in bytes. */
    public int fragmentOffset;
    /** IPv6 fragment header, also in a packet that is whole. */
    public boolean fragmentHeader;
    /** IPv6 extension headers but the fragment header. */
    public List<Integer> extensions = new ArrayList<>();
    /** Transport protocol. */
    public int protocol;
    /** Source port. */
    public int sourcePort;
    /** Destination port. */
    public int destinationPort;
    /** TCP sequence number. */
    public int sequence;
    /** TCP acknowledgment number. */
    public int acknowledgment;
    /** TCP flags. */
    public int flags;
    /** TCP window. */
    public int window;
    /** TCP urgent pointer. */
    public int urgent;
    /** TCP options as they are, padding included. */
    public byte[] rawOptions = {};
    /** TCP options without NOP and END. */
    public final List<Option> options = new ArrayList<>();
    /** Transport checksum field. */
    public int checksum;
    /** What UDP says of its length. */
    public int datagramLength;
    /** ICMP type. */
    public int icmpType;
    /** ICMP code. */
    public int icmpCode;
    /** ICMP's four bytes behind the checksum. */
    public int icmpRest;
    /** What follows the transport header; of a later fragment, what follows the IP headers. */
    public byte[] payload = {};

    private final TestFrame frame;
    private final ByteBuffer bytes;
    private final boolean quote;

    private Decoded(final TestFrame frame, final byte[] bytes, final boolean quote) {
        this.frame = frame;
        this.bytes = ByteBuffer.wrap(bytes);
        this.quote = quote;
    }

    /**
     * Decodes a frame.
     *
     * @param frame from the Ethernet header on
     * @return its fields
     * @throws AssertionError if a length is wrong
     */
    public static Decoded of(final TestFrame frame) {
        final Decoded decoded = new Decoded(frame, frame.bytes(), false);
        final ByteBuffer bytes = decoded.bytes;
        decoded.destinationMac = bytes.getLong(0) >>> 16;
        decoded.sourceMac = bytes.getLong(4) & 0xffff_ffff_ffffL;
        final int type = bytes.getShort(12) & 0xffff;
        decoded.ipv4 = type == 0x0800;
        decoded.expect(decoded.ipv4 || type == 0x86dd, "ethertype " + Integer.toHexString(type));
        decoded.ip(ETHERNET);
        return decoded;
    }

    /**
     * The packet that this ICMP error quotes.
     *
     * @return its fields, as far as they are there
     */
    public Decoded quoted() {
        final Decoded decoded = new Decoded(null, payload, true);
        decoded.ipv4 = payload[0] >>> 4 == 4;
        decoded.ip(0);
        return decoded;
    }

    private void expect(final boolean condition, final String what) {
        if (!condition) {
            throw new AssertionError(what + " in " + frame);
        }
    }

    private void ip(final int at) {
        expect((bytes.get(at) >> 4 & 0xf) == (ipv4 ? 4 : 6), "IP version");
        if (ipv4) {
            ipv4(at);
        } else {
            ipv6(at);
        }
        final int end = Math.min(at + ipLength, bytes.capacity());
        expect(quote || at + ipLength == bytes.capacity(), "length " + ipLength + " of the IP packet");
        transport(at + ipHeaderLength, end);
    }

    private void ipv4(final int at) {
        ipHeaderLength = (bytes.get(at) & 0xf) * 4;
        trafficClass = bytes.get(at + 1) & 0xff;
        ipLength = bytes.getShort(at + 2) & 0xffff;
        identification = bytes.getShort(at + 4) & 0xffff;
        final int fragment = bytes.getShort(at + 6);
        dontFragment = (fragment & 0x4000) != 0;
        moreFragments = (fragment & 0x2000) != 0;
        fragmentOffset = (fragment & 0x1fff) * 8;
        ttl = bytes.get(at + 8) & 0xff;
        protocol = bytes.get(at + 9) & 0xff;
        sourceAddress = address(at + 12, 4);
        destinationAddress = address(at + 16, 4);
        if (Sums.sum(bytes.array(), at, at + ipHeaderLength) != 0xffff) {
            defects.add("IPv4 header checksum");
        }
    }

    private void ipv6(final int at) {
        trafficClass = bytes.getInt(at) >> 20 & 0xff;
        flowLabel = bytes.getInt(at) & 0xfffff;
        ipLength = 40 + (bytes.getShort(at + 4) & 0xffff);
        ttl = bytes.get(at + 7) & 0xff;
        sourceAddress = address(at + 8, 16);
        destinationAddress = address(at + 24, 16);
        int next = bytes.get(at + 6) & 0xff;
        int header = at + 40;
        while (next == 0 || next == 43 || next == 44 || next == 60) {
            final int type = next;
            next = bytes.get(header) & 0xff;
            if (type == 44) {
                fragmentHeader = true;
                fragmentOffset = bytes.getShort(header + 2) & 0xfff8;
                moreFragments = (bytes.getShort(header + 2) & 1) != 0;
                identification = bytes.getInt(header + 4);
                header += 8;
                if (fragmentOffset != 0) {
                    break;
                }
            } else {
                extensions.add(type);
                header += 8 + 8 * (bytes.get(header + 1) & 0xff);
            }
        }
        protocol = next;
        ipHeaderLength = header - at;
    }

    private InetAddress address(final int at, final int length) {
        try {
            return InetAddress.getByAddress(Arrays.copyOfRange(bytes.array(), at, at + length));
        } catch (final UnknownHostException e) {
            throw new AssertionError(e);
        }
    }

    private void transport(final int at, final int end) {
        final int available = end - at;
        int header = 0;
        if (fragmentOffset == 0 && protocol == 6) {
            header = tcp(at, available);
        } else if (fragmentOffset == 0 && protocol == 17) {
            header = udp(at, available);
        } else if (fragmentOffset == 0 && (protocol == 1 || protocol == 58)) {
            header = 8;
            icmpType = bytes.get(at) & 0xff;
            icmpCode = bytes.get(at + 1) & 0xff;
            checksum = bytes.getShort(at + 2) & 0xffff;
            icmpRest = bytes.getInt(at + 4);
        }
        payload = Arrays.copyOfRange(bytes.array(), Math.min(at + header, end), end);
        if (!quote && fragmentOffset == 0 && !moreFragments) {
            checkSum(at, protocol == 17 ? at + datagramLength : end);
        }
    }

    private int tcp(final int at, final int available) {
        ports(at);
        sequence = bytes.getInt(at + 4);
        if (quote && available < 20) {
            return 8;
        }
        acknowledgment = bytes.getInt(at + 8);
        flags = bytes.get(at + 13) & 0xff;
        window = bytes.getShort(at + 14) & 0xffff;
        checksum = bytes.getShort(at + 16) & 0xffff;
        urgent = bytes.getShort(at + 18) & 0xffff;
        final int header = (bytes.get(at + 12) >> 4 & 0xf) * 4;
        expect(header >= 20 && (quote || header <= available), "TCP header length " + header);
        rawOptions = Arrays.copyOfRange(bytes.array(), at + 20, at + Math.min(header, available));
        options();
        return header;
    }

    private void options() {
        int at = 0;
        while (at < rawOptions.length && rawOptions[at] != 0) {
            if (rawOptions[at] == 1) {
                at++;
                continue;
            }
            final int length = at + 1 < rawOptions.length ? rawOptions[at + 1] & 0xff : 0;
            if (length < 2 || at + length > rawOptions.length) {
                defects.add("TCP options " + Arrays.toString(rawOptions));
                return;
            }
            options.add(new Option(rawOptions[at] & 0xff, Arrays.copyOfRange(rawOptions, at + 2, at + length)));
            at += length;
        }
    }

    private int udp(final int at, final int available) {
        ports(at);
        datagramLength = bytes.getShort(at + 4) & 0xffff;
        checksum = bytes.getShort(at + 6) & 0xffff;
        expect(quote || moreFragments || datagramLength <= available, "UDP length " + datagramLength);
        return 8;
    }

    private void ports(final int at) {
        sourcePort = bytes.getShort(at) & 0xffff;
        destinationPort = bytes.getShort(at + 2) & 0xffff;
    }

    private void checkSum(final int at, final int end) {
        final int field = protocol == 6 ? 16 : protocol == 17 ? 6 : 2;
        final int pseudo = protocol == 1 ? 0 : Sums.pseudoHeader(sourceAddress, destinationAddress, protocol, end - at);
        if (frame.isPartial()) {
            if (frame.checksumStart() != at || frame.checksumOffset() != field || checksum != pseudo) {
                defects.add("partial checksum");
            }
        } else if (protocol == 17 && checksum == 0) {
            if (!ipv4) {
                defects.add("no UDP checksum");
            }
        } else if (Stream.of(1, 6, 17, 58).anyMatch(known -> known == protocol)
            && Sums.add(pseudo, Sums.sum(bytes.array(), at, end)) != 0xffff) {
            defects.add("transport checksum");
        }
    }

    /**
     * Whether checksums (complete or partial) and TCP options are right.
     *
     * @return true if there are no {@link #defects}
     */
    public boolean isSound() {
        return defects.isEmpty();
    }

    /**
     * Source.
     *
     * @return address and port
     */
    public Endpoint source() {
        return new Endpoint(sourceAddress, sourcePort);
    }

    /**
     * Destination.
     *
     * @return address and port
     */
    public Endpoint destination() {
        return new Endpoint(destinationAddress, destinationPort);
    }

    /**
     * The value of a TCP option.
     *
     * @param kind which
     * @return what follows its length byte, or null if it is not there
     */
    public byte[] option(final int kind) {
        return options.stream().filter(option -> option.kind == kind).findFirst().map(Option::value).orElse(null);
    }

    /**
     * Kinds of the TCP options.
     *
     * @return in order, without padding
     */
    public List<Integer> optionKinds() {
        return options.stream().map(Option::kind).toList();
    }

    /**
     * The client in the TTM option of kind 254.
     *
     * @return address and port, or null
     */
    public Endpoint ttm() {
        return ttm(254);
    }

    /**
     * The client in a TTM option.
     *
     * @param kind of the option
     * @return address and port, or null
     */
    public Endpoint ttm(final int kind) {
        final byte[] value = option(kind);
        if (value == null) {
            return null;
        }
        try {
            return new Endpoint(InetAddress.getByAddress(Arrays.copyOfRange(value, 2, value.length)),
                ByteBuffer.wrap(value).getShort() & 0xffff);
        } catch (final UnknownHostException e) {
            throw new AssertionError(e);
        }
    }

    /**
     * The payload as text.
     *
     * @return ASCII
     */
    public String text() {
        return new String(payload, StandardCharsets.US_ASCII);
    }
}
