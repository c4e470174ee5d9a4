package io.sluice.bench.traffic;

import io.sluice.dataplane.connection.ConnectionRecord;
import io.sluice.dataplane.wire.Address;
import java.lang.foreign.MemorySegment;

/**
 * Source and destination of a packet. Addresses in two halves, IPv4 mapped.
 *
 * @param sourceHigh      source, first eight bytes
 * @param sourceLow       source, last eight bytes
 * @param sourcePort      source port
 * @param destinationHigh destination, first eight bytes
 * @param destinationLow  destination, last eight bytes
 * @param destinationPort destination port
 */
public record Ends(long sourceHigh, long sourceLow, int sourcePort, long destinationHigh, long destinationLow, int destinationPort) {
    /**
     * What the real server of a connection sends.
     *
     * @param memory where the connection's record is
     * @param record offset of the record
     * @return real server to local address
     */
    public static Ends fromServer(final MemorySegment memory, final long record) {
        return of(memory, record, ConnectionRecord.REAL_ADDRESS_OFFSET, ConnectionRecord.REAL_PORT_OFFSET,
            ConnectionRecord.LOCAL_ADDRESS_OFFSET, ConnectionRecord.LOCAL_PORT_OFFSET);
    }

    /**
     * What the real server of a connection gets.
     *
     * @param memory where the connection's record is
     * @param record offset of the record
     * @return local address to real server
     */
    public static Ends toServer(final MemorySegment memory, final long record) {
        return of(memory, record, ConnectionRecord.LOCAL_ADDRESS_OFFSET, ConnectionRecord.LOCAL_PORT_OFFSET,
            ConnectionRecord.REAL_ADDRESS_OFFSET, ConnectionRecord.REAL_PORT_OFFSET);
    }

    /**
     * What the client of a connection gets.
     *
     * @param memory where the connection's record is
     * @param record offset of the record
     * @return virtual address to client
     */
    public static Ends toClient(final MemorySegment memory, final long record) {
        return of(memory, record, ConnectionRecord.VIRTUAL_ADDRESS_OFFSET, ConnectionRecord.VIRTUAL_PORT_OFFSET,
            ConnectionRecord.CLIENT_ADDRESS_OFFSET, ConnectionRecord.CLIENT_PORT_OFFSET);
    }

    private static Ends of(final MemorySegment memory, final long record, final int source, final int sourcePort,
                           final int destination, final int destinationPort) {
        return new Ends(ConnectionRecord.i64(memory, record, source), ConnectionRecord.i64(memory, record, source + 8),
            ConnectionRecord.u16(memory, record, sourcePort), ConnectionRecord.i64(memory, record, destination),
            ConnectionRecord.i64(memory, record, destination + 8), ConnectionRecord.u16(memory, record, destinationPort));
    }

    /** {@return whether the packet is IPv4} */
    public boolean isIpv4() {
        return Address.isIpv4(sourceHigh, sourceLow);
    }
}
