package io.sluice.dataplane.pipeline.conversation;

import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;

/** What one side says: sent in pieces, again from the first gap when it is not acknowledged, without what the peer has. */
final class SendStream {
    /** A piece to be sent. */
    record Piece(int offset, byte[] data, boolean fin) {
    }

    private final byte[] data;
    private final boolean finWithData;
    private final TreeMap<Integer, Integer> selective = new TreeMap<>();
    private int produced;
    private boolean closing;
    private int acknowledged;
    private int cursor;
    private int sent;
    private int duplicates;

    SendStream(final byte[] data, final boolean finWithData) {
        this.data = data;
        this.finWithData = finWithData;
    }

    /** The application writes, up to an offset. */
    void produce(final int upTo) {
        produced = Math.max(produced, Math.min(upTo, data.length));
    }

    /** The application closes its side once everything is written. */
    void close() {
        closing = true;
        produced = data.length;
    }

    int acknowledged() {
        return acknowledged;
    }

    int sent() {
        return sent;
    }

    boolean isAllAcknowledged() {
        return acknowledged == data.length + 1;
    }

    boolean isWaitingForAcknowledgment() {
        return acknowledged < sent;
    }

    /** Everything not acknowledged goes out again. */
    void timeout() {
        cursor = acknowledged;
        duplicates = 0;
    }

    /** Takes an acknowledgment of what lies before an offset; true if it is news. */
    boolean acknowledge(final int offset, final boolean bare) {
        if (offset <= acknowledged) {
            if (offset == acknowledged && bare && isWaitingForAcknowledgment() && ++duplicates == 3) {
                cursor = acknowledged;
            }
            return false;
        }
        acknowledged = offset;
        cursor = Math.max(cursor, offset);
        duplicates = 0;
        selective.headMap(offset, true).entrySet().removeIf(block -> block.getValue() <= offset);
        return true;
    }

    /** The peer has a block; it is not sent again, so that a block that it does not have would be lost. */
    void acknowledgeBlock(final int from, final int to) {
        if (from < 0 || from >= to || to > sent) {
            throw new AssertionError("a SACK block " + from + "-" + to + " of " + sent + " bytes sent");
        }
        if (to > acknowledged) {
            selective.merge(from, to, Math::max);
        }
    }

    /** What to send next within the peer's window, or null. */
    Piece next(final int longest, final int window) {
        for (Map.Entry<Integer, Integer> block = selective.floorEntry(cursor); block != null && block.getValue() > cursor;
            block = selective.floorEntry(cursor)) {
            cursor = block.getValue();
        }
        final Integer nextBlock = selective.higherKey(cursor);
        final int limit = Math.min(Math.min(produced, acknowledged + window), nextBlock == null ? produced : nextBlock);
        final int end = Math.min(cursor + longest, limit);
        final boolean fin = closing && end == data.length && cursor <= data.length && (end <= cursor || finWithData);
        if (end <= cursor && !fin) {
            return null;
        }
        final Piece piece = new Piece(cursor, Arrays.copyOfRange(data, cursor, Math.max(cursor, end)), fin);
        cursor += piece.data.length + (fin ? 1 : 0);
        sent = Math.max(sent, cursor);
        return piece;
    }
}
