package io.sluice.ttm;

import jnr.ffi.LibraryLoader;
import jnr.ffi.Runtime;
import jnr.ffi.annotations.In;
import jnr.ffi.annotations.Out;

/**
 * What is called of the C library, see getsockopt(2), getsockname(2) and getpeername(2). Public only because JNR-FFI
 * implements it from another package.
 */
public interface LibC {
    /** The one instance. Loading it unpacks a native library of JNR-FFI to the temporary directory. */
    LibC INSTANCE = LibraryLoader.create(LibC.class).failImmediately().load("c");

    /** Errors as Linux numbers them on x86, Arm, RISC-V and s390x. */
    int ENOENT = 2;
    /** Bad file descriptor. */
    int EBADF = 9;
    /** The descriptor is no socket. */
    int ENOTSOCK = 88;
    /** No such option. */
    int ENOPROTOOPT = 92;
    /** This kind of socket has no options of this level. */
    int EOPNOTSUPP = 95;

    /** Returns 0, or -1 with {@link #errno()}. */
    int getsockopt(int fd, int level, int name, @Out byte[] value, @In @Out int[] length);

    /** Returns 0, or -1 with {@link #errno()}. */
    int getsockname(int fd, @Out byte[] address, @In @Out int[] length);

    /** Returns 0, or -1 with {@link #errno()}. */
    int getpeername(int fd, @Out byte[] address, @In @Out int[] length);

    /** The error of this thread's last call. */
    static int errno() {
        return Runtime.getRuntime(INSTANCE).getLastError();
    }
}
