package io.sluice.dataplane.pipeline;

import io.sluice.dataplane.classify.Packet;
import io.sluice.dataplane.connection.ConnectionRecord;
import io.sluice.dataplane.connection.TcpState;
import io.sluice.dataplane.service.Listener;
import io.sluice.dataplane.wire.Tcp;
import java.lang.foreign.MemorySegment;

/**
 * Follows a connection by its packets: state, idle time, and how far each side has sent and acknowledged. Path thread only.
 *
 * <p>Sequence numbers are kept in the client's numbers for what the client sends and in the server's for what the server
 * sends. A number that is not plausibly ahead of the last one is not believed, so that a stray or forged segment does not
 * spoil what an RST needs later.
 */
final class Tracker {
    /** How far ahead of the last a number may be: the largest window (RFC 7323, 2.3). */
    private static final int PLAUSIBLE = 1 << 30;
    private static final int LONGEST_SEGMENT = 0xffff;

    private final Connections connections;

    Tracker(final Connections connections) {
        this.connections = connections;
    }

    /** A packet of the client is about to be forwarded. */
    void fromClient(final Packet packet, final int slot, final long record, final Listener listener, final int nowSeconds) {
        final MemorySegment memory = connections.table().memory();
        ConnectionRecord.i32(memory, record, ConnectionRecord.LAST_SEEN_OFFSET, nowSeconds);
        if (!packet.isTcp()) {
            return;
        }
        final int flags = ConnectionRecord.u8(memory, record, ConnectionRecord.FLAGS_OFFSET);
        final int state = ConnectionRecord.u8(memory, record, ConnectionRecord.STATE_OFFSET);
        if (packet.has(Tcp.RST)) {
            if (isAcceptable(packet.sequence, memory, record, ConnectionRecord.SERVER_ACK_OFFSET,
                ConnectionRecord.CLIENT_SEQUENCE_OFFSET, flags)) {
                close(slot, record, state, listener);
            }
            return;
        }
        final boolean unseen = see(memory, record, flags, ConnectionRecord.CLIENT_UNSEEN);
        final int end = packet.sequence + packet.sequenceLength();
        if (packet.has(Tcp.SYN) || state == TcpState.SYN_SENT) {
            // Anything else before the server's answer is of an earlier connection. And a SYN on a connection that the server has
            // answered may be the client's new start or an old duplicate: that is for the server to decide.
            if (packet.has(Tcp.SYN) && state == TcpState.SYN_SENT) {
                ConnectionRecord.i32(memory, record, ConnectionRecord.CLIENT_SEQUENCE_OFFSET, end);
                ConnectionRecord.i32(memory, record, ConnectionRecord.SERVER_ACK_OFFSET, end);
            }
            return;
        }
        advance(memory, record, ConnectionRecord.CLIENT_SEQUENCE_OFFSET, end, unseen);
        final int serverIsn = ConnectionRecord.i32(memory, record, ConnectionRecord.SERVER_ISN_OFFSET);
        final boolean acked = packet.has(Tcp.ACK);
        if (acked) {
            advance(memory, record, ConnectionRecord.CLIENT_ACK_OFFSET, packet.acknowledgment, unseen);
        }
        final boolean acksHandshake = acked && packet.acknowledgment - serverIsn > 0;
        move(slot, record, state, TcpState.afterClient(state, packet.flags, acksHandshake, isAllAcknowledged(record)), listener);
    }

    /** A packet of the real server is about to be forwarded. */
    void fromServer(final Packet packet, final int slot, final long record, final Listener listener, final int nowSeconds) {
        final MemorySegment memory = connections.table().memory();
        ConnectionRecord.i32(memory, record, ConnectionRecord.LAST_SEEN_OFFSET, nowSeconds);
        if (!packet.isTcp()) {
            storeFirst(record);
            return;
        }
        final int flags = ConnectionRecord.u8(memory, record, ConnectionRecord.FLAGS_OFFSET);
        final int state = ConnectionRecord.u8(memory, record, ConnectionRecord.STATE_OFFSET);
        final int clientNumberAck = packet.acknowledgment - ConnectionRecord.i32(memory, record, ConnectionRecord.ISN_DELTA_OFFSET);
        if (packet.has(Tcp.RST)) {
            final boolean refused = state == TcpState.SYN_SENT && packet.has(Tcp.ACK)
                && clientNumberAck == ConnectionRecord.i32(memory, record, ConnectionRecord.CLIENT_SEQUENCE_OFFSET);
            if (refused || state != TcpState.SYN_SENT && isAcceptable(packet.sequence, memory, record,
                ConnectionRecord.CLIENT_ACK_OFFSET, ConnectionRecord.SERVER_SEQUENCE_OFFSET, flags)) {
                close(slot, record, state, listener);
            }
            return;
        }
        final boolean unseen = see(memory, record, flags, ConnectionRecord.SERVER_UNSEEN);
        final int end = packet.sequence + packet.sequenceLength();
        if (packet.has(Tcp.SYN | Tcp.ACK) && isBeginning(packet, record, state, clientNumberAck)) {
            begin(packet, slot, record, clientNumberAck, listener);
            return;
        }
        if (state == TcpState.SYN_SENT) {
            // Of a connection that had the local port before: the client answers it with an RST.
            return;
        }
        advance(memory, record, ConnectionRecord.SERVER_SEQUENCE_OFFSET, end, unseen);
        if (packet.has(Tcp.ACK)) {
            advance(memory, record, ConnectionRecord.SERVER_ACK_OFFSET, clientNumberAck, unseen);
        }
        move(slot, record, state, TcpState.afterServer(state, packet.flags, isAllAcknowledged(record)), listener);
        storeFirst(record);
    }

