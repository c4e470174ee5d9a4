package io.sluice.bench.binding;

import io.sluice.dataplane.os.MessageBatch;
import jnr.ffi.LibraryLoader;
import jnr.ffi.Runtime;
import jnr.ffi.annotations.IgnoreError;
import jnr.ffi.annotations.SaveError;

/** The hot calls by jnr-ffi. */
public final class JnrCalls implements HotCalls {
    private static final LibC C = LibraryLoader.create(LibC.class).load("c");
    private static final Runtime RUNTIME = Runtime.getRuntime(C);
    private static final int MSG_DONTWAIT = 0x40;

    /** What we need of the C library; jnr-ffi implements it. */
    public interface LibC {
        /** getppid(2). */
        @IgnoreError
        int getppid();

        /** poll(2). */
        @SaveError
        int poll(long descriptors, long count, int timeoutMs);

        /** recvmmsg(2). */
        @SaveError
        int recvmmsg(int fd, long messages, int count, int flags, long timeout);

        /** sendmmsg(2). */
        @SaveError
        int sendmmsg(int fd, long messages, int count, int flags);
    }

    private final int fd;
    private final long poll;
    private final long receive;
    private final long send;

    /**
     * Calls on a socket.
     *
     * @param target the socket and its messages
     */
    public JnrCalls(final Target target) {
        this.fd = target.descriptor();
        this.poll = target.pollAddress();
        this.receive = target.receiveAddress();
        this.send = target.sendAddress();
    }

    @Override
    public int parent() {
        return C.getppid();
    }

    @Override
    public int poll() {
        return result(C.poll(poll, 1, 0));
    }

    @Override
    public int receive() {
        return result(C.recvmmsg(fd, receive, MessageBatch.CAPACITY, MSG_DONTWAIT, 0));
    }

    @Override
    public int send() {
        return result(C.sendmmsg(fd, send, 1, MSG_DONTWAIT));
    }

    private static int result(final int returned) {
        return returned >= 0 ? returned : -RUNTIME.getLastError();
    }
}
