package io.sluice.dataplane.service;

import io.sluice.dataplane.api.Cidr;
import io.sluice.dataplane.wire.Address;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;

/**
 * A set of address prefixes, for access lists and trusted sources. Immutable, thread-safe.
 *
 * <p>Families are kept apart, as people write them: {@code ::/0} is all of IPv6 and holds no IPv4 address, although IPv4 is
 * {@code ::ffff:0:0/96} inside. That prefix itself, and anything within it, is IPv4.
 *
 * <p>Overlapping and neighbouring prefixes are merged into ranges; a look-up is a binary search among the ranges of its
 * family: 17 steps for 100,000 prefixes.
 */
public final class PrefixSet {
    private static final Comparator<Cidr> BY_ADDRESS = (a, b) -> compare(a.high(), a.low(), b.high(), b.low());

    /** Holds nothing. */
    public static final PrefixSet EMPTY = new PrefixSet(List.of());

    private final Cidr[] prefixes;
    private final AddressRanges ipv4;
    private final AddressRanges ipv6;

    /**
     * A set of prefixes.
     *
     * @param prefixes in any order, duplicates allowed
     */
    public PrefixSet(final Collection<Cidr> prefixes) {
        this.prefixes = prefixes.stream().distinct().sorted(BY_ADDRESS.thenComparingInt(Cidr::length)).toArray(Cidr[]::new);
        final List<Cidr> four = new ArrayList<>();
        final List<Cidr> six = new ArrayList<>();
        for (final Cidr prefix : this.prefixes) {
            (isIpv4(prefix) ? four : six).add(prefix);
        }
        this.ipv4 = new AddressRanges(four);
        this.ipv6 = new AddressRanges(six);
    }

    /**
     * Whether an address is within any of the prefixes of its family. Allocates nothing.
     *
     * @param high first eight bytes
     * @param low  last eight bytes, IPv4 mapped
     * @return true if it is
     */
    public boolean contains(final long high, final long low) {
        return (Address.isIpv4(high, low) ? ipv4 : ipv6).contains(high, low);
    }

    /**
     * The longest prefix that an address is within: what {@code explain} shows. Looks at every prefix.
     *
     * @param high first eight bytes
     * @param low  last eight bytes, IPv4 mapped
     * @return the prefix, or null if there is none
     */
    public Cidr longestMatch(final long high, final long low) {
        final boolean four = Address.isIpv4(high, low);
        Cidr longest = null;
        for (final Cidr prefix : prefixes) {
            if (prefix.contains(high, low) && isIpv4(prefix) == four && (longest == null || prefix.length() > longest.length())) {
                longest = prefix;
            }
        }
        return longest;
    }

    /**
     * Number of different prefixes.
     *
     * @return 0 or more
     */
    public int size() {
        return prefixes.length;
    }

    private static boolean isIpv4(final Cidr prefix) {
        return prefix.length() >= 96 && Address.isIpv4(prefix.high(), prefix.low());
    }

    private static int compare(final long highA, final long lowA, final long highB, final long lowB) {
        final int order = Long.compareUnsigned(highA, highB);
        return order == 0 ? Long.compareUnsigned(lowA, lowB) : order;
    }

    /** Disjoint ranges of addresses, ascending. */
    private static final class AddressRanges {
        private final long[] firstHigh;
        private final long[] firstLow;
        private final long[] lastHigh;
        private final long[] lastLow;
        private int count;

        AddressRanges(final List<Cidr> sorted) {
            firstHigh = new long[sorted.size()];
            firstLow = new long[sorted.size()];
            lastHigh = new long[sorted.size()];
            lastLow = new long[sorted.size()];
            for (final Cidr prefix : sorted) {
                add(prefix);
            }
        }

        private void add(final Cidr prefix) {
            final long high = prefix.high() | (prefix.length() >= 64 ? 0 : -1L >>> prefix.length());
            final long low = prefix.low() | (prefix.length() >= 128 ? 0 : prefix.length() <= 64 ? -1L : -1L >>> prefix.length() - 64);
            if (count > 0 && reaches(prefix)) {
                if (compare(high, low, lastHigh[count - 1], lastLow[count - 1]) > 0) {
                    lastHigh[count - 1] = high;
                    lastLow[count - 1] = low;
                }
                return;
            }
            firstHigh[count] = prefix.high();
            firstLow[count] = prefix.low();
            lastHigh[count] = high;
            lastLow[count] = low;
            count++;
        }

        /** Whether the last range holds the prefix's first address or ends right before it. */
        private boolean reaches(final Cidr prefix) {
            final long nextLow = lastLow[count - 1] + 1;
            final long nextHigh = lastHigh[count - 1] + (nextLow == 0 ? 1 : 0);
            final boolean endOfSpace = nextLow == 0 && nextHigh == 0;
            return endOfSpace || compare(prefix.high(), prefix.low(), nextHigh, nextLow) <= 0;
        }

        boolean contains(final long high, final long low) {
            int from = 0;
            int to = count - 1;
            while (from <= to) {
                final int middle = from + to >>> 1;
                if (compare(high, low, firstHigh[middle], firstLow[middle]) < 0) {
                    to = middle - 1;
                } else if (compare(high, low, lastHigh[middle], lastLow[middle]) > 0) {
                    from = middle + 1;
                } else {
                    return true;
                }
            }
            return false;
        }
    }
}
