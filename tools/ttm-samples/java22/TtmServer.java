// SPDX-License-Identifier: Apache-2.0
import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.DatagramChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.concurrent.Executors;

/**
 * A TCP server behind Sluice that knows its clients, on Java 22 or newer and nothing else. What to copy is the class TtmClient.
 *
 *     java --enable-native-access=ALL-UNNAMED --add-exports java.base/sun.nio.ch=ALL-UNNAMED TtmServer.java --port 8000
 *     curl http://VIP:8000/
 *     accept=198.51.100.7:40112 getpeername=198.51.100.7:40112 ttm=198.51.100.7:40112
 *
 * Both flags may be left out: without the first the JVM warns; without the second each connection is searched for among the open files
 * of the process, and not found if its client became known after accept().
 *
 * accept= and getpeername= are what every Java program sees: getRemoteAddress(), which is what accept() returned. ttm= is what
 * getsockopt() says, also for an IPv6 client whose connection arrives over IPv4. --udp answers datagrams with the address they came
 * from, the client of a PROXY protocol header (ttm has no UDP), and the payload.
 */
public final class TtmServer {
    private static final int FIRST_BYTES_MS = 1000;
    private static final int BACKLOG = 1024;

    private final Arguments arguments;

    private TtmServer(Arguments arguments) {
        this.arguments = arguments;
    }

    public static void main(String[] words) {
        try {
            Arguments arguments = Arguments.parse(words);
            TtmServer server = new TtmServer(arguments);
            if (arguments.udp()) {
                server.serveUdp();
            } else {
                server.serveTcp();
            }
        } catch (IllegalArgumentException | IOException e) {
            System.err.println("TtmServer: " + e.getMessage());
            System.exit(e instanceof IOException ? 1 : 2);
        }
    }

    private void serveTcp() throws IOException {
        try (ServerSocketChannel listener = ServerSocketChannel.open(); var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            listener.bind(arguments.address(), BACKLOG);
            print("listening on port " + listener.socket().getLocalPort() + "\n");
            for (long served = 0; arguments.count() == 0 || served < arguments.count();) {
                SocketChannel connection = listener.accept();
                // Java has no way to listen for IPv6 alone.
                if (arguments.family().equals("ipv6") && connection.socket().getInetAddress() instanceof Inet4Address) {
                    connection.close();
                    continue;
                }
                threads.execute(() -> answer(connection));
                served++;
            }
        }
    }

    private void answer(SocketChannel opened) {
        try (SocketChannel connection = opened) {
            connection.socket().setSoTimeout(FIRST_BYTES_MS);
            InputStream in = connection.socket().getInputStream();
            // Also gives the option a second chance: the load balancer repeats it on the first bytes.
            String request = firstBytes(in);
            String accepted = text(connection.getRemoteAddress());
            String line = arguments.name() + "accept=" + accepted + " getpeername=" + accepted + " ttm=" + clientText(connection) + "\n";
            print(line);
            connection.write(ByteBuffer.wrap(response(request, line).getBytes(StandardCharsets.UTF_8)));
            // Closing while unread bytes are here would reset the connection and could take the answer with it.
            connection.shutdownOutput();
            in.transferTo(OutputStream.nullOutputStream());
        } catch (IOException clientIsGone) {
            // Nobody to tell.
        }
    }

    private static String clientText(SocketChannel connection) {
        try {
            return text(TtmClient.of(connection));
        } catch (TtmClient.Unknown e) {
            return "none(" + e.getMessage() + ")";
        } catch (IOException e) {
            return "none(" + e + ")";
        }
    }

    private static String firstBytes(InputStream in) throws IOException {
        byte[] bytes = new byte[4096];
        try {
            return new String(bytes, 0, Math.max(in.read(bytes), 0), StandardCharsets.ISO_8859_1);
        } catch (SocketTimeoutException silence) {
            return "";
        }
    }

    private static String response(String request, String line) {
        if (!request.matches("(?s)(GET|HEAD|POST) .*")) {
            return line;
        }
        String head = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: " + line.length() + "\r\nConnection: close\r\n\r\n";
        return request.startsWith("HEAD ") ? head : head + line;
    }

    private void serveUdp() throws IOException {
        try (DatagramChannel endpoint = DatagramChannel.open()) {
            endpoint.bind(arguments.address());
            print("listening on port " + endpoint.socket().getLocalPort() + "\n");
            ByteBuffer datagram = ByteBuffer.allocate(65536);
            for (long served = 0; arguments.count() == 0 || served < arguments.count(); served++) {
                SocketAddress sender = endpoint.receive(datagram.clear());
                ProxyHeader header = ProxyHeader.parse(datagram.flip());
                String client = header.client() == null ? "none" : text(header.client());
                int payload = datagram.limit() - header.length();
                String line = arguments.name() + "from=" + text(sender) + " proxy=" + client + " bytes=" + payload + "\n";
                print(line);
                byte[] text = line.getBytes(StandardCharsets.UTF_8);
                endpoint.send(ByteBuffer.allocate(text.length + payload).put(text)
                    .put(datagram.array(), header.length(), payload).flip(), sender);
            }
        }
    }

