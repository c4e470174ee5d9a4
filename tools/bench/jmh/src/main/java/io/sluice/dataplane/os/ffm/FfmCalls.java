package io.sluice.dataplane.os.ffm;

import io.sluice.bench.binding.HotCalls;
import io.sluice.bench.binding.Target;
import io.sluice.dataplane.os.MessageBatch;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/** The hot calls by the data plane's own method handles, made and called as {@link FfmPacketSocket} does. */
public final class FfmCalls implements HotCalls {
    private static final MethodHandle GETPPID = Downcall.withoutErrno("getppid", Downcall.INT);
    private static final MethodHandle POLL = Downcall.of("poll", Downcall.INT, Downcall.LONG, Downcall.LONG, Downcall.INT);
    private static final MethodHandle RECVMMSG = Downcall.of("recvmmsg", Downcall.INT, Downcall.INT, Downcall.LONG,
        Downcall.INT, Downcall.INT, Downcall.LONG);
    private static final MethodHandle SENDMMSG =
        Downcall.of("sendmmsg", Downcall.INT, Downcall.INT, Downcall.LONG, Downcall.INT, Downcall.INT);
    private static final int MSG_DONTWAIT = 0x40;

    private final MemorySegment state = Arena.ofAuto().allocate(Downcall.STATE);
    private final int fd;
    private final long poll;
    private final long receive;
    private final long send;

    /**
     * Calls on a socket.
     *
     * @param target the socket and its messages
     */
    public FfmCalls(final Target target) {
        this.fd = target.descriptor();
        this.poll = target.pollAddress();
        this.receive = target.receiveAddress();
        this.send = target.sendAddress();
    }

    @Override
    public int parent() {
        try {
            return (int) GETPPID.invokeExact();
        } catch (final Throwable e) {
            throw Downcall.impossible(e);
        }
    }

    @Override
    public int poll() {
        try {
            return result((int) POLL.invokeExact(state, poll, 1L, 0));
        } catch (final Throwable e) {
            throw Downcall.impossible(e);
        }
    }

    @Override
    public int receive() {
        try {
            return result((int) RECVMMSG.invokeExact(state, fd, receive, MessageBatch.CAPACITY, MSG_DONTWAIT, 0L));
        } catch (final Throwable e) {
            throw Downcall.impossible(e);
        }
    }

    @Override
    public int send() {
        try {
            return result((int) SENDMMSG.invokeExact(state, fd, send, 1, MSG_DONTWAIT));
        } catch (final Throwable e) {
            throw Downcall.impossible(e);
        }
    }

    private int result(final int returned) {
        return returned >= 0 ? returned : -Downcall.errno(state);
    }
}
