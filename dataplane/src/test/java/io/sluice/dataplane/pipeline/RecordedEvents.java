package io.sluice.dataplane.pipeline;

import io.sluice.dataplane.connection.ConnectionEvent.Kind;
import io.sluice.dataplane.connection.ConnectionEvents;
import io.sluice.dataplane.connection.ConnectionRecord;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Keeps what a lane tells of its connections, and the table of record that would come of it. */
public final class RecordedEvents implements ConnectionEvents {
    /**
     * An event.
     *
     * @param kind   what happened
     * @param record the connection's record
     */
    public record Event(Kind kind, byte[] record) {
        /**
         * State of the connection.
         *
         * @return a code of {@link io.sluice.dataplane.connection.TcpState}
         */
        public int state() {
            return record[ConnectionRecord.STATE_OFFSET];
        }

        @Override
        public String toString() {
            return kind + " in state " + state();
        }
    }

    private final List<Event> events = new ArrayList<>();
    private final Map<ByteBuffer, byte[]> stored = new LinkedHashMap<>();
    private boolean full;
    private boolean forgetful;

    @Override
    public boolean publish(final Kind kind, final MemorySegment memory, final long record) {
        if (full) {
            return false;
        }
        if (forgetful) {
            return true;
        }
        final byte[] copy = memory.asSlice(record, ConnectionRecord.LENGTH).toArray(ValueLayout.JAVA_BYTE);
        events.add(new Event(kind, copy));
        final ByteBuffer key = key(copy);
        if (kind == Kind.CLOSED) {
            stored.remove(key);
        } else {
            stored.put(key, copy);
        }
        return true;
    }

    private static ByteBuffer key(final byte[] record) {
        final byte[] key = Arrays.copyOfRange(record, ConnectionRecord.CLIENT_ADDRESS_OFFSET - 1, ConnectionRecord.REAL_PORT_OFFSET);
        key[0] = record[ConnectionRecord.PROTOCOL_OFFSET];
        return ByteBuffer.wrap(key);
    }

    /**
     * Refuses events from now on, or takes them again.
     *
     * @param refuse true to refuse
     */
    public void full(final boolean refuse) {
        full = refuse;
    }

    /** Accepts events without keeping them, which costs no memory. */
    public void forget() {
        forgetful = true;
        events.clear();
        stored.clear();
    }

    /**
     * Everything told so far.
     *
     * @return in order
     */
    public List<Event> events() {
        return events;
    }

    /**
     * Kinds of everything told so far.
     *
     * @return in order
     */
    public List<Kind> kinds() {
        return events.stream().map(Event::kind).toList();
    }

    /**
     * What a table of record holds after all that.
     *
     * @return the latest record of each connection that has not been closed
     */
    public List<byte[]> stored() {
        return List.copyOf(stored.values());
    }
}
