package io.sluice.dataplane.port.afxdp;

import io.sluice.dataplane.os.NetworkDevice;
import io.sluice.dataplane.port.Burst;
import io.sluice.dataplane.wire.Address;
import io.sluice.dataplane.wire.Checksum;
import io.sluice.dataplane.wire.Ethernet;
import io.sluice.dataplane.wire.Ipv4;
import io.sluice.dataplane.wire.Ipv6;
import io.sluice.dataplane.wire.NetworkOrder;
import io.sluice.dataplane.wire.Tcp;
import io.sluice.dataplane.wire.Udp;
import java.lang.foreign.MemorySegment;
import java.util.Set;

/**
 * Partial transport checksums, of which an AF_XDP socket says nothing.
 *
 * <p>A sender on the same machine (veth, a virtual machine's host) leaves the checksum to hardware that does not exist: only
 * the sum of the pseudo-header is in the field. Such a frame is told by just that: the field holds exactly that sum, and the
 * checksum is wrong as a complete one. Any other wrong checksum is a broken frame's, and stays wrong.
 *
 * <p>Receiving and sending thread; allocates nothing.
 */
final class Checksums {
    /** Drivers with a bus address whose frames come from the same machine. */
    private static final Set<String> GUEST_DRIVERS = Set.of("virtio_net", "vif", "xen_netfront", "hv_netvsc", "vmxnet3");
    private static final int RIGHT = 0xffff;

    private Checksums() {
    }

    /** Whether a driver may deliver partial checksums: hardware never does, since its frames were on a wire. */
    static boolean mayBePartial(final NetworkDevice.Driver driver) {
        return driver.bus().isEmpty() || GUEST_DRIVERS.contains(driver.driver());
    }

    /** Marks a received frame whose checksum is partial. */
    static void mark(final MemorySegment memory, final Burst burst, final int i) {
        final long frame = burst.offset(i);
        final int length = burst.length(i);
        final int type = length < Ethernet.LENGTH + Ipv4.LENGTH ? 0 : Ethernet.type(memory, frame);
        if (type == Ethernet.IPV4) {
            markIpv4(memory, burst, i, frame + Ethernet.LENGTH, length - Ethernet.LENGTH);
        } else if (type == Ethernet.IPV6 && length >= Ethernet.LENGTH + Ipv6.LENGTH) {
            markIpv6(memory, burst, i, frame + Ethernet.LENGTH, length - Ethernet.LENGTH);
        }
    }

    private static void markIpv4(final MemorySegment memory, final Burst burst, final int i, final long ip, final int available) {
        final int header = Ipv4.headerLength(memory, ip);
        final int total = NetworkOrder.u16(memory, ip + Ipv4.TOTAL_LENGTH);
        final int fragment = NetworkOrder.u16(memory, ip + Ipv4.FRAGMENT) & (Ipv4.MORE_FRAGMENTS | Ipv4.FRAGMENT_OFFSET);
        if (header >= Ipv4.LENGTH && header <= total && total <= available && fragment == 0) {
            mark(memory, burst, i, ip + header, total - header, NetworkOrder.u8(memory, ip + Ipv4.PROTOCOL), Address.IPV4_HIGH,
                Ipv4.source(memory, ip), Address.IPV4_HIGH, Ipv4.destination(memory, ip));
        }
    }

    private static void markIpv6(final MemorySegment memory, final Burst burst, final int i, final long ip, final int available) {
        final int total = Ipv6.LENGTH + NetworkOrder.u16(memory, ip + Ipv6.PAYLOAD_LENGTH);
        if (total > available) {
            return;
        }
        final long walked = Ipv6.walk(memory, ip, ip + total);
        if (walked != Ipv6.MALFORMED && Ipv6.fragmentHeader(walked) == 0 && !Ipv6.isRouted(walked)) {
            final int header = Ipv6.transport(walked);
            mark(memory, burst, i, ip + header, total - header, Ipv6.protocol(walked),
                NetworkOrder.i64(memory, ip + Ipv6.SOURCE), NetworkOrder.i64(memory, ip + Ipv6.SOURCE + 8),
                NetworkOrder.i64(memory, ip + Ipv6.DESTINATION), NetworkOrder.i64(memory, ip + Ipv6.DESTINATION + 8));
        }
    }

    private static void mark(final MemorySegment memory, final Burst burst, final int i, final long transport, final int length,
                             final int protocol, final long sourceHigh, final long sourceLow, final long destinationHigh,
                             final long destinationLow) {
        final boolean tcp = protocol == Ipv4.TCP;
        if (!tcp && protocol != Ipv4.UDP || length < (tcp ? Tcp.LENGTH : Udp.LENGTH)) {
            return;
        }
        final int field = tcp ? Tcp.CHECKSUM : Udp.CHECKSUM;
        final int covered = tcp ? length : Math.min(length, NetworkOrder.u16(memory, transport + Udp.DATAGRAM_LENGTH));
        final long pseudo =
            Checksum.pseudoHeader(sourceHigh, sourceLow, destinationHigh, destinationLow, protocol, covered);
        if (NetworkOrder.u16(memory, transport + field) == Checksum.fold(pseudo)
            && Checksum.fold(pseudo + Checksum.sum(memory, transport, covered)) != RIGHT) {
            burst.partialChecksum(i, (int) (transport - burst.offset(i)), field);
        }
    }

    /**
     * Completes the partial checksum of a frame that is about to be sent.
     *
     * @param memory the arena's
     * @param burst  describes a frame whose checksum start and field lie within it
     * @param i      index of the frame
     */
    static void complete(final MemorySegment memory, final Burst burst, final int i) {
        final long start = burst.offset(i) + burst.checksumStart(i);
        // The field holds the pseudo-header's sum, which belongs into the sum anyway.
        final int sum = Checksum.finish(Checksum.sum(memory, start, burst.length(i) - burst.checksumStart(i)));
        final boolean udp = burst.checksumOffset(i) == Udp.CHECKSUM;
        NetworkOrder.u16(memory, start + burst.checksumOffset(i), udp ? Udp.sent(sum) : sum);
        burst.completeChecksum(i);
    }

    /** Whether the metadata of a partial checksum point into the frame; else the kernel would refuse it for ever. */
    static boolean isWithinFrame(final Burst burst, final int i) {
        final int start = burst.checksumStart(i);
        final int field = burst.checksumOffset(i);
        return start >= 0 && field >= 0 && (long) start + field + 2 <= burst.length(i);
    }
}
