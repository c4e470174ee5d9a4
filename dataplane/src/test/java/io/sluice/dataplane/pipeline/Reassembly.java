package io.sluice.dataplane.pipeline;

import java.nio.ByteBuffer;
import java.util.Comparator;
import java.util.List;

/** Puts the fragments of one packet together again, as a receiver would, and insists that they fit. */
final class Reassembly {
    private static final int ETHERNET = 14;

    private Reassembly() {
    }

    /**
     * Reassembles.
     *
     * @param fragments of one packet, in any order
     * @return the whole packet, sound
     */
    static Decoded of(final List<TestFrame> fragments) {
        final List<TestFrame> sorted = fragments.stream().sorted(Comparator.comparing(frame -> Decoded.of(frame).fragmentOffset)).toList();
        final Decoded first = Decoded.of(sorted.getFirst());
        final int total = sorted.stream().mapToInt(frame -> Decoded.of(frame).ipLength - Decoded.of(frame).ipHeaderLength).sum();
        final int header = first.ipv4 ? 20 : 40;
        final ByteBuffer whole = ByteBuffer.allocate(ETHERNET + header + total).put(sorted.getFirst().bytes(), 0, ETHERNET + header);
        int at = 0;
        for (final TestFrame frame : sorted) {
            final Decoded fragment = Decoded.of(frame);
            final int length = fragment.ipLength - fragment.ipHeaderLength;
            expect(fragment.isSound(), fragment.defects, frame);
            expect(fragment.fragmentOffset == at, "offset " + fragment.fragmentOffset + " where " + at + " is next", frame);
            expect(fragment.identification == first.identification, "another identification", frame);
            expect(fragment.protocol == first.protocol, "another protocol", frame);
            expect(fragment.sourceAddress.equals(first.sourceAddress), "another source", frame);
            expect(fragment.moreFragments == at + length < total, "more fragments: " + fragment.moreFragments, frame);
            expect(!fragment.moreFragments || length % 8 == 0, "a length of " + length, frame);
            expect(!fragment.dontFragment && !frame.isPartial() && !frame.isGso(), "a fragment that must not be one", frame);
            whole.put(frame.bytes(), ETHERNET + fragment.ipHeaderLength, length);
            at += length;
        }
        if (first.ipv4) {
            whole.putShort(ETHERNET + 2, (short) (header + total)).putShort(ETHERNET + 6, (short) 0).putShort(ETHERNET + 10, (short) 0);
            whole.putShort(ETHERNET + 10, (short) Sums.complement(Sums.sum(whole.array(), ETHERNET, ETHERNET + header)));
        } else {
            whole.putShort(ETHERNET + 4, (short) total).put(ETHERNET + 6, (byte) first.protocol);
        }
        return PathResult.sound(TestFrame.plain(whole.array(), sorted.getFirst().port()));
    }

    private static void expect(final boolean condition, final Object what, final TestFrame frame) {
        if (!condition) {
            throw new AssertionError(what + " in " + frame);
        }
    }
}
