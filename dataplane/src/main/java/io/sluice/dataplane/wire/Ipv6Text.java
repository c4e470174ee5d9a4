package io.sluice.dataplane.wire;

/** The canonical text of an IPv6 address (RFC 5952): lower case, no leading zeros, the longest run of zeros as {@code ::}. */
final class Ipv6Text {
    private Ipv6Text() {
    }

    static String format(final long high, final long low) {
        final int[] groups = new int[8];
        for (int i = 0; i < 4; i++) {
            groups[i] = (int) (high >>> (48 - 16 * i)) & 0xffff;
            groups[4 + i] = (int) (low >>> (48 - 16 * i)) & 0xffff;
        }
        int bestStart = -1;
        int bestLength = 1;
        for (int i = 0; i < 8; i++) {
            int run = 0;
            while (i + run < 8 && groups[i + run] == 0) {
                run++;
            }
            if (run > bestLength) {
                bestStart = i;
                bestLength = run;
            }
            i += run;
        }
        return join(groups, bestStart, bestLength);
    }

    private static String join(final int[] groups, final int zerosFrom, final int zeros) {
        final StringBuilder text = new StringBuilder(39);
        int i = 0;
        while (i < 8) {
            if (i == zerosFrom) {
                text.append("::");
                i += zeros;
            } else {
                if (!text.isEmpty() && text.charAt(text.length() - 1) != ':') {
                    text.append(':');
                }
                text.append(Integer.toHexString(groups[i]));
                i++;
            }
        }
        return text.toString();
    }
}
