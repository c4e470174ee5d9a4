package io.sluice.dataplane.pipeline.conversation;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;

/** What one side hears, put together again. */
final class ReceiveStream {
    private static final int NOT_SEEN = -1;

    private final ByteArrayOutputStream received = new ByteArrayOutputStream();
    private final TreeMap<Integer, byte[]> later = new TreeMap<>();
    private final int window;
    private int finAt = NOT_SEEN;
    private int latest;

    ReceiveStream(final int window) {
        this.window = window;
    }

    /** Offset of the next byte expected; the FIN counts as one. */
    int next() {
        return received.size() + (isFinished() ? 1 : 0);
    }

    int window() {
        return window;
    }

    boolean isFinished() {
        return received.size() == finAt;
    }

    byte[] bytes() {
        return received.toByteArray();
    }

    /** Whether a segment touches the window at all (RFC 9293, 3.10.7.4). */
    boolean isAcceptable(final int offset, final int length) {
        return length == 0 ? offset >= next() && offset <= next() + window
            : offset + length > next() && offset < next() + window;
    }

    /** Takes the data of an acceptable segment. */
    void accept(final int offset, final byte[] data, final boolean fin) {
        final int expected = received.size();
        final int end = Math.min(offset + data.length, expected + window);
        if (fin && end == offset + data.length) {
            finAt = end;
        }
        if (offset > expected) {
            final byte[] old = later.get(offset);
            if (end > offset && (old == null || old.length < end - offset)) {
                later.put(offset, Arrays.copyOf(data, end - offset));
            }
            latest = offset;
        } else if (end > expected) {
            received.write(data, expected - offset, end - expected);
            takeWhatFollows();
        }
    }

    private void takeWhatFollows() {
        while (!later.isEmpty() && later.firstKey() <= received.size()) {
            final Map.Entry<Integer, byte[]> first = later.pollFirstEntry();
            final int known = received.size() - first.getKey();
            if (known < first.getValue().length) {
                received.write(first.getValue(), known, first.getValue().length - known);
            }
        }
    }

    /** Blocks beyond a gap as pairs of offsets, that of the last segment first (RFC 2018, 4). */
    int[] blocks(final int most) {
        final TreeMap<Integer, Integer> merged = new TreeMap<>();
        int from = NOT_SEEN;
        int to = NOT_SEEN;
        for (final Map.Entry<Integer, byte[]> piece : later.entrySet()) {
            if (from == NOT_SEEN || piece.getKey() > to) {
                from = piece.getKey();
                to = from;
            }
            to = Math.max(to, piece.getKey() + piece.getValue().length);
            merged.put(from, to);
        }
        final int[] blocks = new int[2 * Math.min(most, merged.size())];
        int count = 0;
        final Map.Entry<Integer, Integer> newest = merged.floorEntry(latest);
        for (Map.Entry<Integer, Integer> block = newest != null ? newest : merged.firstEntry(); block != null && count < blocks.length;
            block = merged.isEmpty() ? null : merged.firstEntry()) {
            blocks[count++] = block.getKey();
            blocks[count++] = block.getValue();
            merged.remove(block.getKey());
        }
        return Arrays.copyOf(blocks, count);
    }
}
