package io.sluice.bench.binding;

import io.sluice.dataplane.os.MessageBatch;
import java.nio.file.Files;
import java.nio.file.Path;

/** The hot calls by the C functions of {@code native/jni}. */
public final class JniCalls implements HotCalls {
    private static final int MSG_DONTWAIT = 0x40;
    private static final String DIRECTORY = "sluice.bench.native";

    private final int fd;
    private final long poll;
    private final long receive;
    private final long send;

    /**
     * Calls on a socket.
     *
     * @param target the socket and its messages
     * @throws IllegalStateException if the library has not been built
     */
    @SuppressWarnings("restricted")
    public JniCalls(final Target target) {
        final Path library = Path.of(System.getProperty(DIRECTORY, "")).resolve("libsluice_bench.so").toAbsolutePath();
        if (!Files.exists(library)) {
            throw new IllegalStateException(library + " is missing: it is built from native/jni where there are a C compiler and the"
                + " JDK's jni.h. tools/sluice bench jmh does so; without it, choose the others: -p binding=FFM,JNR");
        }
        System.load(library.toString());
        this.fd = target.descriptor();
        this.poll = target.pollAddress();
        this.receive = target.receiveAddress();
        this.send = target.sendAddress();
    }

    @Override
    public int parent() {
        return getppid();
    }

    @Override
    public int poll() {
        return poll(poll, 1, 0);
    }

    @Override
    public int receive() {
        return recvmmsg(fd, receive, MessageBatch.CAPACITY, MSG_DONTWAIT);
    }

    @Override
    public int send() {
        return sendmmsg(fd, send, 1, MSG_DONTWAIT);
    }

    private static native int getppid();

    private static native int poll(long descriptors, long count, int timeoutMs);

    private static native int recvmmsg(int fd, long messages, int count, int flags);

    private static native int sendmmsg(int fd, long messages, int count, int flags);
}
