package io.sluice.dataplane.connection;

import net.openhft.chronicle.bytes.Bytes;
import net.openhft.chronicle.hash.serialization.SizedReader;
import net.openhft.chronicle.hash.serialization.SizedWriter;
import net.openhft.chronicle.wire.WireIn;
import net.openhft.chronicle.wire.WireOut;

/** Reads and writes records without garbage. Its class name stands in the header of every file: renaming it is a new file format. */
public final class StoredRecordMarshaller implements SizedReader<StoredRecord>, SizedWriter<StoredRecord> {
    /** Stateless; Chronicle makes one when it reads the header of a file. */
    public StoredRecordMarshaller() {
    }

    @Override
    public long size(final StoredRecord value) {
        return StoredRecord.LENGTH;
    }

    @Override
    @SuppressWarnings("rawtypes")
    public void write(final Bytes out, final long size, final StoredRecord value) {
        for (int i = 0; i < StoredRecord.WORDS; i++) {
            out.writeLong(value.word(i));
        }
    }

    @Override
    @SuppressWarnings("rawtypes")
    public StoredRecord read(final Bytes in, final long size, final StoredRecord using) {
        final StoredRecord value = using == null ? new StoredRecord() : using;
        for (int i = 0; i < StoredRecord.WORDS; i++) {
            value.word(i, in.readLong());
        }
        return value;
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
