package io.sluice.tools.cli;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/**
 * An HTTP/1.1 response with a length, which is the only kind that the daemon sends.
 *
 * @param status three digits
 * @param body   the body
 */
record HttpResponse(int status, byte[] body) {
    private static final int LONGEST_LINE = 16_384;
    private static final int MOST_HEADERS = 100;
    private static final int LARGEST_BODY = 256 << 20;

    static HttpResponse read(final InputStream in) throws IOException {
        int status = status(line(in));
        while (status == 100) {
            headers(in);
            status = status(line(in));
        }
        final int length = headers(in);
        if (length < 0) {
            return new HttpResponse(status, in.readNBytes(LARGEST_BODY));
        }
        final byte[] body = in.readNBytes(length);
        if (body.length != length) {
            throw new IOException("the answer ended after " + body.length + " of " + length + " bytes");
        }
        return new HttpResponse(status, body);
    }

    String text() {
        return new String(body, StandardCharsets.UTF_8);
    }

    private static int status(final String line) throws IOException {
        if (!line.matches("HTTP/1\\.[01] \\d{3}( .*)?")) {
            throw new IOException("this is not HTTP");
        }
        return Integer.parseInt(line.substring(9, 12));
    }

    /** Reads to the empty line; the length of the body, or -1 when it goes on to the end. */
    private static int headers(final InputStream in) throws IOException {
        int length = -1;
        for (int i = 0; i < MOST_HEADERS; i++) {
            final String line = line(in);
            if (line.isEmpty()) {
                return length;
            }
            final String header = line.toLowerCase(Locale.ROOT);
            if (header.matches("content-length:\\s*\\d{1,9}\\s*")) {
                length = Math.min(LARGEST_BODY, Integer.parseInt(header.substring(header.indexOf(':') + 1).strip()));
            } else if (header.startsWith("transfer-encoding:")) {
                throw new IOException("the answer has no length");
            }
        }
        throw new IOException("the answer has too many headers");
    }

    private static String line(final InputStream in) throws IOException {
        final ByteArrayOutputStream line = new ByteArrayOutputStream();
        for (int c = in.read(); c != '\n'; c = in.read()) {
            if (c < 0 || line.size() > LONGEST_LINE) {
                throw new IOException(c < 0 ? "the connection was closed without an answer" : "a header is too long");
            }
            line.write(c);
        }
        return line.toString(StandardCharsets.ISO_8859_1).stripTrailing();
    }
}
