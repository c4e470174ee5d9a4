package io.sluice.dataplane.connection;

import io.sluice.dataplane.wire.Address;
import java.lang.foreign.MemorySegment;
import java.util.Random;

/** The two keys of a connection, for tests of the table. */
record Flow(int protocol, End client, End virtual, End real, End local) {
    /** Address and port. */
    record End(long high, long low, int port) {
        static End random(final Random random, final int spread) {
            final boolean ipv4 = random.nextBoolean();
            return new End(ipv4 ? Address.IPV4_HIGH : 0x2001_0db8_0000_0000L + random.nextInt(2),
                ipv4 ? Address.lowOfIpv4(0x0a00_0000 + random.nextInt(spread)) : random.nextInt(spread), 1 + random.nextInt(spread));
        }
    }

    /** A flow of a world so small that its parts are shared by many. */
    static Flow random(final Random random) {
        return new Flow(random.nextBoolean() ? 6 : 17, End.random(random, 16), End.random(random, 3), End.random(random, 4),
            End.random(random, 64));
    }

    Key fromClient() {
        return new Key(protocol, client, virtual);
    }

    Key fromServer() {
        return new Key(protocol, real, local);
    }

    /** Takes a slot and links the flow. */
    int addTo(final ConnectionTable table) {
        final int slot = table.allocate();
        if (slot != ConnectionTable.NONE) {
            write(table.memory(), table.record(slot));
            table.link(slot);
        }
        return slot;
    }

    private void write(final MemorySegment memory, final long record) {
        ConnectionRecord.u8(memory, record, ConnectionRecord.PROTOCOL_OFFSET, protocol);
        write(memory, record, client, ConnectionRecord.CLIENT_ADDRESS_OFFSET, ConnectionRecord.CLIENT_PORT_OFFSET);
        write(memory, record, virtual, ConnectionRecord.VIRTUAL_ADDRESS_OFFSET, ConnectionRecord.VIRTUAL_PORT_OFFSET);
        write(memory, record, real, ConnectionRecord.REAL_ADDRESS_OFFSET, ConnectionRecord.REAL_PORT_OFFSET);
        write(memory, record, local, ConnectionRecord.LOCAL_ADDRESS_OFFSET, ConnectionRecord.LOCAL_PORT_OFFSET);
    }

    private static void write(final MemorySegment memory, final long record, final End end, final int address, final int port) {
        ConnectionRecord.i64(memory, record, address, end.high);
        ConnectionRecord.i64(memory, record, address + 8, end.low);
        ConnectionRecord.u16(memory, record, port, end.port);
    }

    /** What a packet of the flow shows. */
    record Key(int protocol, End source, End destination) {
        int findIn(final ConnectionTable table) {
            return table.find(protocol, source.high, source.low, source.port, destination.high, destination.low,
                destination.port);
        }
    }
}
