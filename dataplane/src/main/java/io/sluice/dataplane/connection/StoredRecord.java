package io.sluice.dataplane.connection;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** The value of the table of record: a view of the record that is being written, or of a buffer that one is read into. */
final class StoredRecord {
    /** Eight-byte words of a record. */
    static final int WORDS = ConnectionRecord.LENGTH / Long.BYTES;

    private static final ValueLayout.OfLong WORD = ValueLayout.JAVA_LONG_UNALIGNED;

    private MemorySegment record;

    /** With a buffer of its own, to read into. */
    StoredRecord() {
        this(Arena.ofAuto().allocate(ConnectionRecord.LENGTH, Long.BYTES));
    }

    /**
     * A view.
     *
     * @param record where the bytes are, from offset 0
     */
    StoredRecord(final MemorySegment record) {
        this.record = record;
    }

    /**
     * Looks at another record from now on.
     *
     * @param other where its bytes are, from offset 0
     * @return this
     */
    StoredRecord over(final MemorySegment other) {
        record = other;
        return this;
    }

    /**
     * The bytes.
     *
     * @return {@link ConnectionRecord#LENGTH} bytes from offset 0
     */
    MemorySegment record() {
        return record;
    }

    /**
     * Eight bytes as they lie in memory.
     *
     * @param index 0 to {@link #WORDS} - 1
     * @return the bytes in the machine's order
     */
    long word(final int index) {
        return record.get(WORD, (long) index * Long.BYTES);
    }

    /**
     * Writes eight bytes as they shall lie in memory.
     *
     * @param index 0 to {@link #WORDS} - 1
     * @param word  the bytes in the machine's order
     */
    void word(final int index, final long word) {
        record.set(WORD, (long) index * Long.BYTES, word);
    }
}
