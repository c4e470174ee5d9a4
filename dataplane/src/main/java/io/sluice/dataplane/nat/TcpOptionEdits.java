package io.sluice.dataplane.nat;

import io.sluice.dataplane.wire.NetworkOrder;
import io.sluice.dataplane.wire.Tcp;
import io.sluice.dataplane.wire.TcpOptions;
import io.sluice.dataplane.wire.TtmOption;
import java.lang.foreign.MemorySegment;

/**
 * Changes to TCP options that keep their place: removed options become NOPs, numbers are overwritten. All take the offset of
 * the TCP header and the offset behind it.
 */
final class TcpOptionEdits {
    private TcpOptionEdits() {
    }

    /**
     * Cleans a client's SYN: timestamps (many clients share one local address), Fast Open and MPTCP (they would start a
     * connection before its client is known).
     *
     * @param memory          where the segment is
     * @param tcp             offset of its header
     * @param end             offset behind its header
     * @param stripTimestamps whether timestamps go
     * @return options removed
     */
    static int cleanSyn(final MemorySegment memory, final long tcp, final long end, final boolean stripTimestamps) {
        int removed = 0;
        int length;
        for (long at = tcp + Tcp.LENGTH; (length = TcpOptions.lengthAt(memory, at, end)) > 0; at += length) {
            final int kind = NetworkOrder.u8(memory, at);
            if (kind == TcpOptions.FAST_OPEN || kind == TcpOptions.MPTCP || kind == TcpOptions.TIMESTAMPS && stripTimestamps) {
                TcpOptions.pad(memory, at, length);
                removed++;
            }
        }
        return removed;
    }

    /**
     * Removes options by which a client claims to be another one.
     *
     * @param memory where the segment is
     * @param tcp    offset of its header
     * @param end    offset behind its header
     * @param kind   the kind that the listener inserts
     * @return options removed
     */
    static int removeClaims(final MemorySegment memory, final long tcp, final long end, final int kind) {
        int removed = 0;
        int length;
        for (long at = tcp + Tcp.LENGTH; (length = TcpOptions.lengthAt(memory, at, end)) > 0; at += length) {
            if (TtmOption.isClaim(NetworkOrder.u8(memory, at), kind)) {
                TcpOptions.pad(memory, at, length);
                removed++;
            }
        }
        return removed;
    }

    /**
     * Overwrites what follows a malformed option with NOPs. A receiver may parse on where we stop, and newer kernels drop a
     * third ACK with a bad option length.
     *
     * @param memory where the segment is
     * @param tcp    offset of its header
     * @param end    offset behind its header
     * @return true if there was something malformed
     */
    static boolean padMalformed(final MemorySegment memory, final long tcp, final long end) {
        long at = tcp + Tcp.LENGTH;
        int length;
        while ((length = TcpOptions.lengthAt(memory, at, end)) > 0) {
            at += length;
        }
        if (at >= end || NetworkOrder.u8(memory, at) == TcpOptions.END) {
            return false;
        }
        TcpOptions.pad(memory, at, (int) (end - at));
        return true;
    }

    /**
     * Lowers the MSS, never raises it.
     *
     * @param memory where the segment is
     * @param tcp    offset of its header
     * @param end    offset behind its header
     * @param by     bytes to take off
     * @param atMost largest value allowed after that
     */
    static void lowerMss(final MemorySegment memory, final long tcp, final long end, final int by, final int atMost) {
        final long option = TcpOptions.find(memory, tcp + Tcp.LENGTH, end, TcpOptions.MSS);
        if (option < 0 || NetworkOrder.u8(memory, option + 1) != 4) {
            return;
        }
        final int mss = NetworkOrder.u16(memory, option + 2);
        final int lowered = Math.min(mss - by, atMost);
        if (lowered < mss && lowered > 0) {
            NetworkOrder.u16(memory, option + 2, lowered);
        }
    }

    /**
     * Shifts the edges of all SACK blocks.
     *
     * @param memory where the segment is
     * @param tcp    offset of its header
     * @param end    offset behind its header
     * @param delta  added to every edge, modulo 2^32
     */
    static void shiftSack(final MemorySegment memory, final long tcp, final long end, final int delta) {
        final long option = TcpOptions.find(memory, tcp + Tcp.LENGTH, end, TcpOptions.SACK);
        if (option < 0) {
            return;
        }
        final long last = option + NetworkOrder.u8(memory, option + 1) - 4;
        for (long edge = option + 2; edge <= last; edge += 4) {
            NetworkOrder.i32(memory, edge, NetworkOrder.i32(memory, edge) + delta);
        }
    }
}
