package io.sluice.dataplane.os;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A program in the kernel with the maps it uses. Closing gives up the descriptors only: where it is attached, it goes on
 * with its maps.
 */
public final class BpfProgram implements AutoCloseable {
    /** Marks a 64-bit load of a map: the register field of its first half. */
    private static final int PSEUDO_MAP_FD = 1;
    private static final int REGISTERS = 1;
    private static final int IMMEDIATE = 4;

    private final Bpf bpf;
    private final Map<String, Integer> maps = new LinkedHashMap<>();
    private final List<Integer> own = new ArrayList<>();
    private int program = -1;

    private BpfProgram(final Bpf bpf) {
        this.bpf = bpf;
    }

    /**
     * Makes a program's maps and loads it.
     *
     * @param bpf    the kernel
     * @param object the object file
     * @param name   of the program
     * @param type   such as {@link Bpf#PROGRAM_TC}
     * @return the loaded program
     * @throws BpfException             if the kernel refuses, with the verifier's words
     * @throws IllegalArgumentException if the object has no such program
     */
    public static BpfProgram load(final Bpf bpf, final BpfObject object, final String name, final int type) {
        return load(bpf, object, name, type, Map.of());
    }

    /**
     * Loads a program that shares maps with another one, and makes those that it has for itself.
     *
     * @param bpf    the kernel
     * @param object the object file
     * @param name   of the program
     * @param type   such as {@link Bpf#PROGRAM_TC}
     * @param shared descriptors of maps by their symbols; they stay the caller's
     * @return the loaded program
     * @throws BpfException             if the kernel refuses, with the verifier's words
     * @throws IllegalArgumentException if the object has no such program
     */
    public static BpfProgram load(final Bpf bpf, final BpfObject object, final String name, final int type,
                                  final Map<String, Integer> shared) {
        final BpfObject.Program source = object.programs().get(name);
        if (source == null) {
            throw new IllegalArgumentException("no program " + name + " among " + object.programs().keySet());
        }
        final BpfProgram loaded = new BpfProgram(bpf);
        try {
            for (final BpfObject.MapDefinition map : object.maps().values()) {
                final Integer present = shared.get(map.name());
                if (present == null) {
                    final int made = bpf.createMap(map);
                    loaded.own.add(made);
                    loaded.maps.put(map.name(), made);
                } else {
                    loaded.maps.put(map.name(), present);
                }
            }
            loaded.program = bpf.loadProgram(name, type, loaded.linked(source), object.license());
            return loaded;
        } catch (final BpfException e) {
            loaded.close();
            throw e;
        }
    }

    /**
     * The program.
     *
     * @return file descriptor
     */
    public int fileDescriptor() {
        return program;
    }

    /**
     * One of its maps.
     *
     * @param name symbol in the object file
     * @return file descriptor
     */
    public int map(final String name) {
        return maps.get(name);
    }

    /**
     * All of its maps, for a program that shares them.
     *
     * @return file descriptors by symbol, valid until {@link #close}
     */
    public Map<String, Integer> maps() {
        return Map.copyOf(maps);
    }

    @Override
    public void close() {
        own.forEach(bpf::close);
        own.clear();
        maps.clear();
        if (program >= 0) {
            bpf.close(program);
            program = -1;
        }
    }

    private byte[] linked(final BpfObject.Program source) {
        final byte[] instructions = source.instructions().clone();
        final ByteBuffer buffer = ByteBuffer.wrap(instructions).order(ByteOrder.nativeOrder());
        source.mapUses().forEach((index, map) -> {
            final int at = index * BpfObject.INSTRUCTION_LENGTH;
            instructions[at + REGISTERS] = (byte) (instructions[at + REGISTERS] & 0x0f | PSEUDO_MAP_FD << 4);
            buffer.putInt(at + IMMEDIATE, maps.get(map));
        });
        return instructions;
    }
}
