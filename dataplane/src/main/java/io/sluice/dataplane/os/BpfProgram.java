package io.sluice.dataplane.os;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.LinkedHashMap;
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
        final BpfObject.Program source = object.programs().get(name);
        if (source == null) {
            throw new IllegalArgumentException("no program " + name + " among " + object.programs().keySet());
        }
        final BpfProgram loaded = new BpfProgram(bpf);
        try {
            for (final BpfObject.MapDefinition map : object.maps().values()) {
                loaded.maps.put(map.name(), bpf.createMap(map));
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

    @Override
    public void close() {
        maps.values().forEach(bpf::close);
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
