package io.sluice.dataplane.connection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ConnectionTableTest {
    @Test
    void shouldFindAConnectionFromBothItsSides() {
        final ConnectionTable table = new ConnectionTable(4);
        final Flow flow = Flow.random(new Random(1));
        final int slot = flow.addTo(table);
        final int client = flow.fromClient().findIn(table);
        final int server = flow.fromServer().findIn(table);
        assertThat(ConnectionTable.slot(client)).isEqualTo(slot);
        assertThat(ConnectionTable.side(client)).isEqualTo(ConnectionTable.FROM_CLIENT);
        assertThat(ConnectionTable.slot(server)).isEqualTo(slot);
        assertThat(ConnectionTable.side(server)).isEqualTo(ConnectionTable.FROM_SERVER);
        assertThat(table.size()).isEqualTo(1);
        table.remove(slot);
        assertThat(flow.fromClient().findIn(table)).isEqualTo(ConnectionTable.NONE);
        assertThat(flow.fromServer().findIn(table)).isEqualTo(ConnectionTable.NONE);
        assertThat(table.size()).isZero();
    }

    @Test
    void shouldNotFindAConnectionThatDiffersInOneField() {
        final ConnectionTable table = new ConnectionTable(4);
        final Flow.End client = new Flow.End(1, 2, 3);
        final Flow.End virtual = new Flow.End(4, 5, 6);
        new Flow(6, client, virtual, new Flow.End(7, 8, 9), new Flow.End(10, 11, 12)).addTo(table);
        assertThat(new Flow.Key(6, client, virtual).findIn(table)).isNotEqualTo(ConnectionTable.NONE);
        for (final Flow.Key other : List.of(new Flow.Key(17, client, virtual), new Flow.Key(6, new Flow.End(0, 2, 3), virtual),
            new Flow.Key(6, new Flow.End(1, 0, 3), virtual), new Flow.Key(6, new Flow.End(1, 2, 0), virtual),
            new Flow.Key(6, client, new Flow.End(0, 5, 6)), new Flow.Key(6, client, new Flow.End(4, 0, 6)),
            new Flow.Key(6, client, new Flow.End(4, 5, 0)), new Flow.Key(6, virtual, client))) {
            assertThat(other.findIn(table)).as("%s", other).isEqualTo(ConnectionTable.NONE);
        }
    }

    /** Tables this small wrap around and cluster all the time; the large one is for long lives. */
    @ParameterizedTest(name = "{0} connections")
    @ValueSource(ints = {1, 2, 5, 10, 21, 42, 85, 1000})
    void shouldHoldWhatAMapWouldHold(final int capacity) {
        final int seeds = capacity < 100 ? 20 : 2;
        for (int seed = 0; seed < seeds; seed++) {
            new Model(capacity, 1000L * capacity + seed).run(capacity < 100 ? 2000 : 20_000);
        }
    }

    @Test
    void shouldRefuseMoreThanItsCapacityAndTakeConnectionsAgainOnceOneIsGone() {
        final ConnectionTable table = new ConnectionTable(3);
        final Random random = new Random(7);
        final int[] slots = {Flow.random(random).addTo(table), Flow.random(random).addTo(table), Flow.random(random).addTo(table)};
        assertThat(slots).doesNotContain(ConnectionTable.NONE);
        assertThat(table.size()).isEqualTo(table.capacity());
        assertThat(table.allocate()).isEqualTo(ConnectionTable.NONE);
        assertThat(table.size()).isEqualTo(3);
        table.remove(slots[1]);
        assertThat(table.isUsed(slots[1])).isFalse();
        assertThat(table.allocate()).isEqualTo(slots[1]);
    }

    @Test
    void shouldGiveSlotsThatHoldNothingButTheFormat() {
        final ConnectionTable table = new ConnectionTable(2);
        final int first = table.allocate();
        for (int i = 1; i < ConnectionTable.STRIDE; i++) {
            table.memory().set(ValueLayout.JAVA_BYTE, table.record(first) + i, (byte) -1);
        }
        table.free(first);
        assertThat(table.allocate()).isEqualTo(first);
        assertThat(ConnectionRecord.u8(table.memory(), table.record(first), ConnectionRecord.FORMAT_OFFSET))
            .isEqualTo(ConnectionRecord.FORMAT);
        for (int i = 1; i < ConnectionTable.STRIDE; i++) {
            assertThat(table.memory().get(ValueLayout.JAVA_BYTE, table.record(first) + i)).as("byte %s", i).isZero();
        }
    }

    @Test
    void shouldRefuseCapacitiesThatItsIndexCannotHold() {
        assertThatThrownBy(() -> new ConnectionTable(0)).hasMessage("capacity 0 is not within 1 and 268435456");
        assertThatThrownBy(() -> new ConnectionTable((1 << 28) + 1)).isInstanceOf(IllegalArgumentException.class);
        // Memory costs nothing until it is used, so that the largest table can be made here too.
        final ConnectionTable largest = new ConnectionTable(1 << 28);
        final Flow flow = Flow.random(new Random(3));
        final int slot = flow.addTo(largest);
        assertThat(ConnectionTable.slot(flow.fromServer().findIn(largest))).isEqualTo(slot);
    }

    /** The table beside plain maps. */
    private static final class Model {
        private final ConnectionTable table;
        private final Random random;
        private final String seed;
        private final Map<Flow.Key, Integer> handles = new HashMap<>();
        private final List<Flow> flows = new ArrayList<>();
        private final Map<Flow, Integer> slots = new HashMap<>();

        Model(final int capacity, final long seed) {
            this.random = new Random(seed);
            this.seed = "seed " + seed;
            this.table = new ConnectionTable(capacity, new FlowHash(random.nextLong(), random.nextLong()));
        }

        void run(final int steps) {
            for (int step = 0; step < steps; step++) {
                // The load swings, so that the table is full and empty now and then.
                final boolean filling = step / (4 * table.capacity() + 1) % 2 == 0;
                if (filling == random.nextInt(10) < 7) {
                    insert();
                } else if (!flows.isEmpty()) {
                    remove();
                }
                final Flow.Key key = Flow.random(random).fromClient();
                check(key, handles.getOrDefault(key, ConnectionTable.NONE));
                if (step % 64 == 0 || table.capacity() < 6) {
                    compare();
                }
            }
            compare();
        }

        private void insert() {
            final Flow flow = Flow.random(random);
            if (handles.containsKey(flow.fromClient()) || handles.containsKey(flow.fromServer())
                || flow.fromClient().equals(flow.fromServer())) {
                return;
            }
            final int slot = flow.addTo(table);
            if (flows.size() == table.capacity()) {
                assertThat(slot).as(seed).isEqualTo(ConnectionTable.NONE);
                return;
            }
            assertThat(slots.containsValue(slot)).as(seed).isFalse();
            handles.put(flow.fromClient(), slot << 1 | ConnectionTable.FROM_CLIENT);
            handles.put(flow.fromServer(), slot << 1 | ConnectionTable.FROM_SERVER);
            flows.add(flow);
            slots.put(flow, slot);
        }

        private void remove() {
            final Flow flow = flows.remove(random.nextInt(flows.size()));
            table.remove(slots.remove(flow));
            handles.remove(flow.fromClient());
            handles.remove(flow.fromServer());
        }

        private void check(final Flow.Key key, final int handle) {
            if (key.findIn(table) != handle) {
                throw new AssertionError(seed + ": " + key + " found at " + key.findIn(table) + " instead of " + handle);
            }
        }

        private void compare() {
            assertThat(table.size()).as(seed).isEqualTo(flows.size());
            handles.forEach(this::check);
            int used = 0;
            for (int slot = 0; slot < table.slotBound(); slot++) {
                used += table.isUsed(slot) ? 1 : 0;
            }
            assertThat(used).as(seed).isEqualTo(flows.size());
        }
    }
}
