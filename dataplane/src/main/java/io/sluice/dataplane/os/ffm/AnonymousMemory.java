package io.sluice.dataplane.os.ffm;

import io.sluice.dataplane.os.Errno;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * Large zeroed memory that costs nothing until it is touched:
 * <a href="https://man7.org/linux/man-pages/man2/mmap.2.html">mmap(2)</a>, private and anonymous, without reserving swap.
 */
@SuppressWarnings("restricted")
public final class AnonymousMemory {
    private static final MethodHandle MMAP =
        Downcall.of("mmap", Downcall.POINTER, Downcall.POINTER, Downcall.LONG, Downcall.INT, Downcall.INT, Downcall.INT, Downcall.LONG);
    private static final MethodHandle MUNMAP = Downcall.of("munmap", Downcall.INT, Downcall.POINTER, Downcall.LONG);

    private static final MethodHandle MADVISE =
        Downcall.of("madvise", Downcall.INT, Downcall.POINTER, Downcall.LONG, Downcall.INT);

    private static final int MADV_HUGEPAGE = 14;
    private static final int PROT_READ_WRITE = 1 | 2;
    private static final int MAP_PRIVATE_ANONYMOUS_NORESERVE = 0x02 | 0x20 | 0x4000;
    private static final long MAP_FAILED = -1L;

    private AnonymousMemory() {
    }

    /**
     * Maps zeroed memory that lives until {@link #unmap}, or as long as the process.
     *
     * @param bytes size, more than 0
     * @return memory whose pages are given by the kernel when first touched
     * @throws OutOfMemoryError if the address space or the kernel's limits do not allow it
     */
    public static MemorySegment map(final long bytes) {
        try (Arena arena = Arena.ofConfined()) {
            final MemorySegment state = arena.allocate(Downcall.STATE);
            final MemorySegment memory = (MemorySegment) MMAP.invokeExact(state, MemorySegment.NULL, bytes, PROT_READ_WRITE,
                MAP_PRIVATE_ANONYMOUS_NORESERVE, -1, 0L);
            if (memory.address() == MAP_FAILED) {
                throw new OutOfMemoryError("mmap of " + bytes + " bytes failed: " + Errno.describe(Downcall.errno(state)));
            }
            return memory.reinterpret(bytes);
        } catch (final OutOfMemoryError e) {
            throw e;
        } catch (final Throwable e) {
            throw Downcall.impossible(e);
        }
    }

    /**
     * Maps memory that is read and written all over: in huge pages, where the kernel has them to give
     * (<a href="https://man7.org/linux/man-pages/man2/madvise.2.html">madvise(2)</a>, {@code MADV_HUGEPAGE}), since a look-up among
     * a million entries otherwise waits for the page tables before it waits for the entry.
     *
     * @param bytes size, more than 0; what is touched is given in pieces of some megabytes
     * @return as {@link #map}
     * @throws OutOfMemoryError as {@link #map}
     */
    public static MemorySegment mapForRandomAccess(final long bytes) {
        final MemorySegment memory = map(bytes);
        try (Arena arena = Arena.ofConfined()) {
            // A kernel that refuses costs speed, nothing else.
            final int ignored = (int) MADVISE.invokeExact(arena.allocate(Downcall.STATE), memory, bytes, MADV_HUGEPAGE);
        } catch (final Throwable e) {
            throw Downcall.impossible(e);
        }
        return memory;
    }

    /**
     * Gives memory back. Nothing may use the segment afterwards.
     *
     * @param memory a whole segment from {@link #map}
     */
    public static void unmap(final MemorySegment memory) {
        try (Arena arena = Arena.ofConfined()) {
            final MemorySegment state = arena.allocate(Downcall.STATE);
            final int result = (int) MUNMAP.invokeExact(state, memory, memory.byteSize());
            if (result != 0) {
                throw new IllegalArgumentException("munmap failed: " + Errno.describe(Downcall.errno(state)));
            }
        } catch (final IllegalArgumentException e) {
            throw e;
        } catch (final Throwable e) {
            throw Downcall.impossible(e);
        }
    }
}
