package io.sluice.dataplane.connection;

import java.lang.foreign.MemorySegment;

/** Takes over connections from the table of record, one after another. */
@FunctionalInterface
public interface RecordVisitor {
    /**
     * Called once per stored connection, on the thread that asked for the visit.
     *
     * @param record {@link ConnectionRecord#LENGTH} bytes from offset 0, valid until this call returns
     */
    void visit(MemorySegment record);
}
