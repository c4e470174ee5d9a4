package io.sluice.ttm.sample;

import io.sluice.ttm.TtmPeer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;

/**
 * A TCP server behind Sluice that knows its clients.
 *
 * <pre>
 * java -jar ttm-server.jar --port 8000
 * curl http://VIP:8000/
 * accept=198.51.100.7:40112 getpeername=198.51.100.7:40112 ttm=198.51.100.7:40112
 * </pre>
 *
 * accept= and getpeername= are what every Java program sees: getRemoteAddress(), which is what accept() returned. ttm= is what
 * {@link TtmPeer} says, also for an IPv6 client whose connection arrives over IPv4. --udp answers datagrams with the address they came
 * from, the client of a PROXY protocol header (ttm has no UDP), and the payload.
 */
public final class TtmServer {
    private static final int FIRST_BYTES_MS = 1000;
    private static final int BACKLOG = 1024;

    private final Arguments arguments;

    private TtmServer(Arguments arguments) {
        this.arguments = arguments;
    }

    /** Serves until told otherwise. */
    public static void main(String[] words) {
        try {
            Arguments arguments = Arguments.parse(words);
            TtmServer server = new TtmServer(arguments);
            if (arguments.udp) {
                server.serveUdp();
            } else if (arguments.plainSocket) {
                server.serveSockets();
            } else {
                server.serveChannels();
            }
        } catch (IllegalArgumentException | IOException e) {
            System.err.println("ttm-server: " + e.getMessage());
            System.exit(e instanceof IOException ? 1 : 2);
        }
    }

    private void serveChannels() throws IOException {
        try (ServerSocketChannel listener = ServerSocketChannel.open()) {
            listener.bind(arguments.address(), BACKLOG);
            sayListening(listener.socket().getLocalPort());
            for (long served = 0; arguments.count == 0 || served < arguments.count;) {
                served += serve(listener.accept().socket());
            }
        }
    }

    private void serveSockets() throws IOException {
        try (ServerSocket listener = new ServerSocket()) {
            listener.bind(arguments.address(), BACKLOG);
            sayListening(listener.getLocalPort());
            for (long served = 0; arguments.count == 0 || served < arguments.count;) {
                served += serve(listener.accept());
            }
        }
    }

    /** How many connections this was: none for one of the wrong family. */
    private int serve(Socket connection) throws IOException {
        if (arguments.family.equals("ipv6") && connection.getInetAddress() instanceof Inet4Address) {
            connection.close();
            return 0;
        }
        new Thread(() -> answer(connection)).start();
        return 1;
    }

    private void answer(Socket opened) {
        try (Socket connection = opened) {
            connection.setSoTimeout(FIRST_BYTES_MS);
            // Also gives the option a second chance: the load balancer repeats it on the first bytes.
            String request = firstBytes(connection.getInputStream());
            String accepted = text(connection.getRemoteSocketAddress());
            String line = arguments.name + "accept=" + accepted + " getpeername=" + accepted + " ttm=" + client(connection) + "\n";
            System.out.print(line);
            System.out.flush();
            connection.getOutputStream().write(response(request, line).getBytes(StandardCharsets.UTF_8));
            // Closing while unread bytes are here would reset the connection and could take the answer with it.
            connection.shutdownOutput();
            readToTheEnd(connection.getInputStream());
        } catch (IOException clientIsGone) {
            // Nobody to tell.
        }
    }

    /** The client as the load balancer names it, or why there is none. */
    private static String client(Socket connection) {
        try {
            TtmPeer peer = TtmPeer.of(connection);
            return peer.isPresent() ? text(peer.address()) : peer.toString();
        } catch (IOException e) {
            return "none(" + e.getMessage() + ")";
        }
    }

    private static String firstBytes(InputStream in) throws IOException {
        byte[] bytes = new byte[4096];
        try {
            int length = in.read(bytes);
            return new String(bytes, 0, Math.max(length, 0), StandardCharsets.ISO_8859_1);
        } catch (SocketTimeoutException silence) {
            return "";
        }
    }

    private static String response(String request, String line) {
        if (!request.startsWith("GET ") && !request.startsWith("HEAD ") && !request.startsWith("POST ")) {
            return line;
        }
        String head = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: " + line.length() + "\r\nConnection: close\r\n\r\n";
        return request.startsWith("HEAD ") ? head : head + line;
    }

    private static void readToTheEnd(InputStream in) throws IOException {
        byte[] bytes = new byte[4096];
        int length;
        do {
            length = in.read(bytes);
        } while (length > 0);
    }

    private void serveUdp() throws IOException {
        try (DatagramChannel endpoint = DatagramChannel.open()) {
            endpoint.bind(arguments.address());
            sayListening(endpoint.socket().getLocalPort());
            ByteBuffer datagram = ByteBuffer.allocate(65536);
            for (long served = 0; arguments.count == 0 || served < arguments.count; served++) {
                datagram.clear();
                SocketAddress sender = endpoint.receive(datagram);
                datagram.flip();
                ProxyHeader header = ProxyHeader.parse(datagram);
                String client = header.client == null ? "none" : text(header.client);
                String line = arguments.name + "from=" + text(sender) + " proxy=" + client + " bytes="
                    + (datagram.limit() - header.length) + "\n";
                System.out.print(line);
                System.out.flush();
                ByteArrayOutputStream answer = new ByteArrayOutputStream();
                answer.write(line.getBytes(StandardCharsets.UTF_8));
                answer.write(datagram.array(), header.length, datagram.limit() - header.length);
                endpoint.send(ByteBuffer.wrap(answer.toByteArray()), sender);
            }
        }
    }

    private static void sayListening(int port) {
        System.out.println("listening on port " + port);
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
