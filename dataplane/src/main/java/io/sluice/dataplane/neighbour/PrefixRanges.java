package io.sluice.dataplane.neighbour;

import io.sluice.dataplane.api.Cidr;
import java.util.Arrays;
import java.util.Map;

/**
 * Longest prefix match as a binary search: nested prefixes are cut into disjoint ranges that cover every address, sorted by
 * their first address. Immutable; {@link #find} allocates nothing.
 *
 * <pre>
 *      10.0.0.0/8 = A      |=================A=================|
 *      10.1.0.0/16 = B            |======B======|
 *      ranges           none |--A--|------B------|------A------| none
 * </pre>
 *
 * <p>n prefixes make at most 2n + 1 ranges, so 100,000 routes cost 18 steps, and the handful of a typical node three.
 * IPv4 is held as {@code ::ffff:0:0/96}, which IPv6 prefixes never cover.
 */
final class PrefixRanges {
    /** {@link #find}: no prefix covers the address. */
    static final int NONE = -1;

    private static final Cidr ALL_IPV4 = new Cidr(0, 0xffff_0000_0000L, 96);

    /** First addresses, both halves with the sign bit flipped so that signed comparison orders them. */
    private final long[] high;
    private final long[] low;
    private final int[] value;

    private PrefixRanges(final long[] high, final long[] low, final int[] value) {
        this.high = high;
        this.low = low;
        this.value = value;
    }

    /**
     * Cuts prefixes into ranges.
     *
     * @param values 0 or more for each prefix
     * @return the ranges
     */
    static PrefixRanges of(final Map<Cidr, Integer> values) {
        final boolean guard = !values.containsKey(ALL_IPV4);
        final Cidr[] prefixes = Arrays.copyOf(values.keySet().toArray(new Cidr[0]), values.size() + (guard ? 1 : 0));
        if (guard) {
            // An IPv6 default route must not catch IPv4.
            prefixes[prefixes.length - 1] = ALL_IPV4;
        }
        Arrays.sort(prefixes, PrefixRanges::compare);
        final Builder builder = new Builder(2 * prefixes.length + 1);
        builder.emit(0, 0, NONE);
        for (final Cidr prefix : prefixes) {
            builder.closeBefore(prefix);
            builder.open(prefix, values.getOrDefault(prefix, NONE));
        }
        builder.closeBefore(null);
        return builder.build();
    }

    /**
     * The value of the longest prefix that covers an address.
     *
     * @param addressHigh first eight bytes
     * @param addressLow  last eight bytes
     * @return the value, or {@link #NONE}
     */
    int find(final long addressHigh, final long addressLow) {
        final long h = addressHigh ^ Long.MIN_VALUE;
        final long l = addressLow ^ Long.MIN_VALUE;
        int from = 0;
        int to = high.length - 1;
        while (from < to) {
            final int middle = from + to + 1 >>> 1;
            final long middleHigh = high[middle];
            if (middleHigh < h || middleHigh == h && low[middle] <= l) {
                from = middle;
            } else {
                to = middle - 1;
            }
        }
        return value[from];
    }

    private static int compare(final Cidr a, final Cidr b) {
        final int byHigh = Long.compareUnsigned(a.high(), b.high());
        if (byHigh != 0) {
            return byHigh;
        }
        final int byLow = Long.compareUnsigned(a.low(), b.low());
        return byLow != 0 ? byLow : Integer.compare(a.length(), b.length());
    }

    /** Walks the sorted prefixes with the stack of those that are open. */
    private static final class Builder {
        private static final int MAX_DEPTH = 130;
        private final long[] high;
        private final long[] low;
        private final int[] value;
        private int size;
        private final Cidr[] open = new Cidr[MAX_DEPTH];
        private final int[] openValue = new int[MAX_DEPTH];
        private int depth;

        Builder(final int capacity) {
            high = new long[capacity];
            low = new long[capacity];
            value = new int[capacity];
        }

        /** Ends the open prefixes that do not cover the next one; null ends all. */
        void closeBefore(final Cidr next) {
            while (depth > 0 && (next == null || !open[depth - 1].contains(next.high(), next.low()))) {
                final Cidr ended = open[--depth];
                final long lastHigh = ended.high() | hostBitsHigh(ended.length());
                final long lastLow = ended.low() | hostBitsLow(ended.length());
                if ((lastHigh & lastLow) != -1L) {
                    emit(lastLow == -1L ? lastHigh + 1 : lastHigh, lastLow + 1, depth == 0 ? NONE : openValue[depth - 1]);
                }
            }
        }

        void open(final Cidr prefix, final int prefixValue) {
            open[depth] = prefix;
            openValue[depth++] = prefixValue;
            emit(prefix.high(), prefix.low(), prefixValue);
        }

        void emit(final long startHigh, final long startLow, final int rangeValue) {
            final long h = startHigh ^ Long.MIN_VALUE;
            final long l = startLow ^ Long.MIN_VALUE;
            if (size > 0 && high[size - 1] == h && low[size - 1] == l) {
                size--;
            }
            if (size > 0 && value[size - 1] == rangeValue) {
                return;
            }
            high[size] = h;
            low[size] = l;
            value[size++] = rangeValue;
        }

        PrefixRanges build() {
            return new PrefixRanges(Arrays.copyOf(high, size), Arrays.copyOf(low, size), Arrays.copyOf(value, size));
        }

        private static long hostBitsHigh(final int length) {
            return length >= 64 ? 0 : length == 0 ? -1L : -1L >>> length;
        }

        private static long hostBitsLow(final int length) {
            return length <= 64 ? -1L : length == 128 ? 0 : -1L >>> (length - 64);
        }
    }
}
