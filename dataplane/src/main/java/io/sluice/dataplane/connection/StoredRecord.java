package io.sluice.dataplane.connection;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * The value of the table of record: a view of the record that is being written, or of a buffer that one is read into. The addresses of
 * server and load balancer are left out, since they are in the key.
 */
final class StoredRecord {
    /** Bytes of a value. */
    static final int LENGTH = ConnectionRecord.LENGTH - 2 * 16;
    /** Eight-byte words of a value. */
    static final int WORDS = LENGTH / Long.BYTES;

    private static final int WORDS_BEFORE_KEY = ConnectionRecord.REAL_ADDRESS_OFFSET / Long.BYTES;

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
     * Adds what is only in the key.
     *
     * @param key of the record that has been read
     */
    void complete(final RecordKey key) {
        ConnectionRecord.i64(record, 0, ConnectionRecord.REAL_ADDRESS_OFFSET, key.word(1));
        ConnectionRecord.i64(record, 0, ConnectionRecord.REAL_ADDRESS_OFFSET + Long.BYTES, key.word(2));
        ConnectionRecord.i64(record, 0, ConnectionRecord.LOCAL_ADDRESS_OFFSET, key.word(3));
        ConnectionRecord.i64(record, 0, ConnectionRecord.LOCAL_ADDRESS_OFFSET + Long.BYTES, key.word(4));
    }

    /**
     * Eight bytes as they lie in memory.
     *
     * @param index 0 to {@link #WORDS} - 1
     * @return the bytes in the machine's order
     */
    long word(final int index) {
        return record.get(WORD, offset(index));
    }

    /**
     * Writes eight bytes as they shall lie in memory.
     *
     * @param index 0 to {@link #WORDS} - 1
     * @param word  the bytes in the machine's order
     */
    void word(final int index, final long word) {
        record.set(WORD, offset(index), word);
    }

    private static long offset(final int index) {
        return (long) Long.BYTES * index + (index < WORDS_BEFORE_KEY ? 0 : ConnectionRecord.LENGTH - LENGTH);
    }
}
