package io.sluice.ttm;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.Paths;

/** The kernel's table of connections, which has the ends that packets have, whatever getpeername() says. */
final class SocketTable {
    private static final Path IPV4 = Paths.get("/proc/self/net/tcp");
    private static final Path IPV6 = Paths.get("/proc/self/net/tcp6");
    private static final byte[] MAPPED = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, (byte) 0xff, (byte) 0xff};
    /** The words of a line: number, local, remote, state, queues, timer, retransmits, user, timeout, inode. */
    private static final int INODE_WORD = 9;

    private SocketTable() {
    }

    /** What the symbolic link of the connection's open file says, {@code socket:[inode]}; null if there is no such connection. */
    static String link(InetSocketAddress local, InetSocketAddress remote) throws IOException {
        String link = null;
        if (local.getAddress() instanceof Inet4Address) {
            link = search(IPV4, text(local, new byte[0]) + ' ' + text(remote, new byte[0]));
        }
        if (link == null && Files.exists(IPV6)) {
            link = search(IPV6, text(local, MAPPED) + ' ' + text(remote, MAPPED));
        }
        return link;
    }

    private static String search(Path table, String ends) throws IOException {
        try (BufferedReader lines = Files.newBufferedReader(table, StandardCharsets.US_ASCII)) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (line.contains(' ' + ends + ' ')) {
                    return "socket:[" + line.trim().split("\\s+")[INODE_WORD] + ']';
                }
            }
        }
        return null;
    }

    /** Hexadecimal: the address as numbers of 32 bits in the order of this machine, a colon, the port. */
    private static String text(InetSocketAddress end, byte[] prefixOfIpv4) {
        byte[] address = end.getAddress().getAddress();
        int prefix = address.length == 4 ? prefixOfIpv4.length : 0;
        ByteBuffer bytes = ByteBuffer.allocate(prefix + address.length).order(ByteOrder.nativeOrder());
        bytes.put(prefixOfIpv4, 0, prefix).put(address).rewind();
        StringBuilder text = new StringBuilder();
        while (bytes.hasRemaining()) {
            text.append(String.format("%08X", bytes.getInt()));
        }
        return text.append(String.format(":%04X", end.getPort())).toString();
    }
}
