package io.sluice.ttm;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.Paths;
import java.util.Arrays;
import java.util.function.IntPredicate;

/**
 * Finds a connection among the open files of this process by its two ends, for where the JDK does not tell the file's number.
 * It looks at every open file: a system call for each.
 */
final class OpenSockets {
    static final String HINT = "a SocketChannel is not searched for with --add-exports java.base/sun.nio.ch=ALL-UNNAMED";

    private static final Path OPEN_FILES = Paths.get("/proc/self/fd");
    private static final int AF_INET = 2;
    private static final int AF_INET6 = 10;
    private static final int SOCKADDR_LENGTH = 28;
    private static final int PORT_OFFSET = 2;
    private static final int IPV4_OFFSET = 4;
    private static final int IPV6_OFFSET = 8;

    private OpenSockets() {
    }

    /**
     * Asks the connection with these ends, as Java has them: remote is what accept() returned.
     *
     * @throws IOException if it is not there, or if two are that have different clients
     */
    static TtmPeer ask(InetSocketAddress local, InetSocketAddress remote) throws IOException {
        TtmPeer peer = askThose(fd -> hasEnds(fd, local, remote), local, remote);
        if (peer == null) {
            // The client became known after accept(): getpeername() has it now, while Java still has the load balancer's address.
            String link = SocketTable.link(local, remote);
            peer = link == null ? null : askThose(fd -> link.equals(readLink(fd)), local, remote);
        }
        if (peer == null) {
            throw new IOException("no open file of this process is the connection from " + remote + " to " + local
                + "; was it reset, or closed meanwhile? (" + HINT + ")");
        }
        return peer;
    }

    private static TtmPeer askThose(IntPredicate isIt, InetSocketAddress local, InetSocketAddress remote) throws IOException {
        TtmPeer found = null;
        for (int fd : openFiles()) {
            if (!isIt.test(fd)) {
                continue;
            }
            TtmPeer peer = TtmPeer.of(fd);
            // Asked twice, for a number that was given to another connection in between.
            if (!isIt.test(fd)) {
                continue;
            }
            // One client may have reached us through two virtual addresses from the same port: then both say the same.
            if (found != null && !found.equals(peer)) {
                throw new IOException("two connections from " + remote + " to " + local + " have different clients (" + HINT + ")");
            }
            found = peer;
        }
        return found;
    }

    private static int[] openFiles() throws IOException {
        String[] names = OPEN_FILES.toFile().list();
        if (names == null) {
            throw new IOException("cannot read " + OPEN_FILES + " (" + HINT + ")");
        }
        return Arrays.stream(names).mapToInt(Integer::parseInt).toArray();
    }

    static String readLink(int fd) {
        try {
            return Files.readSymbolicLink(OPEN_FILES.resolve(Integer.toString(fd))).toString();
        } catch (IOException closedMeanwhile) {
            return null;
        }
    }

    static boolean hasEnds(int fd, InetSocketAddress local, InetSocketAddress remote) {
        byte[] end = new byte[SOCKADDR_LENGTH];
        return LibC.INSTANCE.getsockname(fd, end, new int[] {end.length}) == 0 && local.equals(parse(end))
            && LibC.INSTANCE.getpeername(fd, end, new int[] {end.length}) == 0 && remote.equals(parse(end));
    }

    /** A struct sockaddr_in or sockaddr_in6; null for other families. */
    static InetSocketAddress parse(byte[] address) {
        ByteBuffer bytes = ByteBuffer.wrap(address);
        int family = bytes.order(ByteOrder.nativeOrder()).getShort(0);
        int port = bytes.order(ByteOrder.BIG_ENDIAN).getShort(PORT_OFFSET) & 0xffff;
        if (family == AF_INET) {
            return at(Arrays.copyOfRange(address, IPV4_OFFSET, IPV4_OFFSET + 4), port);
        }
        return family == AF_INET6 ? at(Arrays.copyOfRange(address, IPV6_OFFSET, IPV6_OFFSET + 16), port) : null;
    }

    private static InetSocketAddress at(byte[] address, int port) {
        try {
            return new InetSocketAddress(InetAddress.getByAddress(address), port);
        } catch (UnknownHostException e) {
            throw new IllegalStateException("an address has 4 or 16 bytes", e);
        }
    }
}
