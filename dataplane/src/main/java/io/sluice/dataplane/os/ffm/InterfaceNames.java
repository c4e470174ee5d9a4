package io.sluice.dataplane.os.ffm;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.ArrayList;
import java.util.List;

/**
 * The network interfaces there are, for messages:
 * <a href="https://man7.org/linux/man-pages/man3/if_nameindex.3.html">if_nameindex(3)</a>. Unlike
 * {@link java.net.NetworkInterface} it also names interfaces without an address.
 */
@SuppressWarnings("restricted")
public final class InterfaceNames {
    private static final MethodHandle IF_NAMEINDEX = Downcall.of("if_nameindex", Downcall.POINTER);
    /** A void function: the int is whatever was in the register, and not looked at. */
    private static final MethodHandle IF_FREENAMEINDEX = Downcall.of("if_freenameindex", Downcall.INT, Downcall.POINTER);

    private static final long ENTRY_LENGTH = 16;
    private static final long NAME = 8;
    private static final long LONGEST_NAME = 256;

    private InterfaceNames() {
    }

    /**
     * All interfaces of the calling thread's network namespace.
     *
     * @return names in the kernel's order; empty if the kernel does not tell
     */
    public static List<String> list() {
        try (Arena arena = Arena.ofConfined()) {
            final MemorySegment state = arena.allocate(Downcall.STATE);
            final MemorySegment first = (MemorySegment) IF_NAMEINDEX.invokeExact(state);
            final List<String> names = new ArrayList<>();
            if (first.address() == 0) {
                return names;
            }
            final MemorySegment entries = first.reinterpret(Long.MAX_VALUE);
            for (long at = 0; entries.get(ValueLayout.JAVA_INT, at) != 0; at += ENTRY_LENGTH) {
                names.add(entries.get(ValueLayout.ADDRESS, at + NAME).reinterpret(LONGEST_NAME).getString(0));
            }
            final int ignored = (int) IF_FREENAMEINDEX.invokeExact(state, first);
            return names;
        } catch (final Throwable e) {
            throw Downcall.impossible(e);
        }
    }
}