    private static void print(String text) {
        System.out.print(text);
        System.out.flush();
    }

    private static String text(SocketAddress address) {
        InetSocketAddress end = (InetSocketAddress) address;
        String host = end.getAddress().getHostAddress();
        return (end.getAddress() instanceof Inet6Address ? "[" + shortest(host) + "]" : host) + ":" + end.getPort();
    }

    /** Java writes all eight groups; everybody else two colons for the longest run of zeros. */
    private static String shortest(String host) {
        for (int zeros = 8; zeros > 1; zeros--) {
            String shorter = host.replaceFirst("(^|:)0(:0){" + (zeros - 1) + "}(:|$)", "::");
            if (!shorter.equals(host)) {
                return shorter;
            }
        }
        return host;
    }
}

/** Asks the kernel for the client of a connection. */
final class TtmClient {
    private static final int IPPROTO_IP = 0;
    private static final int TTM_SO_GET_PEER = 1345;
    private static final int PEER_LENGTH = 20;
    private static final int SOCKADDR_LENGTH = 28;
    private static final short AF_INET = 2;
    private static final int ENOENT = 2;
    private static final int ENOPROTOOPT = 92;
    private static final ValueLayout.OfShort NETWORK_SHORT = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

    private static final Linker LINKER = Linker.nativeLinker();
    private static final VarHandle ERRNO = Linker.Option.captureStateLayout().varHandle(PathElement.groupElement("errno"));
    private static final MethodHandle GETSOCKOPT = LINKER.downcallHandle(LINKER.defaultLookup().find("getsockopt").orElseThrow(),
        FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS, ADDRESS), Linker.Option.captureCallState("errno"));
    private static final MethodHandle GETSOCKNAME = nameFunction("getsockname");
    private static final MethodHandle GETPEERNAME = nameFunction("getpeername");

    private TtmClient() {
    }

    /** No client is known: ENOENT if the connection named none, ENOPROTOOPT without a carrier (or before kernel 5.18). */
    static final class Unknown extends IOException {
        private static final long serialVersionUID = 1;

        Unknown(int errno) {
            super(errno == ENOENT ? "ENOENT" : errno == ENOPROTOOPT ? "ENOPROTOOPT" : "errno " + errno);
        }
    }

    /** The client behind the load balancer. */
    static InetSocketAddress of(SocketChannel connection) throws IOException {
        InetSocketAddress local = (InetSocketAddress) connection.getLocalAddress();
        InetSocketAddress remote = (InetSocketAddress) connection.getRemoteAddress();
        int told = toldDescriptor(connection);
        if (told >= 0) {
            return ask(told);
        }
        for (String name : new File("/proc/self/fd").list()) {
            int fd = Integer.parseInt(name);
            if (!hasEnds(fd, local, remote)) {
                continue;
            }
            InetSocketAddress client = ask(fd);
            // Compared twice, for a number that was given to another connection in between.
            if (hasEnds(fd, local, remote)) {
                return client;
            }
        }
        throw new IOException("not found among the open files; try --add-exports java.base/sun.nio.ch=ALL-UNNAMED");
    }

    /** The JDK keeps the number to itself unless it is started with --add-exports java.base/sun.nio.ch=ALL-UNNAMED. */
    private static int toldDescriptor(SocketChannel connection) {
        try {
            return (int) Class.forName("sun.nio.ch.SelChImpl").getMethod("getFDVal").invoke(connection);
        } catch (ReflectiveOperationException e) {
            return -1;
        }
    }

    /** getsockopt(fd, IPPROTO_IP, TTM_SO_GET_PEER): family (order of this machine), port and address (network order). */
    private static InetSocketAddress ask(int fd) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(Linker.Option.captureStateLayout());
            MemorySegment peer = arena.allocate(PEER_LENGTH, 4);
            MemorySegment length = arena.allocateFrom(JAVA_INT, PEER_LENGTH);
            if ((int) GETSOCKOPT.invokeExact(state, fd, IPPROTO_IP, TTM_SO_GET_PEER, peer, length) != 0) {
                throw new Unknown((int) ERRNO.get(state, 0L));
            }
            return address(peer, 4, peer.get(JAVA_SHORT, 0) == AF_INET ? 4 : 16);
        } catch (IOException e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }

    private static boolean hasEnds(int fd, InetSocketAddress local, InetSocketAddress remote) {
        return local.equals(end(GETSOCKNAME, fd)) && remote.equals(end(GETPEERNAME, fd));
    }

    /** One end of a connection; null if this is none. */
    private static InetSocketAddress end(MethodHandle function, int fd) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment address = arena.allocate(SOCKADDR_LENGTH, 4);
            MemorySegment length = arena.allocateFrom(JAVA_INT, SOCKADDR_LENGTH);
            if ((int) function.invokeExact(fd, address, length) != 0) {
                return null;
            }
            return address.get(JAVA_SHORT, 0) == AF_INET ? address(address, 4, 4) : address(address, 8, 16);
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }

    /** The port is at offset 2 of struct ttm_peer, sockaddr_in and sockaddr_in6. */
    private static InetSocketAddress address(MemorySegment from, int offset, int length) throws UnknownHostException {
        byte[] address = from.asSlice(offset, length).toArray(ValueLayout.JAVA_BYTE);
        return new InetSocketAddress(InetAddress.getByAddress(address), Short.toUnsignedInt(from.get(NETWORK_SHORT, 2)));
    }

    private static MethodHandle nameFunction(String name) {
        return LINKER.downcallHandle(LINKER.defaultLookup().find(name).orElseThrow(),
            FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, ADDRESS));
    }
}