    private boolean isAllAcknowledged(final long record) {
        final MemorySegment memory = connections.table().memory();
        return ConnectionRecord.i32(memory, record, ConnectionRecord.CLIENT_ACK_OFFSET)
            == ConnectionRecord.i32(memory, record, ConnectionRecord.SERVER_SEQUENCE_OFFSET)
            && ConnectionRecord.i32(memory, record, ConnectionRecord.SERVER_ACK_OFFSET)
            == ConnectionRecord.i32(memory, record, ConnectionRecord.CLIENT_SEQUENCE_OFFSET);
    }

    /**
     * Whether the server has accepted a SYN just now: of a connection just opened, or of a client that starts anew from the same
     * port while we, but not the server, still know its last connection.
     */
    private boolean isBeginning(final Packet packet, final long record, final int state, final int clientNumberAck) {
        final MemorySegment memory = connections.table().memory();
        if (state != TcpState.SYN_SENT) {
            return packet.sequence != ConnectionRecord.i32(memory, record, ConnectionRecord.SERVER_ISN_OFFSET);
        }
        // Data in a SYN, as Fast Open sends it, need not be accepted with it.
        final int notAccepted = ConnectionRecord.i32(memory, record, ConnectionRecord.CLIENT_SEQUENCE_OFFSET) - clientNumberAck;
        return notAccepted >= 0 && notAccepted <= LONGEST_SEGMENT;
    }

    private void begin(final Packet packet, final int slot, final long record, final int clientNumberAck, final Listener listener) {
        final MemorySegment memory = connections.table().memory();
        final int end = packet.sequence + packet.sequenceLength();
        final int flags = ConnectionRecord.u8(memory, record, ConnectionRecord.FLAGS_OFFSET);
        ConnectionRecord.u8(memory, record, ConnectionRecord.FLAGS_OFFSET,
            flags & ~(ConnectionRecord.CLIENT_UNSEEN | ConnectionRecord.SERVER_UNSEEN));
        ConnectionRecord.i32(memory, record, ConnectionRecord.SERVER_ISN_OFFSET, packet.sequence);
        ConnectionRecord.i32(memory, record, ConnectionRecord.SERVER_SEQUENCE_OFFSET, end);
        ConnectionRecord.i32(memory, record, ConnectionRecord.CLIENT_ACK_OFFSET, end);
        ConnectionRecord.i32(memory, record, ConnectionRecord.CLIENT_SEQUENCE_OFFSET, clientNumberAck);
        ConnectionRecord.i32(memory, record, ConnectionRecord.SERVER_ACK_OFFSET, clientNumberAck);
        connections.changeState(slot, record, TcpState.SYN_RECEIVED, listener.timeoutSeconds(TcpState.SYN_RECEIVED));
        connections.storeAnew(record);
    }

    /** From the server's answer on a connection has to survive the process, and is stored before the client can send data. */
    private void storeFirst(final long record) {
        if (!connections.isStored(record)
            && TcpState.isStored(ConnectionRecord.u8(connections.table().memory(), record, ConnectionRecord.STATE_OFFSET))) {
            connections.store(record);
        }
    }

    private void move(final int slot, final long record, final int state, final int next, final Listener listener) {
        if (next != state) {
            connections.changeState(slot, record, next, listener.timeoutSeconds(next));
        }
    }

    private void close(final int slot, final long record, final int state, final Listener listener) {
        if (state != TcpState.CLOSED) {
            connections.changeState(slot, record, TcpState.CLOSED, listener.timeoutSeconds(TcpState.CLOSED));
        }
    }

    /** Whether an RST is between what its receiver expects next and what its sender has sent: only then it is obeyed there. */
    private static boolean isAcceptable(final int sequence, final MemorySegment memory, final long record, final int expected,
                                        final int sent, final int flags) {
        final int from = ConnectionRecord.i32(memory, record, expected);
        final int to = ConnectionRecord.i32(memory, record, sent);
        final boolean tailsAreOld = (flags & (ConnectionRecord.CLIENT_UNSEEN | ConnectionRecord.SERVER_UNSEEN)) != 0;
        return tailsAreOld || sequence - from >= 0 && sequence - to <= 0;
    }

    /** Whether this is the first packet of a side since the connection was taken over: it says where the side is now. */
    private static boolean see(final MemorySegment memory, final long record, final int flags, final int unseenFlag) {
        final boolean unseen = (flags & unseenFlag) != 0;
        if (unseen) {
            ConnectionRecord.u8(memory, record, ConnectionRecord.FLAGS_OFFSET, flags & ~unseenFlag);
        }
        return unseen;
    }

    private static void advance(final MemorySegment memory, final long record, final int field, final int value, final boolean unseen) {
        final int ahead = value - ConnectionRecord.i32(memory, record, field);
        if (unseen || ahead > 0 && ahead < PLAUSIBLE) {
            ConnectionRecord.i32(memory, record, field, value);
        }
    }
}
