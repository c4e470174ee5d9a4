package io.sluice.dataplane.os;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * A BPF object file as clang writes it: <a href="https://man7.org/linux/man-pages/man5/elf.5.html">elf(5)</a>, 64 bits.
 *
 * <p>It understands what our own programs need: one program per section, maps as plain definitions in the section
 * {@code maps} (five 32-bit numbers: type, key size, value size, entries, flags), and references to maps. Global variables,
 * functions that are not inlined, and BTF-defined maps are refused by name.
 */
public final class BpfObject {
    /** Bytes of one instruction. */
    public static final int INSTRUCTION_LENGTH = 8;

    private static final String MAPS = "maps";
    private static final String LICENSE = "license";
    private static final int MAP_LENGTH = 20;
    private static final int SHT_PROGBITS = 1;
    private static final int SHF_EXECINSTR = 4;
    private static final int SHT_SYMTAB = 2;
    private static final int SHT_REL = 9;
    private static final int STT_OBJECT = 1;
    private static final int STT_FUNC = 2;
    private static final int R_BPF_64_64 = 1;
    private static final int SYMBOL_LENGTH = 24;
    private static final int RELOCATION_LENGTH = 16;

    private final BpfElf elf;
    private final Map<String, MapDefinition> maps = new LinkedHashMap<>();
    private final Map<String, Program> programs = new LinkedHashMap<>();
    private final List<Symbol> symbols = new ArrayList<>();
    private String license = "";

    private BpfObject(final BpfElf elf) {
        this.elf = elf;
    }

    /**
     * A map to be made.
     *
     * @param name       symbol
     * @param type       BPF_MAP_TYPE_
     * @param keySize    bytes
     * @param valueSize  bytes
     * @param maxEntries entries
     * @param flags      BPF_F_
     */
    public record MapDefinition(String name, int type, int keySize, int valueSize, int maxEntries, int flags) {
    }

    /**
     * A program to be loaded.
     *
     * @param name         symbol
     * @param section      section it lies in
     * @param instructions with zeros where map file descriptors belong
     * @param mapUses      name of a map by the index of the instruction that refers to it
     */
    public record Program(String name, String section, byte[] instructions, Map<Integer, String> mapUses) {
    }

    private record Symbol(String name, int kind, int section, long value) {
    }

    /**
     * Reads an object file.
     *
     * @param file its bytes
     * @return what it holds
     * @throws IllegalArgumentException if it is not a BPF object, damaged, or needs what is not supported
     */
    public static BpfObject parse(final byte[] file) {
        try {
            final BpfObject object = new BpfObject(new BpfElf(ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN)));
            object.readSymbols();
            object.readMaps();
            object.readPrograms();
            return object;
        } catch (final IndexOutOfBoundsException | ArithmeticException e) {
            throw new IllegalArgumentException("the BPF object is cut or damaged: build it again", e);
        }
    }

    /**
     * Its maps.
     *
     * @return by name, in order of their symbols
     */
    public Map<String, MapDefinition> maps() {
        return Map.copyOf(maps);
    }

    /**
     * Its programs.
     *
     * @return by name
     */
    public Map<String, Program> programs() {
        return Map.copyOf(programs);
    }

    /**
     * Its license.
     *
     * @return text of the section {@code license}, empty if it has none
     */
    public String license() {
        return license;
    }

    private void readSymbols() {
        for (int section = 0; section < elf.sections(); section++) {
            if (elf.type(section) != SHT_SYMTAB) {
                continue;
            }
            final ByteBuffer table = elf.content(section);
            for (int at = 0; at + SYMBOL_LENGTH <= table.capacity(); at += SYMBOL_LENGTH) {
                final String name = elf.text(elf.link(section), table.getInt(at));
                symbols.add(new Symbol(name, table.get(at + 4) & 0xf, Short.toUnsignedInt(table.getShort(at + 6)), table.getLong(at + 8)));
            }
        }
    }

    private void readMaps() {
        for (final Symbol symbol : symbols) {
            if (symbol.section >= elf.sections()) {
                continue;
            }
            final String section = elf.name(symbol.section);
            if (symbol.kind == STT_OBJECT && MAPS.equals(section)) {
                final ByteBuffer definition = elf.content(symbol.section).slice(Math.toIntExact(symbol.value), MAP_LENGTH)
                    .order(ByteOrder.LITTLE_ENDIAN);
                maps.put(symbol.name, new MapDefinition(symbol.name, definition.getInt(), definition.getInt(), definition.getInt(),
                    definition.getInt(), definition.getInt()));
            } else if (symbol.kind == STT_OBJECT && LICENSE.equals(section)) {
                license = StandardCharsets.US_ASCII.decode(elf.content(symbol.section)).toString().replace("\0", "");
            }
        }
    }

    private void readPrograms() {
        for (final Symbol symbol : symbols) {
            if (symbol.kind != STT_FUNC || symbol.section >= elf.sections() || elf.type(symbol.section) != SHT_PROGBITS
                || (elf.flags(symbol.section) & SHF_EXECINSTR) == 0) {
                continue;
            }
            if (symbol.value != 0) {
                throw new IllegalArgumentException("function " + symbol.name + " is not alone in its section: inline the others");
            }
            final ByteBuffer content = elf.content(symbol.section);
            final byte[] instructions = new byte[content.capacity()];
            content.get(0, instructions);
            final Map<Integer, String> mapUses = mapUses(symbol.section, instructions.length / INSTRUCTION_LENGTH);
            programs.put(symbol.name, new Program(symbol.name, elf.name(symbol.section), instructions, mapUses));
        }
    }

    private Map<Integer, String> mapUses(final int programSection, final int instructions) {
        final Map<Integer, String> uses = new LinkedHashMap<>();
        for (int section = 0; section < elf.sections(); section++) {
            if (elf.type(section) != SHT_REL || elf.info(section) != programSection) {
                continue;
            }
            final ByteBuffer table = elf.content(section);
            for (int at = 0; at + RELOCATION_LENGTH <= table.capacity(); at += RELOCATION_LENGTH) {
                final long info = table.getLong(at + 8);
                final Symbol symbol = symbols.get(Math.toIntExact(info >>> 32));
                if ((int) info != R_BPF_64_64 || !maps.containsKey(symbol.name)) {
                    throw new IllegalArgumentException("a reference to " + symbol.name + " is not to a map in the section maps:"
                        + " global variables, called functions and BTF-defined maps are not supported");
                }
                final long instruction = table.getLong(at) / INSTRUCTION_LENGTH;
                uses.put(Objects.checkIndex(Math.toIntExact(instruction), instructions), symbol.name);
            }
        }
        return uses;
    }
}
