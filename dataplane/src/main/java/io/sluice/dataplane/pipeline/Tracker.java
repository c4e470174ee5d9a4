package io.sluice.dataplane.pipeline;

import io.sluice.dataplane.classify.Packet;
import io.sluice.dataplane.connection.ConnectionRecord;
import io.sluice.dataplane.connection.TcpState;
import io.sluice.dataplane.pipeline.Tails.Side;
import io.sluice.dataplane.service.Listener;
import io.sluice.dataplane.wire.Tcp;
import java.lang.foreign.MemorySegment;

/**
 * Follows a connection by its packets: state, idle time, and how far each side has sent and acknowledged. Path thread only.
 *
 * <p>Every packet is forwarded, whatever is made of it here: whoever receives it decides for itself. But only what its receiver
 * will take changes the state (see {@link Tails}), so that a stray or forged segment does not end a connection that goes on.
 */
final class Tracker {
    private static final int LONGEST_SEGMENT = 0xffff;

    private final Connections connections;
    private final Tails tails;

    Tracker(final Connections connections) {
        this.connections = connections;
        this.tails = new Tails(connections.table().memory());
    }

    /** A packet of the client is about to be forwarded. */
    void fromClient(final Packet packet, final int slot, final long record, final Listener listener, final int nowSeconds) {
        final MemorySegment memory = connections.table().memory();
        ConnectionRecord.i32(memory, record, ConnectionRecord.LAST_SEEN_OFFSET, nowSeconds);
        if (!packet.isTcp()) {
            return;
        }
        final int state = ConnectionRecord.u8(memory, record, ConnectionRecord.STATE_OFFSET);
        if (packet.has(Tcp.RST)) {
            if (tails.isObeyed(record, Side.CLIENT, packet.sequence)) {
                close(slot, record, state, listener);
            }
            return;
        }
        if (packet.has(Tcp.SYN) || state == TcpState.SYN_SENT) {
            // Anything else before the server's answer is of an earlier connection. And a SYN on a connection that the server has
            // answered may be the client's new start or an old duplicate: that is for the server to decide.
            if (packet.has(Tcp.SYN) && state == TcpState.SYN_SENT) {
                tails.synSent(record, packet);
            }
            return;
        }
        if (tails.believes(record, Side.CLIENT, packet, packet.acknowledgment)) {
            final boolean acksHandshake = tails.isHandshakeAcknowledged(record, packet.acknowledgment);
            tails.take(record, Side.CLIENT, packet, packet.acknowledgment);
            move(slot, record, state,
                TcpState.afterClient(state, packet.flags, acksHandshake, tails.isAllAcknowledged(record)), listener);
        }
    }

    /** A packet of the real server is about to be forwarded. */
    void fromServer(final Packet packet, final int slot, final long record, final Listener listener, final int nowSeconds) {
        final MemorySegment memory = connections.table().memory();
        ConnectionRecord.i32(memory, record, ConnectionRecord.LAST_SEEN_OFFSET, nowSeconds);
        if (!packet.isTcp()) {
            storeFirst(slot, record);
            return;
        }
        final int state = ConnectionRecord.u8(memory, record, ConnectionRecord.STATE_OFFSET);
        final int acknowledged = packet.acknowledgment - ConnectionRecord.i32(memory, record, ConnectionRecord.ISN_DELTA_OFFSET);
        if (packet.has(Tcp.RST)) {
            if (state == TcpState.SYN_SENT ? isRefusal(packet, record, acknowledged)
                : tails.isObeyed(record, Side.SERVER, packet.sequence)) {
                close(slot, record, state, listener);
            }
            return;
        }
        if (packet.has(Tcp.SYN | Tcp.ACK) && isBeginning(packet, record, state, acknowledged)) {
            begin(packet, slot, record, state, acknowledged, listener);
            return;
        }
        if (state == TcpState.SYN_SENT) {
            // Of a connection that had the local port before: the client answers it with an RST.
            return;
        }
        if (!packet.has(Tcp.SYN) && tails.believes(record, Side.SERVER, packet, acknowledged)) {
            tails.take(record, Side.SERVER, packet, acknowledged);
            move(slot, record, state, TcpState.afterServer(state, packet.flags, tails.isAllAcknowledged(record)), listener);
        }
        storeFirst(slot, record);
    }

    /** Whether an RST before any answer refuses the SYN that has been sent: its number means nothing then (RFC 9293, 3.10.7.3). */
    private boolean isRefusal(final Packet packet, final long record, final int acknowledged) {
        return packet.has(Tcp.ACK)
            && acknowledged == ConnectionRecord.i32(connections.table().memory(), record, ConnectionRecord.CLIENT_SEQUENCE_OFFSET);
    }

    /**
     * Whether the server has accepted a SYN just now: of a connection just opened, or of a client that starts anew from the same
     * port while we, but not the server, still know its last connection.
     */
    private boolean isBeginning(final Packet packet, final long record, final int state, final int acknowledged) {
        final MemorySegment memory = connections.table().memory();
        if (state != TcpState.SYN_SENT) {
            return packet.sequence != ConnectionRecord.i32(memory, record, ConnectionRecord.SERVER_ISN_OFFSET);
        }
        // Data in a SYN, as Fast Open sends it, need not be accepted with it.
        final int notAccepted = ConnectionRecord.i32(memory, record, ConnectionRecord.CLIENT_SEQUENCE_OFFSET) - acknowledged;
        return notAccepted >= 0 && notAccepted <= LONGEST_SEGMENT;
    }

    private void begin(final Packet packet, final int slot, final long record, final int state, final int acknowledged,
                       final Listener listener) {
        ConnectionRecord.i32(connections.table().memory(), record, ConnectionRecord.SERVER_ISN_OFFSET, packet.sequence);
        tails.synReceived(record, packet, acknowledged, state == TcpState.SYN_SENT);
        connections.changeState(slot, record, TcpState.SYN_RECEIVED, listener.timeoutSeconds(TcpState.SYN_RECEIVED));
        if (!connections.storeAnew(record)) {
            connections.storeSoon(slot);
        }
    }

    /** From the server's answer on a connection has to survive the process, and is stored before the client can send data. */
    private void storeFirst(final int slot, final long record) {
        if (!connections.isStored(record)
            && TcpState.isStored(ConnectionRecord.u8(connections.table().memory(), record, ConnectionRecord.STATE_OFFSET))
            && !connections.store(record)) {
            connections.storeSoon(slot);
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
}
