package io.sluice.bench.binding;

import io.sluice.dataplane.os.Errno;
import io.sluice.dataplane.os.MessageBatch;
import io.sluice.dataplane.os.ffm.PrivateLoopback;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * What all bindings call the kernel with: a packet socket on the loopback interface of a network namespace of its own, to which
 * nothing is delivered, and messages laid out as the data plane's. Lives as long as the process.
 */
public final class Target {
    private static final int FRAME_BYTES = 60;
    private static final int BUFFER_BYTES = 2048;
    private static final short POLLIN = 1;

    private final int descriptor;
    private final MessageBatch receiving = new MessageBatch();
    private final MessageBatch sending = new MessageBatch();
    private final MemorySegment frames = Arena.global().allocate((long) MessageBatch.CAPACITY * BUFFER_BYTES, 64);
    private final MemorySegment poll = Arena.global().allocate(8, 8);

    /**
     * Opens the socket.
     *
     * @throws IllegalStateException if the process may not
     */
    public Target() {
        descriptor = PrivateLoopback.open();
        if (descriptor < 0) {
            throw new IllegalStateException("cannot make a network namespace with a packet socket: " + Errno.describe(-descriptor)
                + ". Run this bench as root");
        }
        poll.set(ValueLayout.JAVA_INT, 0, descriptor);
        poll.set(ValueLayout.JAVA_SHORT, 4, POLLIN);
        for (int i = 0; i < MessageBatch.CAPACITY; i++) {
            receiving.buffer(i, frames.address() + (long) i * BUFFER_BYTES, BUFFER_BYTES);
        }
        sending.buffer(0, frames.address(), FRAME_BYTES);
    }

    /** {@return the socket} */
    public int descriptor() {
        return descriptor;
    }

    /** {@return address of one {@code struct pollfd}} */
    public long pollAddress() {
        return poll.address();
    }

    /** {@return address of {@value MessageBatch#CAPACITY} {@code struct mmsghdr} with buffers} */
    public long receiveAddress() {
        return receiving.address(0);
    }

    /** {@return address of one {@code struct mmsghdr} with a frame} */
    public long sendAddress() {
        return sending.address(0);
    }
}
