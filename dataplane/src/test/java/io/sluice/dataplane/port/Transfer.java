package io.sluice.dataplane.port;

import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Random;

/** Many bytes over one TCP connection; both sides tell their digest. */
public final class Transfer {
    private static final int TOTAL = 50 << 20;
    private static final int TIMEOUT_MS = 30_000;

    private Transfer() {
    }

    /**
     * Accepts one connection and reads it to its end.
     *
     * @param listener closed afterwards
     * @return digest of what came
     */
    public static String receive(final ServerSocket listener) throws IOException, NoSuchAlgorithmException {
        listener.setSoTimeout(TIMEOUT_MS);
        try (listener; Socket connection = listener.accept()) {
            connection.setSoTimeout(TIMEOUT_MS);
            final MessageDigest digest = MessageDigest.getInstance("SHA-256");
            final byte[] buffer = new byte[1 << 16];
            for (int n = connection.getInputStream().read(buffer); n > 0; n = connection.getInputStream().read(buffer)) {
                digest.update(buffer, 0, n);
            }
            return HexFormat.of().formatHex(digest.digest());
        }
    }

    /**
     * Connects and writes.
     *
     * @param address server
     * @param port    server's port
     * @return digest of what was written
     */
    public static String send(final String address, final int port) throws IOException, NoSuchAlgorithmException {
        try (Socket connection = new Socket()) {
            connection.connect(new InetSocketAddress(address, port), TIMEOUT_MS);
            final MessageDigest digest = MessageDigest.getInstance("SHA-256");
            final OutputStream out = connection.getOutputStream();
            final Random random = new Random(42);
            final byte[] buffer = new byte[1 << 18];
            for (int sent = 0; sent < TOTAL; sent += buffer.length) {
                random.nextBytes(buffer);
                digest.update(buffer);
                out.write(buffer);
            }
            return HexFormat.of().formatHex(digest.digest());
        }
    }
}
