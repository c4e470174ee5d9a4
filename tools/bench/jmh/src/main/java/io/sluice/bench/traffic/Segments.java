package io.sluice.bench.traffic;

import io.sluice.dataplane.wire.Checksum;
import io.sluice.dataplane.wire.Ethernet;
import io.sluice.dataplane.wire.Ipv4;
import io.sluice.dataplane.wire.Ipv6;
import io.sluice.dataplane.wire.NetworkOrder;
import io.sluice.dataplane.wire.Tcp;
import io.sluice.dataplane.wire.Udp;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Writes complete frames, with the options that Linux sends. */
public final class Segments {
    /** MSS 1460, SACK permitted, timestamps, window scale 7. */
    private static final byte[] SYN_OPTIONS = {2, 4, 5, (byte) 0xb4, 4, 2, 8, 10, 1, 2, 3, 4, 0, 0, 0, 0, 1, 3, 3, 7};
    /** Timestamps. */
    private static final byte[] OPTIONS = {1, 1, 8, 10, 1, 2, 3, 4, 1, 2, 3, 4};
    private static final int WINDOW = 502;
    private static final int TTL = 64;
    private static final long TO = 0x0200_0000_0a00L;
    private static final long FROM = 0x0200_0000_00c1L;

    private Segments() {
    }

    /**
     * Writes a TCP segment.
     *
     * @param memory         where it goes
     * @param at             offset of the frame
     * @param ends           source and destination
     * @param step           flags and data
     * @param sequence       sequence number
     * @param acknowledgment acknowledgment number
     * @return bytes of the frame
     */
    public static int tcp(final MemorySegment memory, final long at, final Ends ends, final Step step, final int sequence,
                          final int acknowledgment) {
        final byte[] options = (step.flags() & Tcp.SYN) != 0 ? SYN_OPTIONS : OPTIONS;
        final int length = Tcp.LENGTH + options.length + step.payload();
        final long tcp = headers(memory, at, ends, Ipv4.TCP, length);
        Tcp.write(memory, tcp, ends.sourcePort(), ends.destinationPort(), sequence, acknowledgment, step.flags(), WINDOW);
        Tcp.headerLength(memory, tcp, Tcp.LENGTH + options.length);
        MemorySegment.copy(options, 0, memory, ValueLayout.JAVA_BYTE, tcp + Tcp.LENGTH, options.length);
        fill(memory, tcp + Tcp.LENGTH + options.length, step.payload());
        NetworkOrder.u16(memory, tcp + Tcp.CHECKSUM, checksum(memory, tcp, ends, Ipv4.TCP, length));
        return (int) (tcp - at) + length;
    }

    /**
     * Writes a datagram.
     *
     * @param memory where it goes
     * @param at     offset of the frame
     * @param ends   source and destination
     * @return bytes of the frame
     */
    public static int udp(final MemorySegment memory, final long at, final Ends ends) {
        final int length = Udp.LENGTH + Step.PAYLOAD;
        final long udp = headers(memory, at, ends, Ipv4.UDP, length);
        NetworkOrder.i32(memory, udp, ends.sourcePort() << 16 | ends.destinationPort());
        NetworkOrder.i32(memory, udp + Udp.DATAGRAM_LENGTH, length << 16);
        fill(memory, udp + Udp.LENGTH, Step.PAYLOAD);
        NetworkOrder.u16(memory, udp + Udp.CHECKSUM, Udp.sent(checksum(memory, udp, ends, Ipv4.UDP, length)));
        return (int) (udp - at) + length;
    }

    private static long headers(final MemorySegment memory, final long at, final Ends ends, final int protocol, final int length) {
        final long ip = at + Ethernet.LENGTH;
        if (ends.isIpv4()) {
            Ethernet.write(memory, at, TO, FROM, Ethernet.IPV4);
            Ipv4.write(memory, ip, 0, Ipv4.LENGTH + length, ends.sourcePort(), Ipv4.DONT_FRAGMENT, TTL, protocol, ends.sourceLow(),
                ends.destinationLow());
            return ip + Ipv4.LENGTH;
        }
        Ethernet.write(memory, at, TO, FROM, Ethernet.IPV6);
        Ipv6.write(memory, ip, 0, length, protocol, TTL, ends.sourceHigh(), ends.sourceLow(), ends.destinationHigh(),
            ends.destinationLow());
        return ip + Ipv6.LENGTH;
    }

    private static void fill(final MemorySegment memory, final long at, final int length) {
        for (int i = 0; i < length; i++) {
            NetworkOrder.u8(memory, at + i, 'a' + i);
        }
    }

    private static int checksum(final MemorySegment memory, final long transport, final Ends ends, final int protocol, final int length) {
        return Checksum.finish(Checksum.sum(memory, transport, length) + Checksum.pseudoHeader(ends.sourceHigh(), ends.sourceLow(),
            ends.destinationHigh(), ends.destinationLow(), protocol, length));
    }
}
