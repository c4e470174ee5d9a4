package io.sluice.dataplane.connection;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConnectionRecordTest {
    private static final long AT = 3;

    /** The rows of the diagram: offset, bytes, and the constant that names the place. */
    @ParameterizedTest(name = "{2}")
    @CsvSource({"0, 1, FORMAT_OFFSET", "1, 1, FLAGS_OFFSET", "2, 1, PROTOCOL_OFFSET", "3, 1, STATE_OFFSET",
        "4, 1, OPTION_KIND_OFFSET", "6, 2, OWNER_NODE_OFFSET", "8, 4, OWNER_EPOCH_OFFSET", "12, 4, VERSION_OFFSET",
        "16, 16, CLIENT_ADDRESS_OFFSET", "32, 16, VIRTUAL_ADDRESS_OFFSET", "48, 2, CLIENT_PORT_OFFSET", "50, 2, VIRTUAL_PORT_OFFSET",
        "52, 2, REAL_PORT_OFFSET", "54, 2, LOCAL_PORT_OFFSET", "56, 16, REAL_ADDRESS_OFFSET", "72, 16, LOCAL_ADDRESS_OFFSET",
        "88, 4, ISN_DELTA_OFFSET", "92, 4, SERVER_ISN_OFFSET", "96, 4, CLIENT_SEQUENCE_OFFSET", "100, 4, CLIENT_ACK_OFFSET",
        "104, 4, SERVER_SEQUENCE_OFFSET", "108, 4, SERVER_ACK_OFFSET", "112, 4, OPENED_AT_OFFSET", "116, 4, LAST_SEEN_OFFSET",
        "120, 4, IDLE_TIMEOUT_OFFSET"})
    void shouldWriteAndReadEveryFieldWhereTheDiagramHasIt(final int offset, final int length, final String constant)
        throws ReflectiveOperationException {
        assertThat(ConnectionRecord.class.getField(constant).getInt(null)).isEqualTo(offset);
        final byte[] written = new byte[ConnectionRecord.LENGTH + 6];
        write(MemorySegment.ofArray(written), offset, length);
        final byte[] expected = new byte[written.length];
        System.arraycopy(HexFormat.of().parseHex("a1b2c3d4e5f60718293a4b5c6d7e8f90"), 0, expected, (int) AT + offset, length);
        assertThat(written).isEqualTo(expected);
        assertThat(read(MemorySegment.ofArray(expected), offset, length)).isTrue();
    }

    private static void write(final MemorySegment memory, final int field, final int length) {
        switch (length) {
            case 1 -> ConnectionRecord.u8(memory, AT, field, 0xa1);
            case 2 -> ConnectionRecord.u16(memory, AT, field, 0xa1b2);
            case 4 -> ConnectionRecord.i32(memory, AT, field, 0xa1b2c3d4);
            default -> {
                ConnectionRecord.i64(memory, AT, field, 0xa1b2c3d4e5f60718L);
                ConnectionRecord.i64(memory, AT, field + 8, 0x293a4b5c6d7e8f90L);
            }
        }
    }

    private static boolean read(final MemorySegment memory, final int field, final int length) {
        return switch (length) {
            case 1 -> ConnectionRecord.u8(memory, AT, field) == 0xa1;
            case 2 -> ConnectionRecord.u16(memory, AT, field) == 0xa1b2;
            case 4 -> ConnectionRecord.i32(memory, AT, field) == 0xa1b2c3d4;
            default -> ConnectionRecord.i64(memory, AT, field) == 0xa1b2c3d4e5f60718L
                && ConnectionRecord.i64(memory, AT, field + 8) == 0x293a4b5c6d7e8f90L;
        };
    }

    @Test
    void shouldKeepLinksBesideTheRecordAndApartFromEachOther() {
        final int[] fields = {ConnectionLinks.LISTENER_OFFSET, ConnectionLinks.BACKEND_OFFSET, ConnectionLinks.LEASE_OFFSET,
            ConnectionLinks.GENERATION_OFFSET, ConnectionLinks.SERVER_ADJACENCY_OFFSET, ConnectionLinks.CLIENT_ADJACENCY_OFFSET,
            ConnectionLinks.STORED_STATE_OFFSET, ConnectionLinks.STORED_LAST_SEEN_OFFSET};
        final ConnectionTable table = new ConnectionTable(1);
        final long record = table.record(table.allocate());
        final byte[] before = bytes(table.memory(), record);
        ConnectionLinks.next(table.memory(), record, -2);
        ConnectionLinks.previous(table.memory(), record, -3);
        ConnectionLinks.tick(table.memory(), record, -4);
        for (int i = 0; i < fields.length; i++) {
            ConnectionLinks.set(table.memory(), record, fields[i], 100 + i);
        }
        for (int i = 0; i < fields.length; i++) {
            assertThat(ConnectionLinks.get(table.memory(), record, fields[i])).isEqualTo(100 + i);
        }
        assertThat(ConnectionLinks.next(table.memory(), record)).isEqualTo(-2);
        assertThat(ConnectionLinks.previous(table.memory(), record)).isEqualTo(-3);
        assertThat(ConnectionLinks.tick(table.memory(), record)).isEqualTo(-4);
        assertThat(bytes(table.memory(), record)).isEqualTo(before);
        assertThat(Arrays.stream(fields).max().orElseThrow() + Integer.BYTES).isLessThanOrEqualTo(ConnectionTable.STRIDE);
    }

    private static byte[] bytes(final MemorySegment memory, final long record) {
        return memory.asSlice(record, ConnectionRecord.LENGTH).toArray(ValueLayout.JAVA_BYTE);
    }
}
