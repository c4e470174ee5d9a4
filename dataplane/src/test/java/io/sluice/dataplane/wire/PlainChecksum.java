package io.sluice.dataplane.wire;

/** The Internet checksum as RFC 1071 defines it, word by word with the carry taken around at once: the reference for tests. */
final class PlainChecksum {
    private PlainChecksum() {
    }

    static int sum(final byte[] bytes, final int offset, final int length) {
        int sum = 0;
        for (int i = 0; i < length; i += 2) {
            final int high = bytes[offset + i] & 0xff;
            final int low = i + 1 < length ? bytes[offset + i + 1] & 0xff : 0;
            sum += high << 8 | low;
            if (sum > 0xffff) {
                sum -= 0xffff;
            }
        }
        return sum;
    }
}
