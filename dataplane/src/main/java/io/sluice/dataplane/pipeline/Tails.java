package io.sluice.dataplane.pipeline;

import io.sluice.dataplane.classify.Packet;
import io.sluice.dataplane.connection.ConnectionLinks;
import io.sluice.dataplane.connection.ConnectionRecord;
import io.sluice.dataplane.wire.NetworkOrder;
import io.sluice.dataplane.wire.Tcp;
import io.sluice.dataplane.wire.TcpOptions;
import java.lang.foreign.MemorySegment;

/**
 * How far each side of a TCP connection has sent and acknowledged, and what a segment must be like to say so.
 *
 * <pre>
 *                   highest acknowledgment          highest end of a segment
 *   ------------------------|-------------------------------|-----------------------|------>  one direction's numbers
 *     the receiver has this            in flight                      end of the receiver's window
 * </pre>
 *
 * <p>A segment is believed if its receiver would take it: it lies about the receiver's window (RFC 9293, 3.10.7.4), and it
 * acknowledges something that has been sent (RFC 5961, 5.2). Everything both sides say passes by here, so both are known;
 * windows are taken at their largest. Who cannot see the connection has two numbers to guess, and for an RST one, exactly.
 *
 * <p>A connection that was taken over has old tails until both sides have been heard; until then the first segment of each is
 * believed whatever it says. Its windows are taken as if scaled by the largest factor, since the handshake is not known.
 *
 * <p>Numbers are the client's for what the client sends and the server's for what the server sends. Path thread only.
 */
final class Tails {
    /** One end of a connection: where the record keeps what it has said. */
    enum Side {
        /** The client. */
        CLIENT(ConnectionRecord.CLIENT_SEQUENCE_OFFSET, ConnectionRecord.CLIENT_ACK_OFFSET, ConnectionRecord.CLIENT_UNSEEN,
            ConnectionLinks.CLIENT_WINDOW_OFFSET, ConnectionLinks.CLIENT_SCALE_OFFSET),
        /** The real server. */
        SERVER(ConnectionRecord.SERVER_SEQUENCE_OFFSET, ConnectionRecord.SERVER_ACK_OFFSET, ConnectionRecord.SERVER_UNSEEN,
            ConnectionLinks.SERVER_WINDOW_OFFSET, ConnectionLinks.SERVER_SCALE_OFFSET);

        private final int sent;
        private final int acknowledged;
        private final int unseen;
        private final int window;
        private final int scale;

        Side(final int sent, final int acknowledged, final int unseen, final int window, final int scale) {
            this.sent = sent;
            this.acknowledged = acknowledged;
            this.unseen = unseen;
            this.window = window;
            this.scale = scale;
        }

        private Side peer() {
            return this == CLIENT ? SERVER : CLIENT;
        }
    }

    private static final int LARGEST_SCALE = 14;
    private static final int LARGEST_WINDOW = 1 << 30;
    private static final int TAILS_ARE_OLD = ConnectionRecord.CLIENT_UNSEEN | ConnectionRecord.SERVER_UNSEEN;
    /** Least doubt about a window: of a segment that comes in fragments, only the first one's length is known. */
    private static final int LONGEST_SEGMENT = 0xffff;

    private final MemorySegment records;

    Tails(final MemorySegment records) {
        this.records = records;
    }

    /** The client sends a SYN that the server has not answered yet. */
    void synSent(final long record, final Packet syn) {
        final int end = syn.sequence + syn.sequenceLength();
        set(record, Side.CLIENT.sent, end);
        set(record, Side.SERVER.acknowledged, end);
        // A SYN that is repeated may come without options, and the server may have answered the one before.
        final int scale = scale(syn);
        if (scale != 0) {
            ConnectionRecord.u8(records, record, Side.CLIENT.scale, scale);
        }
        widen(record, Side.CLIENT, window(syn));
    }

    /**
     * The server accepts a SYN.
     *
     * @param record       offset of the connection's record
     * @param synAck       its answer
     * @param acknowledged what it acknowledges, in the client's numbers
     * @param known        whether {@link #synSent} has been told of the SYN
     */
    void synReceived(final long record, final Packet synAck, final int acknowledged, final boolean known) {
        final int end = synAck.sequence + synAck.sequenceLength();
        ConnectionRecord.u8(records, record, ConnectionRecord.FLAGS_OFFSET, flags(record) & ~TAILS_ARE_OLD);
        set(record, Side.SERVER.sent, end);
        set(record, Side.CLIENT.acknowledged, end);
        set(record, Side.CLIENT.sent, acknowledged);
        set(record, Side.SERVER.acknowledged, acknowledged);
        // Either both sides scale their windows or neither; those of SYNs never are (RFC 7323, 2.2).
        final int scale = scale(synAck);
        ConnectionRecord.u8(records, record, Side.SERVER.scale, scale == 0 ? 1 : scale);
        if (scale == 0) {
            ConnectionRecord.u8(records, record, Side.CLIENT.scale, 1);
        } else if (!known) {
            ConnectionRecord.u8(records, record, Side.CLIENT.scale, 0);
        }
        ConnectionLinks.set(records, record, Side.SERVER.window, window(synAck));
    }

