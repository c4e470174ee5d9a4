package io.sluice.dataplane.pipeline;

import java.net.InetAddress;

/** The Internet checksum word by word, as RFC 1071 describes it: what the tests hold against the packet path's own. */
final class Sums {
    private Sums() {
    }

    /** Folded sum of 16-bit words, an odd last byte as the high half of a word. */
    static int sum(final byte[] bytes, final int from, final int to) {
        int sum = 0;
        for (int i = from; i < to; i++) {
            sum += (bytes[i] & 0xff) << ((i - from & 1) == 0 ? 8 : 0);
            sum = (sum & 0xffff) + (sum >>> 16);
        }
        return sum;
    }

    /** One's complement addition of two folded sums. */
    static int add(final int a, final int b) {
        final int sum = a + b;
        return (sum & 0xffff) + (sum >>> 16);
    }

    /** Folded sum of the pseudo-header. */
    static int pseudoHeader(final InetAddress source, final InetAddress destination, final int protocol, final int length) {
        final byte[] a = source.getAddress();
        final byte[] b = destination.getAddress();
        final int addresses = add(sum(a, 0, a.length), sum(b, 0, b.length));
        return add(addresses, add(protocol, add(length & 0xffff, length >>> 16)));
    }

    /** What goes into the field. */
    static int complement(final int sum) {
        return ~sum & 0xffff;
    }
}
