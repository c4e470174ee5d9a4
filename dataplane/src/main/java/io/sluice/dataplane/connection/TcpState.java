package io.sluice.dataplane.connection;

import io.sluice.dataplane.api.Timeouts;
import io.sluice.dataplane.wire.Tcp;

/**
 * The state of a connection as the real server has it, seen from the middle: pure transitions, no memory.
 *
 * <pre>
 *              SYN            SYN-ACK               ACK
 *   (none) ---client--> SYN_SENT --server--> SYN_RECEIVED --client--> ESTABLISHED
 *
 *   ESTABLISHED --FIN of the client--> CLOSE_WAIT --FIN of the server--> LAST_ACK --all acknowledged--> CLOSED
 *   ESTABLISHED --FIN of the server--> FIN_WAIT   --FIN of the client--> CLOSING  --all acknowledged--> TIME_WAIT
 *   any         --exact RST----------> CLOSED
 * </pre>
 *
 * <p>Only segments that their receiver will take are given to it; whether they are is decided by whoever has the numbers.
 *
 * <p>That a FIN has passed does not mean that it, or the data before it, has arrived: a connection is over once each side has
 * acknowledged everything that the other has sent.
 *
 * <p>Codes are part of {@link ConnectionRecord}'s format and never change their meaning.
 */
public final class TcpState {
    /** The client's SYN has been forwarded. */
    public static final int SYN_SENT = 1;
    /** The server's SYN-ACK has been forwarded. */
    public static final int SYN_RECEIVED = 2;
    /** The client has acknowledged it. */
    public static final int ESTABLISHED = 3;
    /** The server has closed its direction. */
    public static final int FIN_WAIT = 4;
    /** The client has closed its direction. */
    public static final int CLOSE_WAIT = 5;
    /** Both have closed, the client first; not everything is acknowledged. */
    public static final int LAST_ACK = 6;
    /** Both have closed, the server first, and everything is acknowledged. */
    public static final int TIME_WAIT = 7;
    /** Reset, or closed and acknowledged. */
    public static final int CLOSED = 8;
    /** Not TCP: a UDP connection has only this state. */
    public static final int UDP = 9;
    /** Both have closed, the server first; not everything is acknowledged. */
    public static final int CLOSING = 10;
    /** Number of codes, 0 included. */
    public static final int CODES = 11;

    private static final String[] NAMES = {"NONE", "SYN_SENT", "SYN_RECEIVED", "ESTABLISHED", "FIN_WAIT", "CLOSE_WAIT",
        "LAST_ACK", "TIME_WAIT", "CLOSED", "UDP", "CLOSING"};

    private TcpState() {
    }

    /**
     * The state after a segment of the client. Segments with RST are decided by {@link #CLOSED} elsewhere, since only an
     * acceptable one counts.
     *
     * @param state         state before
     * @param flags         the segment's flags, without RST
     * @param acksHandshake whether its ACK covers the server's SYN
     * @param allAcked      whether both sides have now acknowledged all that the other has sent
     * @return state after
     */
    public static int afterClient(final int state, final int flags, final boolean acksHandshake, final boolean allAcked) {
        final boolean fin = (flags & Tcp.FIN) != 0;
        return switch (state) {
            case SYN_RECEIVED -> acksHandshake ? fin ? CLOSE_WAIT : ESTABLISHED : SYN_RECEIVED;
            case ESTABLISHED -> fin ? CLOSE_WAIT : ESTABLISHED;
            case FIN_WAIT -> fin ? CLOSING : FIN_WAIT;
            default -> allAcked ? afterAll(state) : state;
        };
    }

    /**
     * The state after a segment of the server.
     *
     * @param state    state before
     * @param flags    the segment's flags, without RST
     * @param allAcked whether both sides have now acknowledged all that the other has sent
     * @return state after
     */
    public static int afterServer(final int state, final int flags, final boolean allAcked) {
        final boolean fin = (flags & Tcp.FIN) != 0;
        return switch (state) {
            case SYN_SENT -> (flags & (Tcp.SYN | Tcp.ACK)) == (Tcp.SYN | Tcp.ACK) ? SYN_RECEIVED : SYN_SENT;
            case ESTABLISHED -> fin ? FIN_WAIT : ESTABLISHED;
            case CLOSE_WAIT -> fin ? LAST_ACK : CLOSE_WAIT;
            default -> allAcked ? afterAll(state) : state;
        };
    }

    private static int afterAll(final int state) {
        return switch (state) {
            case LAST_ACK -> CLOSED;
            case CLOSING -> TIME_WAIT;
            default -> state;
        };
    }

    /**
     * Whether a SYN of the client may start a new connection in the place of one in this state.
     *
     * @param state state of the old connection
     * @return true for TIME_WAIT, CLOSED, LAST_ACK and CLOSING
     */
    public static boolean isReplaceable(final int state) {
        return state >= LAST_ACK && state <= CLOSED || state == CLOSING;
    }

    /**
     * Whether a connection in this state has to survive the process.
     *
     * @param state a state
     * @return false before the server has answered and after both sides have ended it
     */
    public static boolean isStored(final int state) {
        return state != SYN_SENT && state != TIME_WAIT && state != CLOSED;
    }

    /**
     * The idle timeout of a state.
     *
     * @param state    a state
     * @param timeouts of the listener
     * @return seconds
     */
    public static int timeoutSeconds(final int state, final Timeouts timeouts) {
        return switch (state) {
            case SYN_SENT -> timeouts.synSent();
            case SYN_RECEIVED -> timeouts.synReceived();
            case ESTABLISHED -> timeouts.established();
            case FIN_WAIT -> timeouts.finWait();
            case CLOSE_WAIT -> timeouts.closeWait();
            case LAST_ACK, CLOSING -> timeouts.lastAck();
            case TIME_WAIT -> timeouts.timeWait();
            case UDP -> timeouts.udp();
            default -> timeouts.closed();
        };
    }

    /**
     * The name of a state.
     *
     * @param state a code
     * @return its name in capitals, or {@code UNKNOWN(n)}
     */
    public static String name(final int state) {
        return state >= 0 && state < NAMES.length ? NAMES[state] : "UNKNOWN(" + state + ")";
    }
}
