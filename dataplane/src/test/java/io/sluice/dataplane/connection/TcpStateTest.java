package io.sluice.dataplane.connection;

import static io.sluice.dataplane.connection.TcpState.CLOSED;
import static io.sluice.dataplane.connection.TcpState.CLOSING;
import static io.sluice.dataplane.connection.TcpState.CODES;
import static io.sluice.dataplane.connection.TcpState.CLOSE_WAIT;
import static io.sluice.dataplane.connection.TcpState.ESTABLISHED;
import static io.sluice.dataplane.connection.TcpState.FIN_WAIT;
import static io.sluice.dataplane.connection.TcpState.LAST_ACK;
import static io.sluice.dataplane.connection.TcpState.SYN_RECEIVED;
import static io.sluice.dataplane.connection.TcpState.SYN_SENT;
import static io.sluice.dataplane.connection.TcpState.TIME_WAIT;
import static io.sluice.dataplane.connection.TcpState.UDP;
import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.dataplane.api.Timeouts;
import io.sluice.dataplane.wire.Tcp;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TcpStateTest {
    /** Columns: state, then what it becomes by a segment of the client. */
    @ParameterizedTest
    @CsvSource(textBlock = """
        # state,       old ACK,      ACK of SYN,   ACK of all,  FIN,          FIN with ACK of SYN
        SYN_SENT,      SYN_SENT,     SYN_SENT,     SYN_SENT,    SYN_SENT,     SYN_SENT
        SYN_RECEIVED,  SYN_RECEIVED, ESTABLISHED,  ESTABLISHED, SYN_RECEIVED, CLOSE_WAIT
        ESTABLISHED,   ESTABLISHED,  ESTABLISHED,  ESTABLISHED, CLOSE_WAIT,   CLOSE_WAIT
        FIN_WAIT,      FIN_WAIT,     FIN_WAIT,     FIN_WAIT,    CLOSING,      CLOSING
        CLOSE_WAIT,    CLOSE_WAIT,   CLOSE_WAIT,   CLOSE_WAIT,  CLOSE_WAIT,   CLOSE_WAIT
        LAST_ACK,      LAST_ACK,     LAST_ACK,     CLOSED,      LAST_ACK,     LAST_ACK
        CLOSING,       CLOSING,      CLOSING,      TIME_WAIT,   CLOSING,      CLOSING
        TIME_WAIT,     TIME_WAIT,    TIME_WAIT,    TIME_WAIT,   TIME_WAIT,    TIME_WAIT
        CLOSED,        CLOSED,       CLOSED,       CLOSED,      CLOSED,       CLOSED
        UDP,           UDP,          UDP,          UDP,         UDP,          UDP
        """)
    void shouldMoveByTheClientsSegments(final String state, final String oldAck, final String synAck, final String allAck,
                                        final String fin, final String firstFin) {
        final int from = code(state);
        assertThat(TcpState.name(TcpState.afterClient(from, Tcp.ACK, false, false))).isEqualTo(oldAck);
        assertThat(TcpState.name(TcpState.afterClient(from, Tcp.ACK, true, false))).isEqualTo(synAck);
        assertThat(TcpState.name(TcpState.afterClient(from, Tcp.ACK, true, true))).isEqualTo(allAck);
        assertThat(TcpState.name(TcpState.afterClient(from, Tcp.ACK | Tcp.FIN, false, false))).isEqualTo(fin);
        assertThat(TcpState.name(TcpState.afterClient(from, Tcp.ACK | Tcp.FIN, true, false))).isEqualTo(firstFin);
    }

    /** Columns: state, then what it becomes by a segment of the server. */
    @ParameterizedTest
    @CsvSource(textBlock = """
        # state,       SYN ACK,      SYN,          ACK,          ACK of all,   FIN
        SYN_SENT,      SYN_RECEIVED, SYN_SENT,     SYN_SENT,     SYN_SENT,     SYN_SENT
        SYN_RECEIVED,  SYN_RECEIVED, SYN_RECEIVED, SYN_RECEIVED, SYN_RECEIVED, SYN_RECEIVED
        ESTABLISHED,   ESTABLISHED,  ESTABLISHED,  ESTABLISHED,  ESTABLISHED,  FIN_WAIT
        FIN_WAIT,      FIN_WAIT,     FIN_WAIT,     FIN_WAIT,     FIN_WAIT,     FIN_WAIT
        CLOSE_WAIT,    CLOSE_WAIT,   CLOSE_WAIT,   CLOSE_WAIT,   CLOSE_WAIT,   LAST_ACK
        LAST_ACK,      LAST_ACK,     LAST_ACK,     LAST_ACK,     CLOSED,       LAST_ACK
        CLOSING,       CLOSING,      CLOSING,      CLOSING,      TIME_WAIT,    CLOSING
        TIME_WAIT,     TIME_WAIT,    TIME_WAIT,    TIME_WAIT,    TIME_WAIT,    TIME_WAIT
        CLOSED,        CLOSED,       CLOSED,       CLOSED,       CLOSED,       CLOSED
        UDP,           UDP,          UDP,          UDP,          UDP,          UDP
        """)
    void shouldMoveByTheServersSegments(final String state, final String synAck, final String syn, final String ack,
                                        final String allAck, final String fin) {
        final int from = code(state);
        assertThat(TcpState.name(TcpState.afterServer(from, Tcp.SYN | Tcp.ACK, false))).isEqualTo(synAck);
        assertThat(TcpState.name(TcpState.afterServer(from, Tcp.SYN, false))).isEqualTo(syn);
        assertThat(TcpState.name(TcpState.afterServer(from, Tcp.ACK, false))).isEqualTo(ack);
        assertThat(TcpState.name(TcpState.afterServer(from, Tcp.ACK, true))).isEqualTo(allAck);
        assertThat(TcpState.name(TcpState.afterServer(from, Tcp.FIN | Tcp.ACK, false))).isEqualTo(fin);
    }

    @Test
    void shouldLetANewSynReplaceOnlyWhatIsOver() {
        assertThat(IntStream.range(SYN_SENT, CODES).filter(TcpState::isReplaceable)).containsExactly(LAST_ACK, TIME_WAIT, CLOSED,
            CLOSING);
    }

    @Test
    void shouldStoreWhatAServerHasAnsweredUntilBothSidesHaveEndedIt() {
        assertThat(IntStream.range(SYN_SENT, CODES).filter(TcpState::isStored)).containsExactly(SYN_RECEIVED, ESTABLISHED,
            FIN_WAIT, CLOSE_WAIT, LAST_ACK, UDP, CLOSING);
    }

    @Test
    void shouldGiveEveryStateItsTimeout() {
        final Timeouts timeouts = new Timeouts(1, 2, 3, 4, 5, 6, 7, 8, 9);
        assertThat(IntStream.range(SYN_SENT, CODES).map(state -> TcpState.timeoutSeconds(state, timeouts)))
            .containsExactly(1, 2, 3, 4, 5, 6, 7, 8, 9, 6);
    }

    @Test
    void shouldNameEveryStateDifferently() {
        final Set<String> names = new HashSet<>();
        IntStream.range(SYN_SENT, CODES).forEach(state -> names.add(TcpState.name(state)));
        assertThat(names).hasSize(CODES - 1);
        assertThat(TcpState.name(CODES)).isEqualTo("UNKNOWN(11)");
        assertThat(TcpState.name(-1)).isEqualTo("UNKNOWN(-1)");
    }

    private static int code(final String name) {
        return IntStream.range(SYN_SENT, CODES).filter(state -> TcpState.name(state).equals(name)).findFirst().orElseThrow();
    }
}