    /**
     * Whether a segment without SYN and RST is one that its receiver takes.
     *
     * @param record       offset of the connection's record
     * @param from         who sends it
     * @param packet       the segment
     * @param acknowledged what it acknowledges, in its receiver's numbers
     * @return true if its numbers, and its FIN, count
     */
    boolean believes(final long record, final Side from, final Packet packet, final int acknowledged) {
        if (!packet.has(Tcp.ACK)) {
            return false;
        }
        final int flags = flags(record);
        final Side to = from.peer();
        if ((flags & TAILS_ARE_OLD) != 0) {
            return (flags & from.unseen) != 0 || isNear(packet.sequence, get(record, from.sent))
                && isNear(acknowledged, get(record, from.acknowledged));
        }
        final int expected = get(record, to.acknowledged);
        final int window = largestWindow(record, to);
        final int end = packet.sequence + packet.sequenceLength();
        // Nothing follows a FIN, so that it is never older than what has been acknowledged; anything else may be a repetition.
        final int oldest = packet.has(Tcp.FIN) ? expected : expected - window;
        return packet.sequence - (expected + window) <= 0 && end - oldest >= 0
            && acknowledged - (get(record, from.acknowledged) - largestWindow(record, from)) >= 0
            && acknowledged - (get(record, to.sent) + LONGEST_SEGMENT) <= 0;
    }

    private static boolean isNear(final int number, final int last) {
        return number - last >= -LARGEST_WINDOW && number - last <= LARGEST_WINDOW;
    }

    /**
     * Takes in the numbers of a segment that is believed.
     *
     * @param record       offset of the connection's record
     * @param from         who sends it
     * @param packet       the segment
     * @param acknowledged what it acknowledges, in its receiver's numbers
     */
    void take(final long record, final Side from, final Packet packet, final int acknowledged) {
        final Side to = from.peer();
        final int end = packet.sequence + packet.sequenceLength();
        final int flags = flags(record);
        if ((flags & from.unseen) == 0) {
            advance(record, from.sent, end);
            advance(record, from.acknowledged, acknowledged);
        } else {
            ConnectionRecord.u8(records, record, ConnectionRecord.FLAGS_OFFSET, flags & ~from.unseen);
            set(record, from.sent, end);
            set(record, from.acknowledged, acknowledged);
            if ((flags & to.unseen) == 0) {
                advance(record, from.sent, get(record, to.acknowledged));
            }
        }
        // What has been acknowledged has been sent, though perhaps in fragments, or before the connection was taken over.
        advance(record, to.sent, acknowledged);
        final int scale = ConnectionRecord.u8(records, record, from.scale);
        widen(record, from, window(packet) << (scale == 0 ? LARGEST_SCALE : scale - 1));
    }

    /**
     * Whether an RST ends the connection: only a receiver that expects exactly its number obeys it, any other challenges the
     * sender (RFC 5961, 3.2). What it expects is what it has acknowledged last or, if that acknowledgment is still to come, all
     * that has been sent to it.
     *
     * <p>As long as the receiver has not been heard since the connection was taken over, what it expects is only known to be
     * no less than it was: any number from there on does.
     *
     * @param record   offset of the connection's record
     * @param from     who sends it
     * @param sequence its number
     * @return true if it is obeyed
     */
    boolean isObeyed(final long record, final Side from, final int sequence) {
        final Side to = from.peer();
        final int ahead = sequence - get(record, to.acknowledged);
        return ahead == 0 || sequence == get(record, from.sent) || (flags(record) & to.unseen) != 0 && ahead > 0;
    }

    /**
     * Whether a number is one of a segment that may still be on its way (RFC 5927, 4.1). With the tails of a
     * connection that was taken over, one that was sent since they were stored may be missed until its sender is heard again.
     *
     * @param record   offset of the connection's record
     * @param from     who has sent it
     * @param sequence its number
     * @return true from the first number that is not acknowledged to the next one that will be sent
     */
    boolean isInFlight(final long record, final Side from, final int sequence) {
        return sequence - get(record, from.peer().acknowledged) >= 0 && sequence - get(record, from.sent) <= 0;
    }

    /** Whether a side has acknowledged the other's SYN, and nothing that has not been sent. */
    boolean isHandshakeAcknowledged(final long record, final int acknowledged) {
        return acknowledged - get(record, ConnectionRecord.SERVER_ISN_OFFSET) > 0 && acknowledged - get(record, Side.SERVER.sent) <= 0;
    }

    /** Whether both sides have acknowledged all that the other has sent. */
    boolean isAllAcknowledged(final long record) {
        return get(record, Side.CLIENT.acknowledged) == get(record, Side.SERVER.sent)
            && get(record, Side.SERVER.acknowledged) == get(record, Side.CLIENT.sent);
    }

    private int largestWindow(final long record, final Side side) {
        return Math.max(ConnectionLinks.get(records, record, side.window), LONGEST_SEGMENT);
    }

    private void widen(final long record, final Side side, final int window) {
        if (window > ConnectionLinks.get(records, record, side.window)) {
            ConnectionLinks.set(records, record, side.window, window);
        }
    }

    private static int window(final Packet packet) {
        return NetworkOrder.u16(packet.memory, packet.transport + Tcp.WINDOW);
    }

    /** The window scale that a SYN offers, plus 1; or 0. */
    private static int scale(final Packet syn) {
        final long option = TcpOptions.find(syn.memory, syn.transport + Tcp.LENGTH, syn.payload, TcpOptions.WINDOW_SCALE);
        final boolean sound = option >= 0 && NetworkOrder.u8(syn.memory, option + 1) == 3;
        return sound ? Math.min(NetworkOrder.u8(syn.memory, option + 2), LARGEST_SCALE) + 1 : 0;
    }

    private void advance(final long record, final int field, final int value) {
        if (value - get(record, field) > 0) {
            set(record, field, value);
        }
    }

    private int flags(final long record) {
        return ConnectionRecord.u8(records, record, ConnectionRecord.FLAGS_OFFSET);
    }

    private int get(final long record, final int field) {
        return ConnectionRecord.i32(records, record, field);
    }

    private void set(final long record, final int field, final int value) {
        ConnectionRecord.i32(records, record, field, value);
    }
}
