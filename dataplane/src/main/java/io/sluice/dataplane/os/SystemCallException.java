package io.sluice.dataplane.os;

/** A system call failed where the caller has to explain it to people: the error number, and what was tried. */
public final class SystemCallException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final int errno;

    /**
     * A failed call.
     *
     * @param call  the call with the argument that matters, such as {@code socket(AF_PACKET)}
     * @param errno its error number
     */
    public SystemCallException(final String call, final int errno) {
        super(call + " failed: " + Errno.describe(errno));
        this.errno = errno;
    }

    /**
     * The error number.
     *
     * @return a number of errno(3)
     */
    public int errno() {
        return errno;
    }
}
