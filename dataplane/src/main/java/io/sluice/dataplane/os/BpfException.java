package io.sluice.dataplane.os;

/** The kernel refused a bpf(2) command. */
public final class BpfException extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private final int errno;

    /**
     * With the kernel's answer.
     *
     * @param message what was asked
     * @param errno   a positive number of errno(3)
     * @param log     the verifier's words, or empty
     */
    public BpfException(final String message, final int errno, final String log) {
        super(message + ": " + Errno.describe(errno) + (log.isEmpty() ? "" : "; the verifier says:\n" + log));
        this.errno = errno;
    }

    /**
     * The kernel's error number.
     *
     * @return a positive number of errno(3)
     */
    public int errno() {
        return errno;
    }
}
