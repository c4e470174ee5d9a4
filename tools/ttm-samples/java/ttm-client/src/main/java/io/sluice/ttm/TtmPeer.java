package io.sluice.ttm;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.NotYetConnectedException;
import java.nio.channels.SocketChannel;
import java.util.Arrays;
import java.util.NoSuchElementException;
import java.util.Objects;

/**
 * The client of an accepted connection as the load balancer names it, or why there is none.
 *
 * <pre>
 * InetSocketAddress client = TtmPeer.of(channel).orElse((InetSocketAddress) channel.getRemoteAddress());
 * </pre>
 *
 * Ask after the first bytes were read: the load balancer repeats the client's address on them. Any thread may ask.
 */
public final class TtmPeer {
    private static final int IPPROTO_IP = 0;
    private static final int TTM_SO_GET_PEER = 1345;
    private static final int LENGTH = 20;
    private static final int PORT_OFFSET = 2;
    private static final int ADDRESS_OFFSET = 4;
    private static final int AF_INET = 2;

    private static final int SOL_SOCKET = 1;
    private static final int SO_PROTOCOL = 38;
    private static final int IPPROTO_TCP = 6;
    private static final int IPPROTO_MPTCP = 262;

    private final InetSocketAddress address;
    private final Absence absence;

    private TtmPeer(InetSocketAddress address, Absence absence) {
        this.address = address;
        this.absence = absence;
    }

    /**
     * Asks for the client of a connected channel.
     *
     * @throws NotYetConnectedException if it is not connected
     * @throws IOException if it was closed, or could not be found among the open files of this process (Java 16 and newer, see README)
     */
    public static TtmPeer of(SocketChannel channel) throws IOException {
        SocketAddress remote = channel.getRemoteAddress();
        if (remote == null) {
            throw new NotYetConnectedException();
        }
        int fd = DescriptorOf.channel(channel);
        TtmPeer peer = fd >= 0 ? of(fd) : search(channel.getLocalAddress(), remote);
        // Otherwise the number may belong to another connection by now.
        if (!channel.isOpen()) {
            throw new ClosedChannelException();
        }
        return peer;
    }

    /**
     * Asks for the client of a connected socket; also of one that only wraps it, such as an SSLSocket.
     *
     * @throws IOException if it is closed or not connected, or could not be found among the open files of this process
     */
    public static TtmPeer of(Socket socket) throws IOException {
        if (socket.getChannel() != null) {
            return of(socket.getChannel());
        }
        SocketAddress remote = socket.getRemoteSocketAddress();
        if (remote == null) {
            throw new SocketException("the socket is not connected");
        }
        TtmPeer peer = search(socket.getLocalSocketAddress(), remote);
        if (socket.isClosed()) {
            throw new SocketException("the socket is closed");
        }
        return peer;
    }

    /**
     * Asks for the client of the connection with this file descriptor, for libraries that tell it, such as Netty's epoll transport.
     *
     * @throws IOException if it is no open socket
     */
    public static TtmPeer of(int fd) throws IOException {
        byte[] answer = new byte[LENGTH];
        int[] length = {LENGTH};
        if (LibC.INSTANCE.getsockopt(fd, IPPROTO_IP, TTM_SO_GET_PEER, answer, length) == 0) {
            return new TtmPeer(parse(answer), null);
        }
        int errno = LibC.errno();
        switch (errno) {
            case LibC.ENOENT:
                return new TtmPeer(null, Absence.NO_CLIENT_NAMED);
            case LibC.ENOPROTOOPT:
                return new TtmPeer(null, isTcp(fd) ? Absence.NO_CARRIER : Absence.NOT_TCP);
            case LibC.EOPNOTSUPP:
                return new TtmPeer(null, Absence.NOT_TCP);
            default:
                throw new IOException("getsockopt(" + fd + ", IPPROTO_IP, " + TTM_SO_GET_PEER + ") failed with errno " + errno
                    + (errno == LibC.EBADF || errno == LibC.ENOTSOCK ? ": this is no open socket" : ""));
        }
    }

    /** Whether the client is known. */
    public boolean isPresent() {
        return address != null;
    }

    /**
     * The client.
     *
     * @throws NoSuchElementException if it is not known; the message says why
     */
    public InetSocketAddress address() {
        if (address == null) {
            throw new NoSuchElementException("no client is known (" + absence.errorName() + "): " + absence.explanation());
        }
        return address;
    }

    /** The client, or the given address where it is not known. */
    public InetSocketAddress orElse(InetSocketAddress other) {
        return address != null ? address : other;
    }

    /** Why the client is not known; null if it is. */
    public Absence absence() {
        return absence;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof TtmPeer && Objects.equals(address, ((TtmPeer) other).address) && absence == ((TtmPeer) other).absence;
    }

    @Override
    public int hashCode() {
        return Objects.hash(address, absence);
    }

    @Override
    public String toString() {
        return address != null ? address.toString() : "none(" + absence.errorName() + ")";
    }

    private static TtmPeer search(SocketAddress local, SocketAddress remote) throws IOException {
        if (!(local instanceof InetSocketAddress && remote instanceof InetSocketAddress)) {
            return new TtmPeer(null, Absence.NOT_TCP);
        }
        return OpenSockets.ask((InetSocketAddress) local, (InetSocketAddress) remote);
    }

    /** The 20 bytes of struct ttm_peer: family in the order of this machine, port and address in network order. */
    static InetSocketAddress parse(byte[] answer) throws UnknownHostException {
        ByteBuffer bytes = ByteBuffer.wrap(answer);
        int family = bytes.order(ByteOrder.nativeOrder()).getShort(0);
        int port = bytes.order(ByteOrder.BIG_ENDIAN).getShort(PORT_OFFSET) & 0xffff;
        int end = family == AF_INET ? ADDRESS_OFFSET + 4 : LENGTH;
        return new InetSocketAddress(InetAddress.getByAddress(Arrays.copyOfRange(answer, ADDRESS_OFFSET, end)), port);
    }

    private static boolean isTcp(int fd) {
        byte[] answer = new byte[4];
        if (LibC.INSTANCE.getsockopt(fd, SOL_SOCKET, SO_PROTOCOL, answer, new int[] {answer.length}) != 0) {
            return false;
        }
        int protocol = ByteBuffer.wrap(answer).order(ByteOrder.nativeOrder()).getInt();
        return protocol == IPPROTO_TCP || protocol == IPPROTO_MPTCP;
    }
}
