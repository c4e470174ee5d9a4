package io.sluice.dataplane.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Reads and edits whatever bytes as a frame through every accessor, having checked only what the accessors ask their callers
 * to check. The memory ends where the bytes end, so an accessor that reads or writes past them throws.
 */
final class AnyBytes {
    private static final int[] OPTION_KINDS = {TcpOptions.MSS, TcpOptions.SACK, TcpOptions.TIMESTAMPS, TtmOption.KIND, 0, 255};

    private final byte[] bytes;
    private final MemorySegment frame;
    private final long end;

    private AnyBytes(final byte[] bytes) {
        this.bytes = bytes;
        this.frame = MemorySegment.ofArray(bytes);
        this.end = bytes.length;
    }

    /**
     * Visits everything that can be found in the bytes.
     *
     * @param bytes a frame, or not; changed
     */
    static void visit(final byte[] bytes) {
        final AnyBytes any = new AnyBytes(bytes);
        if (bytes.length >= Ethernet.LENGTH) {
            any.ethernet();
        }
        any.options(0, Math.min(bytes.length, Tcp.MAX_OPTIONS));
        any.checksums();
    }

    private void ethernet() {
        final long destination = Ethernet.destination(frame, 0);
        final long source = Ethernet.source(frame, 0);
        int type = Ethernet.type(frame, 0);
        final byte[] before = bytes.clone();
        Ethernet.write(frame, 0, destination, source, type);
        assertThat(bytes).isEqualTo(before);
        long at = Ethernet.LENGTH;
        while ((type == Ethernet.VLAN || type == Ethernet.SERVICE_VLAN) && at + 4 <= end) {
            type = NetworkOrder.u16(frame, at + 2);
            at += 4;
        }
        if (type == Ethernet.IPV4) {
            ipv4(at, true);
        } else if (type == Ethernet.IPV6) {
            ipv6(at, true);
            neighbourDiscovery(at);
        } else if (type == Ethernet.ARP && at + Arp.LENGTH <= end) {
            Arp.isEthernetIpv4(frame, at);
            assertThat(Arp.operation(frame, at)).isBetween(0, 0xffff);
            assertThat(Arp.senderMac(frame, at)).isBetween(0L, Ethernet.BROADCAST);
            Arp.sender(frame, at);
            Arp.target(frame, at);
        }
    }

    private void neighbourDiscovery(final long ip) {
        if (NeighbourDiscovery.isValid(frame, ip, end)) {
            assertThat(NeighbourDiscovery.isAdvertisement(frame, ip) && NeighbourDiscovery.isProbe(frame, ip)).isFalse();
            NeighbourDiscovery.targetHigh(frame, ip);
            NeighbourDiscovery.targetLow(frame, ip);
        }
    }

    private void ipv4(final long ip, final boolean outer) {
        if (ip + Ipv4.LENGTH > end) {
            return;
        }
        final int headerLength = Ipv4.headerLength(frame, ip);
        assertThat(headerLength).isBetween(0, 60);
        if (headerLength < Ipv4.LENGTH || ip + headerLength > end) {
            return;
        }
        assertThat(Address.isIpv4(Address.IPV4_HIGH, Ipv4.source(frame, ip))).isTrue();
        assertThat(Address.isIpv4(Address.IPV4_HIGH, Ipv4.destination(frame, ip))).isTrue();
        Ipv4.isChecksumRight(frame, ip, headerLength);
        Ipv4.writeChecksum(frame, ip, headerLength);
        assertThat(Ipv4.isChecksumRight(frame, ip, headerLength)).isTrue();
        transport(NetworkOrder.u8(frame, ip + Ipv4.PROTOCOL), ip + headerLength, outer);
    }

    private void ipv6(final long ip, final boolean outer) {
        if (ip + Ipv6.LENGTH > end) {
            return;
        }
        assertThat(Ipv6.trafficClass(frame, ip)).isBetween(0, 255);
        final long walked = Ipv6.walk(frame, ip, end);
        if (walked == Ipv6.MALFORMED) {
            return;
        }
        final long transport = ip + Ipv6.transport(walked);
        assertThat(transport).isBetween(ip + Ipv6.LENGTH, end);
        if (Ipv6.fragmentHeader(walked) != 0) {
            final long fragment = ip + Ipv6.fragmentHeader(walked);
            assertThat(fragment).isBetween(ip + Ipv6.LENGTH, transport - Ipv6.FRAGMENT_LENGTH);
            assertThat(Ipv6.fragmentOffset(frame, fragment)).isBetween(0, 8191);
            Ipv6.hasMoreFragments(frame, fragment);
        }
        transport(Ipv6.protocol(walked), transport, outer);
    }

    private void transport(final int protocol, final long at, final boolean outer) {
        if (protocol == Ipv4.TCP && at + Tcp.LENGTH <= end) {
            final int headerLength = Tcp.headerLength(frame, at);
            if (headerLength >= Tcp.LENGTH && at + headerLength <= end) {
                options(at + Tcp.LENGTH, at + headerLength);
            }
        } else if (protocol == Ipv4.UDP && at + Udp.LENGTH <= end) {
            assertThat(Udp.sent(NetworkOrder.u16(frame, at + Udp.CHECKSUM))).isBetween(1, 0xffff);
        } else if (outer && at + Icmp.LENGTH <= end) {
            final int type = NetworkOrder.u8(frame, at + Icmp.TYPE);
            if (protocol == Ipv4.ICMP && Icmp.isError(type)) {
                ipv4(at + Icmp.LENGTH, false);
            } else if (protocol == Ipv6.ICMPV6 && Icmp.isV6Error(type)) {
                ipv6(at + Icmp.LENGTH, false);
            }
        }
    }

    private void options(final long first, final long last) {
        int length;
        for (long at = first; (length = TcpOptions.lengthAt(frame, at, last)) > 0; at += length) {
            assertThat(at + length).isLessThanOrEqualTo(last);
        }
        for (final int kind : OPTION_KINDS) {
            final long found = TcpOptions.find(frame, first, last, kind);
            if (found >= 0) {
                assertThat(NetworkOrder.u8(frame, found)).isEqualTo(kind);
                final int optionLength = TcpOptions.lengthAt(frame, found, last);
                TcpOptions.pad(frame, found, optionLength);
                assertThat(TcpOptions.lengthAt(frame, found, last)).isEqualTo(1);
            }
        }
    }

    private void checksums() {
        final int from = Math.min(bytes.length, bytes.length == 0 ? 0 : frame.get(ValueLayout.JAVA_BYTE, 0) & 0x7f);
        final int length = bytes.length - from;
        assertThat(Checksum.fold(Checksum.sum(frame, from, length))).isEqualTo(PlainChecksum.sum(bytes, from, length));
    }
}
