package io.sluice.dataplane.os;

/** The kernel refused a netlink request, or the netlink socket failed. */
public final class NetlinkException extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private final int errno;

    /**
     * With the kernel's answer.
     *
     * @param message what was asked, and the kernel's words if it had any
     * @param errno   a positive number of errno(3), or 0 if the kernel gave none
     */
    public NetlinkException(final String message, final int errno) {
        super(errno == 0 ? message : message + ": " + Errno.describe(errno));
        this.errno = errno;
    }

    /**
     * The kernel's error number.
     *
     * @return a positive number of errno(3), or 0
     */
    public int errno() {
        return errno;
    }
}
