package io.sluice.tools.cli;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.SocketException;
import java.net.UnixDomainSocketAddress;
import java.net.URLEncoder;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Talks to a daemon: HTTP/1.1 over its unix socket, one request per connection. No HTTP library is loaded, so that a command
 * answers at once.
 */
final class ApiClient {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final Path socket;

    ApiClient(final Path socket) {
        this.socket = socket;
    }

    /** Asks for something as JSON. */
    HttpResponse get(final String path, final Map<String, String> query) {
        return exchange("GET", path + queryText(query), "application/json", new byte[0]);
    }

    /** Asks for something as another type. */
    HttpResponse get(final String path, final String accept) {
        return exchange("GET", path, accept, new byte[0]);
    }

    /** Replaces something. */
    HttpResponse put(final String path, final Map<String, String> query, final byte[] body) {
        return exchange("PUT", path + queryText(query), "application/json", body);
    }

    private HttpResponse exchange(final String method, final String target, final String accept, final byte[] body) {
        try (SocketChannel channel = connect()) {
            final Thread watchdog = closeAfterPatience(channel);
            try {
                send(channel, method, target, accept, body);
                return HttpResponse.read(new BufferedInputStream(Channels.newInputStream(channel)));
            } finally {
                watchdog.interrupt();
            }
        } catch (final ClosedChannelException | InterruptedIOException e) {
            throw new CommandFailure(ExitCode.UNREACHABLE, "no answer on " + socket + " within " + PATIENCE.toSeconds()
                + " seconds. The daemon may be stuck: its log says more");
        } catch (final IOException e) {
            throw new CommandFailure(ExitCode.UNREACHABLE, "no usable answer on " + socket + ": " + e.getMessage()
                + ". Is it the socket of a Sluice daemon?");
        }
    }

    private SocketChannel connect() {
        try {
            return SocketChannel.open(UnixDomainSocketAddress.of(socket));
        } catch (final IOException | IllegalArgumentException e) {
            throw new CommandFailure(ExitCode.UNREACHABLE, unreachable(e));
        }
    }

    private String unreachable(final Exception cause) {
        final String reason = String.valueOf(cause.getMessage());
        if (cause instanceof SocketException && reason.contains("Permission denied")) {
            return "no permission to use " + socket + ". Run this as root, or as a member of the socket's group";
        }
        return "no daemon answers on " + socket + " (" + reason + "). Start one: sluice daemon --config FILE; "
            + "if it listens elsewhere: --socket PATH or SLUICE_SOCKET";
    }

    private static void send(final SocketChannel channel, final String method, final String target, final String accept,
                             final byte[] body) throws IOException {
        final String head = method + " " + target + " HTTP/1.1\r\nHost: sluice\r\nConnection: close\r\nAccept: " + accept
            + "\r\n" + (body.length == 0 && "GET".equals(method) ? ""
            : "Content-Type: application/yaml\r\nContent-Length: " + body.length + "\r\n") + "\r\n";
        final ByteArrayOutputStream request = new ByteArrayOutputStream();
        request.writeBytes(head.getBytes(StandardCharsets.ISO_8859_1));
        request.writeBytes(body);
        final ByteBuffer bytes = ByteBuffer.wrap(request.toByteArray());
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }

    /** A unix socket channel has no read timeout: closing it from another thread ends a read. */
    private static Thread closeAfterPatience(final SocketChannel channel) {
        return Thread.ofPlatform().daemon().start(() -> {
            try {
                Thread.sleep(PATIENCE);
                channel.close();
            } catch (final InterruptedException | IOException e) {
                Thread.currentThread().interrupt();
            }
        });
    }

    private static String queryText(final Map<String, String> query) {
        return query.isEmpty() ? "" : "?" + query.entrySet().stream()
            .map(entry -> entry.getKey() + "=" + URLEncoder.encode(entry.getValue(), StandardCharsets.UTF_8))
            .collect(Collectors.joining("&"));
    }
}
