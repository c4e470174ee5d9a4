package io.sluice.control.http;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** A client that sends exactly the bytes it is given. */
public final class RawClient implements AutoCloseable {
    private final SocketChannel channel;

    public RawClient(final Path socket) throws IOException {
        channel = SocketChannel.open(UnixDomainSocketAddress.of(socket));
    }

    /** What comes back for a request without body, status line first. */
    public static String get(final Path socket, final String target, final String... headers) throws IOException {
        try (RawClient client = new RawClient(socket)) {
            client.send("GET " + target + " HTTP/1.1\r\nHost: sluice\r\n" + String.join("", headers) + "\r\n");
            return client.response();
        }
    }

    /** What comes back for a configuration. */
    public static String put(final Path socket, final String target, final String body) throws IOException {
        try (RawClient client = new RawClient(socket)) {
            final byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
            client.send("PUT " + target + " HTTP/1.1\r\nHost: sluice\r\nContent-Length: " + bytes.length + "\r\n\r\n");
            client.send(body);
            return client.response();
        }
    }

    public void send(final String text) throws IOException {
        final ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }

    /** One response with a length, or whatever there is before the server closes. */
    public String response() throws IOException {
        final ByteArrayOutputStream all = new ByteArrayOutputStream();
        final ByteBuffer buffer = ByteBuffer.allocate(65_536);
        while (!isComplete(all) && channel.read(buffer.clear()) >= 0) {
            all.write(buffer.array(), 0, buffer.position());
        }
        return all.toString(StandardCharsets.UTF_8);
    }

    /** Returns when the server has closed the connection. */
    public void awaitClose() throws IOException {
        final ByteBuffer buffer = ByteBuffer.allocate(4096);
        int read = 0;
        while (read >= 0) {
            read = channel.read(buffer.clear());
        }
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }

    private static boolean isComplete(final ByteArrayOutputStream all) {
        final String text = all.toString(StandardCharsets.ISO_8859_1);
        final int end = text.indexOf("\r\n\r\n");
        final int at = text.indexOf("Content-Length: ");
        return end > 0 && at > 0 && at < end
            && text.length() >= end + 4 + Integer.parseInt(text.substring(at + 16, text.indexOf("\r\n", at)).strip());
    }
}
