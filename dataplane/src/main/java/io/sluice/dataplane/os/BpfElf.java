package io.sluice.dataplane.os;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * The sections of a 64-bit little-endian BPF object: <a href="https://man7.org/linux/man-pages/man5/elf.5.html">elf(5)</a>.
 * Whatever lies outside the file throws {@link IndexOutOfBoundsException}.
 */
final class BpfElf {
    private static final int MAGIC = 0x464c457f;
    private static final int CLASS_64_LITTLE_ENDIAN = 0x0102;
    private static final int EM_BPF = 247;
    private static final int MACHINE = 18;
    private static final int SECTION_TABLE = 40;
    private static final int SECTION_COUNT = 60;
    private static final int NAMES_SECTION = 62;
    private static final int SECTION_LENGTH = 64;
    private static final int SHT_NOBITS = 8;

    private final ByteBuffer file;
    private final int table;
    private final int count;
    private final int names;

    BpfElf(final ByteBuffer file) {
        this.file = file;
        if (file.capacity() < SECTION_LENGTH || file.getInt(0) != MAGIC || file.getShort(4) != CLASS_64_LITTLE_ENDIAN
            || file.getShort(MACHINE) != EM_BPF) {
            throw new IllegalArgumentException("not a BPF object for this machine: build it with clang -target bpf");
        }
        table = offset(file.getLong(SECTION_TABLE));
        count = Short.toUnsignedInt(file.getShort(SECTION_COUNT));
        names = Short.toUnsignedInt(file.getShort(NAMES_SECTION));
    }

    int sections() {
        return count;
    }

    String name(final int section) {
        return text(names, file.getInt(header(section)));
    }

    int type(final int section) {
        return file.getInt(header(section) + 4);
    }

    long flags(final int section) {
        return file.getLong(header(section) + 8);
    }

    /** The section that this one refers to, such as a symbol table's names. */
    int link(final int section) {
        return file.getInt(header(section) + 40);
    }

    /** What this section is about, such as the section that relocations apply to. */
    int info(final int section) {
        return file.getInt(header(section) + 44);
    }

    ByteBuffer content(final int section) {
        if (type(section) == SHT_NOBITS) {
            return ByteBuffer.allocate(0);
        }
        final int at = offset(file.getLong(header(section) + 24));
        return file.slice(at, offset(file.getLong(header(section) + 32))).order(ByteOrder.LITTLE_ENDIAN);
    }

    String text(final int section, final int at) {
        final ByteBuffer strings = content(section);
        int end = at;
        while (strings.get(end) != 0) {
            end++;
        }
        return StandardCharsets.UTF_8.decode(strings.slice(at, end - at)).toString();
    }

    private int header(final int section) {
        if (section < 0 || section >= count) {
            throw new IndexOutOfBoundsException("section " + section + " of " + count);
        }
        return offset((long) table + (long) section * SECTION_LENGTH);
    }

    private static int offset(final long value) {
        if (value < 0 || value > Integer.MAX_VALUE) {
            throw new IndexOutOfBoundsException("offset " + value);
        }
        return (int) value;
    }
}
