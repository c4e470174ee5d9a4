package io.sluice.dataplane.os.ffm;

import io.sluice.dataplane.os.Bpf;
import io.sluice.dataplane.os.BpfException;
import io.sluice.dataplane.os.BpfObject;
import io.sluice.dataplane.os.Errno;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/** {@link Bpf} by way of <a href="https://man7.org/linux/man-pages/man2/syscall.2.html">syscall(2)</a>: the C library has no bpf(). */
public final class BpfSyscall implements Bpf {
    /** asm/unistd.h of each machine that Sluice runs on. */
    private static final Map<String, Long> NUMBERS = Map.of("amd64", 321L, "aarch64", 280L, "riscv64", 280L);
    private static final int MAP_CREATE = 0;
    private static final int MAP_LOOKUP_ELEM = 1;
    private static final int MAP_UPDATE_ELEM = 2;
    private static final int MAP_DELETE_ELEM = 3;
    private static final int PROG_LOAD = 5;
    private static final int PROG_TEST_RUN = 10;
    private static final int LINK_CREATE = 28;
    private static final int ATTACH_XDP = 37;
    private static final int ATTRIBUTE_LENGTH = 128;
    private static final int NAME_LENGTH = 15;
    private static final int LOG_LENGTH = 1 << 20;
    private static final int LOG_SHOWN = 4_000;
    private static final int RLIMIT_MEMLOCK = 8;

    private static final MethodHandle SYSCALL = Downcall.variadic("syscall", 1, Downcall.LONG, Downcall.LONG, Downcall.INT,
        Downcall.POINTER, Downcall.INT);
    private static final MethodHandle SETRLIMIT = Downcall.of("setrlimit", Downcall.INT, Downcall.INT, Downcall.POINTER);

    private final long number;

    /**
     * For this machine.
     *
     * @throws BpfException if the number of the system call is not known here
     */
    public BpfSyscall() {
        final Long known = NUMBERS.get(System.getProperty("os.arch"));
        if (known == null) {
            throw new BpfException("no number of bpf(2) is known for " + System.getProperty("os.arch"), Errno.ENOSYS, "");
        }
        number = known;
    }

    @Override
    public int createMap(final BpfObject.MapDefinition definition) {
        try (Arena arena = Arena.ofConfined()) {
            final MemorySegment attribute = arena.allocate(ATTRIBUTE_LENGTH, 8);
            attribute.set(ValueLayout.JAVA_INT, 0, definition.type());
            attribute.set(ValueLayout.JAVA_INT, 4, definition.keySize());
            attribute.set(ValueLayout.JAVA_INT, 8, definition.valueSize());
            attribute.set(ValueLayout.JAVA_INT, 12, definition.maxEntries());
            attribute.set(ValueLayout.JAVA_INT, 16, definition.flags());
            putName(attribute, 28, definition.name());
            int result = call(arena, MAP_CREATE, attribute);
            if (result == -Errno.EPERM) {
                // Before Linux 5.11 maps count as locked memory.
                liftLockLimit(arena);
                result = call(arena, MAP_CREATE, attribute);
            }
            return checked("cannot make the BPF map " + definition.name(), result);
        }
    }

    @Override
    public int loadProgram(final String name, final int type, final byte[] instructions, final String license) {
        try (Arena arena = Arena.ofConfined()) {
            final MemorySegment attribute = arena.allocate(ATTRIBUTE_LENGTH, 8);
            attribute.set(ValueLayout.JAVA_INT, 0, type);
            attribute.set(ValueLayout.JAVA_INT, 4, instructions.length / BpfObject.INSTRUCTION_LENGTH);
            attribute.set(ValueLayout.ADDRESS, 8, bytes(arena, instructions));
            attribute.set(ValueLayout.ADDRESS, 16, arena.allocateFrom(license));
            putName(attribute, 48, name);
            final int result = call(arena, PROG_LOAD, attribute);
            if (result >= 0) {
                return result;
            }
            final MemorySegment log = arena.allocate(LOG_LENGTH);
            attribute.set(ValueLayout.JAVA_INT, 24, 1);
            attribute.set(ValueLayout.JAVA_INT, 28, LOG_LENGTH);
            attribute.set(ValueLayout.ADDRESS, 32, log);
            final int again = call(arena, PROG_LOAD, attribute);
            if (again >= 0) {
                return again;
            }
            final String words = log.getString(0).strip();
            final String end = words.substring(Math.max(0, words.length() - LOG_SHOWN));
            throw new BpfException("cannot load the BPF program " + name, -result, end);
        }
    }