/**
 * A PROXY protocol version 2 prefix of a datagram: 12 bytes of signature, version and command, family and protocol, length of what
 * follows (two bytes); then source and destination address, source and destination port. No prefix: no client, length 0.
 */
record ProxyHeader(InetSocketAddress client, int length) {
    private static final byte[] SIGNATURE = "\r\n\r\n\0\r\nQUIT\n".getBytes(StandardCharsets.US_ASCII);
    private static final int FIXED_LENGTH = 16;
    private static final int UDP_OVER_IPV4 = 0x2112;
    private static final int UDP_OVER_IPV6 = 0x2122;

    static ProxyHeader parse(ByteBuffer datagram) throws UnknownHostException {
        byte[] bytes = datagram.array();
        boolean signed = datagram.limit() >= FIXED_LENGTH
            && Arrays.equals(bytes, 0, SIGNATURE.length, SIGNATURE, 0, SIGNATURE.length) && bytes[12] >> 4 == 2;
        int total = signed ? FIXED_LENGTH + Short.toUnsignedInt(datagram.getShort(14)) : 0;
        if (!signed || total > datagram.limit()) {
            return new ProxyHeader(null, 0);
        }
        return switch (datagram.getShort(12)) {
            case UDP_OVER_IPV4 -> new ProxyHeader(client(datagram, 4, total), total);
            case UDP_OVER_IPV6 -> new ProxyHeader(client(datagram, 16, total), total);
            default -> new ProxyHeader(null, total);
        };
    }

    private static InetSocketAddress client(ByteBuffer datagram, int addressLength, int total) throws UnknownHostException {
        if (total < FIXED_LENGTH + 2 * addressLength + 4) {
            return null;
        }
        byte[] address = Arrays.copyOfRange(datagram.array(), FIXED_LENGTH, FIXED_LENGTH + addressLength);
        int port = Short.toUnsignedInt(datagram.getShort(FIXED_LENGTH + 2 * addressLength));
        return new InetSocketAddress(InetAddress.getByAddress(address), port);
    }
}

/** The command line; the same words as for the samples in other languages. A count of 0 is for ever. */
record Arguments(String family, InetSocketAddress address, String name, long count, boolean udp) {
    private static final String USAGE = "usage: java TtmServer.java [--port 8000] [--family dual|ipv4|ipv6] [--bind ADDRESS] [--name NAME]"
        + " [--once | --count N] [--udp]";

    static Arguments parse(String[] words) throws UnknownHostException {
        String family = "dual";
        String bind = null;
        String name = "";
        long port = 8000;
        long count = 0;
        boolean udp = false;
        for (int at = 0; at < words.length; at++) {
            switch (words[at]) {
                case "--port" -> port = number(word(words, ++at), 65535);
                case "--family" -> family = word(words, ++at);
                case "--bind" -> bind = word(words, ++at);
                case "--name" -> name = word(words, ++at) + " ";
                case "--once" -> count = 1;
                case "--count" -> count = number(word(words, ++at), Long.MAX_VALUE);
                case "--udp" -> udp = true;
                default -> throw new IllegalArgumentException("there is no option '" + words[at] + "'\n" + USAGE);
            }
        }
        if (!family.matches("dual|ipv4|ipv6")) {
            throw new IllegalArgumentException("there is no family '" + family + "'\n" + USAGE);
        }
        String everywhere = family.equals("ipv4") ? "0.0.0.0" : "::";
        InetAddress address = InetAddress.getByName(bind != null ? bind : everywhere);
        return new Arguments(family, new InetSocketAddress(address, (int) port), name, count, udp);
    }

    private static String word(String[] words, int at) {
        if (at == words.length) {
            throw new IllegalArgumentException("'" + words[at - 1] + "' needs a value\n" + USAGE);
        }
        return words[at];
    }

    private static long number(String word, long most) {
        long number = word.matches("[0-9]{1,18}") ? Long.parseLong(word) : 0;
        if (number < 1 || number > most) {
            throw new IllegalArgumentException("'" + word + "' is no number of 1 to " + most);
        }
        return number;
    }
}
