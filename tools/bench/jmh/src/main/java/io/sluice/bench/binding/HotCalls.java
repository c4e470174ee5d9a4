package io.sluice.bench.binding;

/** The system calls that a lane makes all the time, on one socket, and one that does next to nothing. One thread. */
public interface HotCalls {
    /**
     * getppid(2): the floor.
     *
     * @return a process id
     */
    int parent();

    /**
     * poll(2) with one descriptor and timeout 0.
     *
     * @return 0: there is nothing to receive
     */
    int poll();

    /**
     * recvmmsg(2) with room for 64 frames.
     *
     * @return {@code -EAGAIN}: there is nothing to receive
     */
    int receive();

    /**
     * sendmmsg(2) with one frame of 60 bytes.
     *
     * @return 1: it was sent
     */
    int send();
}
