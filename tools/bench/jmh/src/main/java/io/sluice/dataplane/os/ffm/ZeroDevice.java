package io.sluice.dataplane.os.ffm;

import java.lang.foreign.Arena;
import java.lang.invoke.MethodHandle;

/** {@code /dev/zero}: what poll(2) finds readable at all times, as a busy interface is. */
public final class ZeroDevice {
    private static final int O_RDONLY_CLOEXEC = 0x80000;
    private static final MethodHandle OPEN = Downcall.variadic("open", 2, Downcall.INT, Downcall.POINTER, Downcall.INT);

    private ZeroDevice() {
    }

    /**
     * Opens it.
     *
     * @return a descriptor for the rest of the process
     */
    public static int open() {
        try (Arena arena = Arena.ofConfined()) {
            return (int) OPEN.invokeExact(arena.allocate(Downcall.STATE), arena.allocateFrom("/dev/zero"), O_RDONLY_CLOEXEC);
        } catch (final Throwable e) {
            throw Downcall.impossible(e);
        }
    }
}
