package io.sluice.dataplane.os;

import java.util.Map;

/** Error numbers of Linux, as far as our system calls return them; see errno(3). */
public final class Errno {
    /** Operation not permitted. */
    public static final int EPERM = 1;
    /** No such file or directory. */
    public static final int ENOENT = 2;
    /** Interrupted system call. */
    public static final int EINTR = 4;
    /** No such device or address. */
    public static final int ENXIO = 6;
    /** Bad file descriptor. */
    public static final int EBADF = 9;
    /** Resource temporarily unavailable; the same number as EWOULDBLOCK. */
    public static final int EAGAIN = 11;
    /** Cannot allocate memory. */
    public static final int ENOMEM = 12;
    /** Permission denied. */
    public static final int EACCES = 13;
    /** Device or resource busy. */
    public static final int EBUSY = 16;
    /** File exists. */
    public static final int EEXIST = 17;
    /** No such device. */
    public static final int ENODEV = 19;
    /** Invalid argument. */
    public static final int EINVAL = 22;
    /** No space left; of devices: not enough queues. */
    public static final int ENOSPC = 28;
    /** Numerical result out of range; of XDP: the MTU is too large. */
    public static final int ERANGE = 34;
    /** Too many open files in the system. */
    public static final int ENFILE = 23;
    /** Too many open files in the process. */
    public static final int EMFILE = 24;
    /** Function not implemented. */
    public static final int ENOSYS = 38;
    /** Message too long. */
    public static final int EMSGSIZE = 90;
    /** Protocol option not available. */
    public static final int ENOPROTOOPT = 92;
    /** Operation not supported. */
    public static final int EOPNOTSUPP = 95;
    /** Address family not supported. */
    public static final int EAFNOSUPPORT = 97;
    /** Address already in use. */
    public static final int EADDRINUSE = 98;
    /** Cannot assign requested address. */
    public static final int EADDRNOTAVAIL = 99;
    /** Network is down. */
    public static final int ENETDOWN = 100;
    /** Network is unreachable. */
    public static final int ENETUNREACH = 101;
    /** No buffer space available. */
    public static final int ENOBUFS = 105;

    private static final Map<Integer, String> NAMES = Map.ofEntries(
        Map.entry(EPERM, "EPERM (operation not permitted)"),
        Map.entry(ENOENT, "ENOENT (no such file or directory)"),
        Map.entry(EINTR, "EINTR (interrupted)"),
        Map.entry(ENXIO, "ENXIO (no such device or address)"),
        Map.entry(EBADF, "EBADF (bad file descriptor)"),
        Map.entry(EAGAIN, "EAGAIN (try again)"),
        Map.entry(ENOMEM, "ENOMEM (out of memory)"),
        Map.entry(EACCES, "EACCES (permission denied)"),
        Map.entry(EBUSY, "EBUSY (device or resource busy)"),
        Map.entry(EEXIST, "EEXIST (exists already)"),
        Map.entry(ENODEV, "ENODEV (no such device)"),
        Map.entry(EINVAL, "EINVAL (invalid argument)"),
        Map.entry(ENFILE, "ENFILE (too many open files in the system)"),
        Map.entry(EMFILE, "EMFILE (too many open files in the process)"),
        Map.entry(ENOSPC, "ENOSPC (no space)"),
        Map.entry(ERANGE, "ERANGE (out of range)"),
        Map.entry(ENOSYS, "ENOSYS (not implemented by this kernel)"),
        Map.entry(EMSGSIZE, "EMSGSIZE (message too long)"),
        Map.entry(ENOPROTOOPT, "ENOPROTOOPT (protocol option not available)"),
        Map.entry(EOPNOTSUPP, "EOPNOTSUPP (operation not supported)"),
        Map.entry(EAFNOSUPPORT, "EAFNOSUPPORT (address family not supported)"),
        Map.entry(EADDRINUSE, "EADDRINUSE (address already in use)"),
        Map.entry(EADDRNOTAVAIL, "EADDRNOTAVAIL (cannot assign requested address)"),
        Map.entry(ENETDOWN, "ENETDOWN (network is down)"),
        Map.entry(ENETUNREACH, "ENETUNREACH (network is unreachable)"),
        Map.entry(ENOBUFS, "ENOBUFS (no buffer space)"));

    private Errno() {
    }

    /**
     * An error number for messages.
     *
     * @param errno a positive error number
     * @return its name and meaning, or {@code errno N}
     */
    public static String describe(final int errno) {
        return NAMES.getOrDefault(errno, "errno " + errno);
    }
}
