package io.sluice.dataplane.pipeline;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * Builds a frame field by field, with code of its own: what it says about lengths and checksums does not come from the code
 * under test.
 *
 * @param <B> the builder of the protocol
 */
public abstract class PacketBuilder<B extends PacketBuilder<B>> {
    private static final int ETHERNET = 14;

    /** Source. */
    protected final Endpoint from;
    /** Destination. */
    protected final Endpoint to;
    private final List<Extension> extensions = new ArrayList<>();
    private long destinationMac = TestNet.FRONT_MAC;
    private long sourceMac = TestNet.ROUTER_MAC;
    private int etherType;
    private int ttl = 64;
    private int trafficClass;
    private int identification = 0x1234;
    private boolean dontFragment = true;
    private boolean atomicFragment;
    private byte[] ipOptions = {};
    private int padding;
    private int port = TestNet.FRONT;
    private int gsoSize;
    private byte gsoType;
    private boolean partial;
    private boolean wrong;
    private boolean wrongIpChecksum;
    private int flowLabel = 0xabcde;
    private boolean anyIdentification;

    private record Extension(int type, byte[] bytes) {
    }

    /** A packet between two end points. */
    PacketBuilder(final Endpoint from, final Endpoint to) {
        if (from.isIpv4() != to.isIpv4()) {
            throw new IllegalArgumentException(from + " to " + to);
        }
        this.from = from;
        this.to = to;
    }

    /** IP protocol number. */
    abstract int protocol();

    /** Transport header and payload, the checksum field zero. */
    abstract byte[] transport();

    /** Where the checksum is in the transport, -1 if there is none. */
    abstract int checksumField();

    /** The super-frame type of the protocol. */
    abstract byte superFrame();

    /** Whether the pseudo-header belongs into the checksum. */
    boolean hasPseudoHeader() {
        return true;
    }

    /** Bytes that the checksum covers. */
    int coveredLength(final int transportLength) {
        return transportLength;
    }

    /** What is sent for a computed checksum. */
    int sent(final int checksum) {
        return checksum;
    }

    @SuppressWarnings("unchecked")
    final B self() {
        return (B) this;
    }

    /** TTL or hop limit. */
    public final B ttl(final int value) {
        ttl = value;
        return self();
    }

    /** DSCP and ECN. */
    public final B trafficClass(final int value) {
        trafficClass = value;
        return self();
    }

    /** IPv4 identification, or that of the IPv6 fragment header. */
    public final B identification(final int value) {
        identification = value;
        return self();
    }

    /** Clears the don't-fragment flag, which is set by default. */
    public final B mayFragment() {
        dontFragment = false;
        return self();
    }

    /** An IPv6 fragment header on a packet that is whole (RFC 6946). */
    public final B atomicFragment() {
        atomicFragment = true;
        return self();
    }

    /** IPv4 options, a multiple of four bytes. */
    public final B ipOptions(final int... bytes) {
        ipOptions = Options.bytes(bytes);
        return self();
    }

    /** An IPv6 extension header whose two first bytes, next header and length, are filled in. */
    public final B extension(final int type, final int... rest) {
        extensions.add(new Extension(type, Options.bytes(rest)));
        return self();
    }

    /** A hop-by-hop header of 8 bytes of padding. */
    public final B hopByHop() {
        return extension(0, 1, 4, 0, 0, 0, 0);
    }

