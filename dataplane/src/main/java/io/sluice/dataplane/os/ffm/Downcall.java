package io.sluice.dataplane.os.ffm;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;

/**
 * Method handles of the C library. Every handle made here captures {@code errno}: its first argument is a segment of
 * {@link #STATE} layout, one per calling object, which {@link #errno} reads after a call that returned -1.
 */
@SuppressWarnings("restricted")
final class Downcall {
    /** What a handle writes errno into. */
    static final StructLayout STATE = Linker.Option.captureStateLayout();

    private static final Linker LINKER = Linker.nativeLinker();
    private static final VarHandle ERRNO = STATE.varHandle(MemoryLayout.PathElement.groupElement("errno"));

    private Downcall() {
    }

    /**
     * A handle of a C function that may block.
     *
     * @param name      the symbol
     * @param result    its result
     * @param arguments its arguments, without the errno segment that comes first
     * @return the handle: (MemorySegment state, arguments...)
     */
    static MethodHandle of(final String name, final MemoryLayout result, final MemoryLayout... arguments) {
        return make(name, FunctionDescriptor.of(result, arguments), Linker.Option.captureCallState("errno"));
    }

    /**
     * A handle of a C function with variadic arguments.
     *
     * @param name          the symbol
     * @param firstVariadic index of the first variadic argument
     * @param result        its result
     * @param arguments     its arguments, without the errno segment that comes first
     * @return the handle: (MemorySegment state, arguments...)
     */
    static MethodHandle variadic(final String name, final int firstVariadic, final MemoryLayout result,
                                 final MemoryLayout... arguments) {
        return make(name, FunctionDescriptor.of(result, arguments), Linker.Option.captureCallState("errno"),
            Linker.Option.firstVariadicArg(firstVariadic));
    }

    /**
     * A handle of a C function whose errno nobody asks for. Unlike the others it allocates nothing even before it is fully
     * compiled: capturing errno makes a slice of the state at every call, which only the optimising compiler removes.
     *
     * @param name      the symbol
     * @param result    its result
     * @param arguments its arguments
     * @return the handle: (arguments...)
     */
    static MethodHandle withoutErrno(final String name, final MemoryLayout result, final MemoryLayout... arguments) {
        return make(name, FunctionDescriptor.of(result, arguments));
    }

    /**
     * The error number that the last call with this state left behind.
     *
     * @param state the segment passed to the handle
     * @return a number of errno(3)
     */
    static int errno(final MemorySegment state) {
        return (int) ERRNO.get(state, 0L);
    }

    /**
     * What a checked exception from a method handle means: nothing that can happen.
     *
     * @param thrown whatever invokeExact threw
     * @return an error to throw
     */
    static AssertionError impossible(final Throwable thrown) {
        return new AssertionError("a C function threw", thrown);
    }

    private static MethodHandle make(final String name, final FunctionDescriptor descriptor, final Linker.Option... options) {
        final MemorySegment symbol = LINKER.defaultLookup().find(name)
            .orElseThrow(() -> new UnsatisfiedLinkError("the C library has no function " + name));
        return LINKER.downcallHandle(symbol, descriptor, options);
    }

    /** int in C. */
    static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
    /** long, size_t and ssize_t in C on 64-bit Linux. */
    static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;
    /** Any pointer. */
    static final ValueLayout POINTER = ValueLayout.ADDRESS;
}