    @Override
    public void update(final int map, final byte[] key, final byte[] value) {
        try (Arena arena = Arena.ofConfined()) {
            checked("cannot set an entry of a BPF map", call(arena, MAP_UPDATE_ELEM, element(arena, map, key, bytes(arena, value))));
        }
    }

    @Override
    public boolean delete(final int map, final byte[] key) {
        try (Arena arena = Arena.ofConfined()) {
            final int result = call(arena, MAP_DELETE_ELEM, element(arena, map, key, MemorySegment.NULL));
            return result != -Errno.ENOENT && checked("cannot remove an entry of a BPF map", result) == 0;
        }
    }

    @Override
    public byte[] lookup(final int map, final byte[] key, final int valueLength) {
        try (Arena arena = Arena.ofConfined()) {
            final MemorySegment value = arena.allocate(valueLength, 8);
            final int result = call(arena, MAP_LOOKUP_ELEM, element(arena, map, key, value));
            if (result == -Errno.ENOENT) {
                return null;
            }
            checked("cannot read an entry of a BPF map", result);
            return value.toArray(ValueLayout.JAVA_BYTE);
        }
    }

    @Override
    public int attachXdp(final int program, final int interfaceIndex, final int mode) {
        try (Arena arena = Arena.ofConfined()) {
            final MemorySegment attribute = arena.allocate(ATTRIBUTE_LENGTH, 8);
            attribute.set(ValueLayout.JAVA_INT, 0, program);
            attribute.set(ValueLayout.JAVA_INT, 4, interfaceIndex);
            attribute.set(ValueLayout.JAVA_INT, 8, ATTACH_XDP);
            attribute.set(ValueLayout.JAVA_INT, 12, mode);
            return checked("cannot attach an XDP program", call(arena, LINK_CREATE, attribute));
        }
    }

    @Override
    public int run(final int program, final byte[] frame) {
        try (Arena arena = Arena.ofConfined()) {
            final MemorySegment attribute = arena.allocate(ATTRIBUTE_LENGTH, 8);
            attribute.set(ValueLayout.JAVA_INT, 0, program);
            attribute.set(ValueLayout.JAVA_INT, 8, frame.length);
            attribute.set(ValueLayout.ADDRESS, 16, bytes(arena, frame));
            checked("cannot run a BPF program on a frame", call(arena, PROG_TEST_RUN, attribute));
            return attribute.get(ValueLayout.JAVA_INT, 4);
        }
    }

    @Override
    public void close(final int fileDescriptor) {
        Descriptor.close(fileDescriptor);
    }

    private int call(final Arena arena, final int command, final MemorySegment attribute) {
        try {
            final MemorySegment state = arena.allocate(Downcall.STATE);
            final long result = (long) SYSCALL.invokeExact(state, number, command, attribute, ATTRIBUTE_LENGTH);
            return result < 0 ? -Downcall.errno(state) : (int) result;
        } catch (final Throwable e) {
            throw Downcall.impossible(e);
        }
    }

    private static void liftLockLimit(final Arena arena) {
        try {
            final MemorySegment unlimited = arena.allocateFrom(ValueLayout.JAVA_LONG, -1L, -1L);
            final int ignored = (int) SETRLIMIT.invokeExact(arena.allocate(Downcall.STATE), RLIMIT_MEMLOCK, unlimited);
        } catch (final Throwable e) {
            throw Downcall.impossible(e);
        }
    }

    private static MemorySegment element(final Arena arena, final int map, final byte[] key, final MemorySegment value) {
        final MemorySegment attribute = arena.allocate(ATTRIBUTE_LENGTH, 8);
        attribute.set(ValueLayout.JAVA_INT, 0, map);
        attribute.set(ValueLayout.ADDRESS, 8, bytes(arena, key));
        attribute.set(ValueLayout.ADDRESS, 16, value);
        return attribute;
    }

    private static MemorySegment bytes(final Arena arena, final byte[] bytes) {
        return arena.allocate(bytes.length, 8).copyFrom(MemorySegment.ofArray(bytes));
    }

    private static void putName(final MemorySegment attribute, final int offset, final String name) {
        final byte[] bytes = name.substring(0, Math.min(name.length(), NAME_LENGTH)).getBytes(StandardCharsets.US_ASCII);
        MemorySegment.copy(bytes, 0, attribute, ValueLayout.JAVA_BYTE, offset, bytes.length);
    }

    private static int checked(final String what, final int result) {
        if (result < 0) {
            throw new BpfException(what, -result, "");
        }
        return result;
    }
}
