package io.sluice.dataplane.connection;

import java.lang.foreign.MemorySegment;

/**
 * The key of the table of record: a connection as its real server sees it.
 *
 * <pre>
 *      +---------------------------------------------------------------+
 *   0  |                    protocol (32 bits)                         |
 *      +-------------------------------+-------------------------------+
 *   4  |           real port           |          local port           |
 *      +-------------------------------+-------------------------------+
 *   8  |                     real address (16 bytes)                   |
 *  24  |                    local address (16 bytes)                   |
 *      +---------------------------------------------------------------+
 * </pre>
 *
 * <p>Why this side and not the client's: a local port is leased to one connection per real server at a time, on all lanes and on all
 * nodes (a local address has one owner), so no two live connections share this key. A client's address pair is unique only within
 * a lane, and a client that reuses its port gets a new local port: with this key the end of the old connection cannot remove the
 * new one. If the end of a connection was ever lost, the next one on the same local port overwrites it, and no stale record can
 * claim a local port that is in use.
 *
 * <p>Mutable and reused, so that the table makes no garbage. One thread at a time.
 */
final class RecordKey {
    /** Bytes of a key. */
    static final int LENGTH = 40;

    private static final long MIX = 0x9e37_79b9_7f4a_7c15L;

    private long protocolAndPorts;
    private long realHigh;
    private long realLow;
    private long localHigh;
    private long localLow;

    /**
     * Takes the key of a record.
     *
     * @param record a connection record from offset 0
     * @return this
     */
    RecordKey of(final MemorySegment record) {
        protocolAndPorts = (long) ConnectionRecord.u8(record, 0, ConnectionRecord.PROTOCOL_OFFSET) << 32
            | ConnectionRecord.i32(record, 0, ConnectionRecord.REAL_PORT_OFFSET) & 0xffff_ffffL;
        realHigh = ConnectionRecord.i64(record, 0, ConnectionRecord.REAL_ADDRESS_OFFSET);
        realLow = ConnectionRecord.i64(record, 0, ConnectionRecord.REAL_ADDRESS_OFFSET + Long.BYTES);
        localHigh = ConnectionRecord.i64(record, 0, ConnectionRecord.LOCAL_ADDRESS_OFFSET);
        localLow = ConnectionRecord.i64(record, 0, ConnectionRecord.LOCAL_ADDRESS_OFFSET + Long.BYTES);
        return this;
    }

    /**
     * Sets one of the five words; the marshaller reads keys this way.
     *
     * @param index 0 to 4, in the order of the diagram
     * @param word  eight bytes, most significant first
     */
    void word(final int index, final long word) {
        switch (index) {
            case 0 -> protocolAndPorts = word;
            case 1 -> realHigh = word;
            case 2 -> realLow = word;
            case 3 -> localHigh = word;
            default -> localLow = word;
        }
    }

    /**
     * One of the five words.
     *
     * @param index 0 to 4, in the order of the diagram
     * @return eight bytes, most significant first
     */
    long word(final int index) {
        return switch (index) {
            case 0 -> protocolAndPorts;
            case 1 -> realHigh;
            case 2 -> realLow;
            case 3 -> localHigh;
            default -> localLow;
        };
    }

    /**
     * The file this key belongs to. Part of the file format: the same on every machine and in every version.
     *
     * @param shards number of files, at least 1
     * @return 0 to shards - 1
     */
    int shard(final int shards) {
        long hash = fold(realHigh ^ MIX, realLow);
        hash = fold(hash ^ localHigh, localLow ^ MIX);
        hash = fold(hash ^ protocolAndPorts, MIX);
        return (int) ((hash >>> 32) * shards >>> 32);
    }

    @Override
    public boolean equals(final Object other) {
        return other instanceof final RecordKey key && protocolAndPorts == key.protocolAndPorts && realHigh == key.realHigh
            && realLow == key.realLow && localHigh == key.localHigh && localLow == key.localLow;
    }

    @Override
    public int hashCode() {
        return shard(Integer.MAX_VALUE);
    }

    private static long fold(final long a, final long b) {
        final long multiplier = b * MIX | 1;
        final long mixed = a ^ a >>> 29;
        return mixed * multiplier ^ Math.unsignedMultiplyHigh(mixed, multiplier);
    }
}
