package io.sluice.ttm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.DatagramChannel;
import java.nio.channels.NotYetConnectedException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.NoSuchElementException;
import org.junit.jupiter.api.Test;

/** On the loopback, where nobody names a client; connections that have one are in kmod-ttm/bpf/test/test_samples.py. */
class TtmPeerTest {
    private static final InetSocketAddress ANY_PORT = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);

    @Test
    void shouldReadAnIpv4Client() throws IOException {
        assertThat(TtmPeer.parse(answer(2, 40112, 198, 51, 100, 7))).isEqualTo(new InetSocketAddress("198.51.100.7", 40112));
    }

    @Test
    void shouldReadAnIpv6Client() throws IOException {
        assertThat(TtmPeer.parse(answer(10, 65535, 0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7)))
            .isEqualTo(new InetSocketAddress("2001:db8::7", 65535));
    }

    @Test
    void shouldSayWhyThereIsNoClient() throws IOException {
        try (Connection connection = new Connection()) {
            TtmPeer peer = TtmPeer.of(connection.accepted);
            assertThat(peer.isPresent()).isFalse();
            // Which of the two depends on whether this machine has a carrier.
            assertThat(peer.absence()).isIn(Absence.NO_CARRIER, Absence.NO_CLIENT_NAMED);
            assertThat(peer.toString()).isEqualTo("none(" + peer.absence().errorName() + ")");
            assertThat(peer.orElse(ANY_PORT)).isEqualTo(ANY_PORT);
            assertThatThrownBy(peer::address).isInstanceOf(NoSuchElementException.class).hasMessageContaining(peer.absence().errorName());
        }
    }

    @Test
    void shouldFindTheSameOpenFileThatTheJdkTells() throws IOException {
        try (Connection connection = new Connection(); Connection other = new Connection()) {
            int told = DescriptorOf.channel(connection.accepted);
            assertThat(told).as("this JVM runs with --add-exports").isNotNegative();
            InetSocketAddress local = (InetSocketAddress) connection.accepted.getLocalAddress();
            InetSocketAddress remote = (InetSocketAddress) connection.accepted.getRemoteAddress();
            assertThat(OpenSockets.hasEnds(told, local, remote)).isTrue();
            assertThat(OpenSockets.hasEnds(DescriptorOf.channel(connection.client), local, remote)).isFalse();
            assertThat(OpenSockets.hasEnds(DescriptorOf.channel(other.accepted), local, remote)).isFalse();
            assertThat(OpenSockets.ask(local, remote)).isEqualTo(TtmPeer.of(told));
            assertThat(SocketTable.link(local, remote)).isEqualTo(OpenSockets.readLink(told));
        }
    }

    @Test
    void shouldTakeAPlainSocket() throws IOException {
        try (ServerSocket listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
            Socket client = new Socket(listener.getInetAddress(), listener.getLocalPort()); Socket accepted = listener.accept()) {
            assertThat(accepted.getChannel()).isNull();
            assertThat(TtmPeer.of(accepted).absence()).isIn(Absence.NO_CARRIER, Absence.NO_CLIENT_NAMED);
            assertThat(TtmPeer.of(client).isPresent()).isFalse();
        }
    }

    @Test
    void shouldSayThatADatagramSocketIsNotTcp() throws IOException {
        try (DatagramChannel datagrams = DatagramChannel.open()) {
            datagrams.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), 9));
            assertThat(OpenSockets.ask((InetSocketAddress) datagrams.getLocalAddress(), (InetSocketAddress) datagrams.getRemoteAddress())
                .absence()).isEqualTo(Absence.NOT_TCP);
        }
    }

    @Test
    void shouldSayThatADescriptorIsNoSocket() {
        assertThatThrownBy(() -> TtmPeer.of(-1)).isInstanceOf(IOException.class).hasMessageContaining("no open socket");
    }

    @Test
    void shouldRefuseWhatIsNotConnected() throws IOException {
        try (SocketChannel fresh = SocketChannel.open(); Socket socket = new Socket()) {
            assertThatThrownBy(() -> TtmPeer.of(fresh)).isInstanceOf(NotYetConnectedException.class);
            assertThatThrownBy(() -> TtmPeer.of(socket)).isInstanceOf(IOException.class).hasMessageContaining("not connected");
        }
    }

    @Test
    void shouldRefuseWhatIsClosed() throws IOException {
        Connection connection = new Connection();
        connection.close();
        assertThatThrownBy(() -> TtmPeer.of(connection.accepted)).isInstanceOf(ClosedChannelException.class);
    }

    @Test
    void shouldSayThatAConnectionCannotBeFound() {
        InetSocketAddress nowhere = new InetSocketAddress("192.0.2.1", 1);
        assertThatThrownBy(() -> OpenSockets.ask(nowhere, nowhere)).isInstanceOf(IOException.class)
            .hasMessageContaining("192.0.2.1").hasMessageContaining("--add-exports java.base/sun.nio.ch=ALL-UNNAMED");
    }

    private static byte[] answer(int family, int port, int... address) {
        ByteBuffer bytes = ByteBuffer.allocate(20).order(ByteOrder.nativeOrder()).putShort((short) family);
        bytes.order(ByteOrder.BIG_ENDIAN).putShort((short) port);
        for (int octet : address) {
            bytes.put((byte) octet);
        }
        return bytes.array();
    }

    /** Both ends of a connection. */
    private static final class Connection implements AutoCloseable {
        final SocketChannel client;
        final SocketChannel accepted;

        Connection() throws IOException {
            try (ServerSocketChannel listener = ServerSocketChannel.open().bind(ANY_PORT)) {
                client = SocketChannel.open(listener.getLocalAddress());
                accepted = listener.accept();
            }
        }

        @Override
        public void close() throws IOException {
            accepted.close();
            client.close();
        }
    }
}
