package io.sluice.dataplane.pipeline.conversation;

import java.util.function.LongConsumer;

/** Runs a property with many seeds, and names the one that it does not hold for. */
final class Seeds {
    private static final String ONE = "sluice.conversation.seed";
    /** A single world tells what happens in it. */
    static final boolean TRACE = Long.getLong(ONE) != null;
    private static final String COUNT = "sluice.conversation.seeds";

    private Seeds() {
    }

    static void forEach(final int usually, final LongConsumer property) {
        final Long one = Long.getLong(ONE);
        final long first = one == null ? 1 : one;
        final long last = one == null ? Long.getLong(COUNT, usually) : one;
        for (long seed = first; seed <= last; seed++) {
            try {
                property.accept(seed);
            } catch (final AssertionError | RuntimeException e) {
                throw new AssertionError("with -D" + ONE + "=" + seed + ": " + e.getMessage(), e);
            }
        }
    }
}
