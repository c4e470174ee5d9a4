package io.sluice.dataplane.connection;

import net.openhft.chronicle.bytes.Bytes;
import net.openhft.chronicle.hash.serialization.SizedReader;
import net.openhft.chronicle.hash.serialization.SizedWriter;
import net.openhft.chronicle.wire.WireIn;
import net.openhft.chronicle.wire.WireOut;

/** Reads and writes keys without garbage. Its class name stands in the header of every file: renaming it is a new file format. */
public final class RecordKeyMarshaller implements SizedReader<RecordKey>, SizedWriter<RecordKey> {
    private static final int WORDS = RecordKey.LENGTH / Long.BYTES;

    /** Stateless; Chronicle makes one when it reads the header of a file. */
    public RecordKeyMarshaller() {
    }

    @Override
    public long size(final RecordKey key) {
        return RecordKey.LENGTH;
    }

    @Override
    @SuppressWarnings("rawtypes")
    public void write(final Bytes out, final long size, final RecordKey key) {
        for (int i = 0; i < WORDS; i++) {
            out.writeLong(Long.reverseBytes(key.word(i)));
        }
    }

    @Override
    @SuppressWarnings("rawtypes")
    public RecordKey read(final Bytes in, final long size, final RecordKey using) {
        final RecordKey key = using == null ? new RecordKey() : using;
        for (int i = 0; i < WORDS; i++) {
            key.word(i, Long.reverseBytes(in.readLong()));
        }
        return key;
    }

    @Override
    public void readMarshallable(final WireIn wire) {
        // no state
    }

    @Override
    public void writeMarshallable(final WireOut wire) {
        // no state
    }
}