    /** A destination options header of 16 bytes of padding. */
    public final B destinationOptions() {
        return extension(60, 1, 12, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
    }

    /** A routing header of type 0 with that many stations left. */
    public final B routing(final int segmentsLeft) {
        return extension(43, 0, segmentsLeft, 0, 0, 0, 0);
    }

    /** Comes in by the back, from a real server. */
    public final B fromBack() {
        port = TestNet.BACK;
        destinationMac = TestNet.BACK_MAC;
        sourceMac = TestNet.SERVER_MAC;
        return self();
    }

    /** Leaves by the front, to the clients' router. */
    public final B toFront() {
        port = TestNet.FRONT;
        destinationMac = TestNet.ROUTER_MAC;
        sourceMac = TestNet.FRONT_MAC;
        return self();
    }

    /** Leaves by the back, to a real server. */
    public final B toBack() {
        port = TestNet.BACK;
        destinationMac = TestNet.SERVER_MAC;
        sourceMac = TestNet.BACK_MAC;
        return self();
    }

    /** IPv6 flow label. */
    public final B flowLabel(final int value) {
        flowLabel = value;
        return self();
    }

    /** An expected packet that has an identification nobody can know: {@link #matching} takes it from the actual one. */
    public final B anyIdentification() {
        anyIdentification = true;
        return self();
    }

    /**
     * The frame, to be compared with another.
     *
     * @param actual a frame whose identification is taken if any will do
     * @return bytes and description
     */
    public final TestFrame matching(final TestFrame actual) {
        if (anyIdentification) {
            identification = Decoded.of(actual).identification;
        }
        return build();
    }

    /** Ethernet padding behind the packet. */
    public final B padding(final int bytes) {
        padding = bytes;
        return self();
    }

    /** Another ethertype than that of the IP version. */
    public final B etherType(final int type) {
        etherType = type;
        return self();
    }

    /** A super-frame with a partial checksum, as the kernel delivers it. */
    public final B gso(final int segmentPayload) {
        gsoSize = segmentPayload;
        gsoType = superFrame();
        partial = true;
        return self();
    }

    /** Only the pseudo-header in the checksum field. */
    public final B partialChecksum() {
        partial = true;
        return self();
    }

    /** One bit of the transport checksum is wrong. */
    public final B wrongChecksum() {
        wrong = true;
        return self();
    }

    /** One bit of the IPv4 header checksum is wrong. */
    public final B wrongIpChecksum() {
        wrongIpChecksum = true;
        return self();
    }

    /**
     * The IP packet without Ethernet, for ICMP errors to quote.
     *
     * @return bytes from the IP header on
     */
    public final byte[] ipPacket() {
        final byte[] transport = summed();
        return ip(transport, 0, transport.length, false, atomicFragment);
    }

    /**
     * The frame.
     *
     * @return bytes and description
     */
    public final TestFrame build() {
        final byte[] ip = ipPacket();
        final int start = partial ? ETHERNET + ip.length - summed().length : TestFrame.COMPLETE;
        return frame(ip, start);
    }

    /**
     * The packet in fragments.
     *
     * @param payload bytes of the original packet in each, a multiple of eight
     * @return in order
     */
    public final List<TestFrame> fragments(final int payload) {
        final byte[] transport = summed();
        final List<TestFrame> fragments = new ArrayList<>();
        for (int at = 0; at < transport.length; at += payload) {
            final int end = Math.min(at + payload, transport.length);
            fragments.add(frame(ip(transport, at, end, end < transport.length, true), TestFrame.COMPLETE));
        }
        return fragments;
    }

    private byte[] summed() {
        final byte[] transport = transport();
        final int field = checksumField();
        if (field >= 0) {
            final int length = coveredLength(transport.length);
            final int pseudo = hasPseudoHeader() ? Sums.pseudoHeader(from.address(), to.address(), protocol(), length) : 0;
            final int covered = Math.min(length, transport.length);
            final int sum = partial ? pseudo : sent(Sums.complement(Sums.add(pseudo, Sums.sum(transport, 0, covered))));
            ByteBuffer.wrap(transport).putShort(field, (short) (wrong ? sum ^ 0x0100 : sum));
        }
        return transport;
    }

    private byte[] ip(final byte[] transport, final int start, final int end, final boolean more, final boolean fragment) {
        return from.isIpv4() ? ipv4(transport, start, end, more) : ipv6(transport, start, end, more, fragment);
    }

    private byte[] ipv4(final byte[] transport, final int start, final int end, final boolean more) {
        final int header = 20 + ipOptions.length;
        final boolean whole = start == 0 && !more;
        final ByteBuffer ip = ByteBuffer.allocate(header + end - start);
        ip.put((byte) (0x40 | header / 4)).put((byte) trafficClass).putShort((short) ip.capacity());
        ip.putShort((short) identification).putShort((short) (start / 8 | (more ? 0x2000 : 0) | (whole && dontFragment ? 0x4000 : 0)));
        ip.put((byte) ttl).put((byte) protocol()).putShort((short) 0);
        ip.put(from.address().getAddress()).put(to.address().getAddress()).put(ipOptions);
        ip.putShort(10, (short) (Sums.complement(Sums.sum(ip.array(), 0, header)) ^ (wrongIpChecksum ? 1 : 0)));
        return ip.put(transport, start, end - start).array();
    }

    private byte[] ipv6(final byte[] transport, final int start, final int end, final boolean more, final boolean fragment) {
        final int headers = extensions.stream().mapToInt(extension -> extension.bytes.length + 2).sum() + (fragment ? 8 : 0);
        final ByteBuffer ip = ByteBuffer.allocate(40 + headers + end - start);
        ip.putInt(6 << 28 | trafficClass << 20 | flowLabel).putShort((short) (ip.capacity() - 40));
        ip.put((byte) nextHeader(0, fragment)).put((byte) ttl).put(from.address().getAddress()).put(to.address().getAddress());
        for (int i = 0; i < extensions.size(); i++) {
            final byte[] rest = extensions.get(i).bytes;
            ip.put((byte) nextHeader(i + 1, fragment)).put((byte) ((rest.length + 2) / 8 - 1)).put(rest);
        }
        if (fragment) {
            ip.put((byte) protocol()).put((byte) 0).putShort((short) (start | (more ? 1 : 0))).putInt(identification);
        }
        return ip.put(transport, start, end - start).array();
    }

    private int nextHeader(final int extension, final boolean fragment) {
        if (extension < extensions.size()) {
            return extensions.get(extension).type;
        }
        return fragment ? 44 : protocol();
    }

    private TestFrame frame(final byte[] ip, final int checksumStart) {
        final ByteBuffer frame = ByteBuffer.allocate(ETHERNET + ip.length + padding);
        frame.putLong(destinationMac << 16 | sourceMac >>> 32).putInt((int) sourceMac);
        frame.putShort((short) (etherType != 0 ? etherType : from.isIpv4() ? 0x0800 : 0x86dd)).put(ip);
        return new TestFrame(frame.array(), port, gsoType, gsoSize, checksumStart, partial ? checksumField() : 0, false, false);
    }
}
