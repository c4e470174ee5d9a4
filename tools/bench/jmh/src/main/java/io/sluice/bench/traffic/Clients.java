package io.sluice.bench.traffic;

import io.sluice.dataplane.api.Protocol;
import io.sluice.dataplane.connection.ConnectionRecord;
import io.sluice.dataplane.connection.ConnectionTable;
import io.sluice.dataplane.pipeline.LaneEvent;
import io.sluice.dataplane.port.Burst;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Random;

/** Clients of one virtual port and the real servers that answer them: they open connections through a path, and note frames. */
public final class Clients {
    private static final int FRONT = 0;
    private static final int BACK = 1;
    private static final int CLIENT_ISN = 0x1357_0000;
    private static final int SERVER_ISN = 0x2468_0000;

    private final Rig rig;
    private final int virtualPort;
    private final int[] numbers;
    private final MemorySegment memory;
    private final LaneEvent event = new LaneEvent();

    /**
     * Clients who have not spoken yet.
     *
     * @param rig         the path
     * @param virtualPort whom they want
     * @param numbers     of the clients, each once
     */
    public Clients(final Rig rig, final int virtualPort, final int[] numbers) {
        this.rig = rig;
        this.virtualPort = virtualPort;
        this.numbers = numbers;
        this.memory = rig.frames().arena().memory();
    }

    /** All say hello, and get an answer. From then on data may come in any order. */
    public void open() {
        final List<Step> steps = isTcp() ? Step.OPENING : List.of(Step.REQUEST, Step.RESPONSE);
        for (int first = 0; first < numbers.length; first += Burst.CAPACITY) {
            for (final Step step : steps) {
                take(step, first, null);
            }
        }
        rig.requireAllForwarded();
    }

    /**
     * As many clients as a burst has frames make a connection and end it.
     *
     * @param trace notes the frames: for each of {@link Step#CYCLE} a burst
     */
    public void openAndClose(final Trace trace) {
        for (final Step step : Step.CYCLE) {
            take(step, 0, trace);
        }
        rig.requireAllForwarded();
    }

    private void take(final Step step, final int first, final Trace noted) {
        rig.clear(event);
        for (int i = first; i < Math.min(first + Burst.CAPACITY, numbers.length); i++) {
            final long at = rig.nextOffset();
            final int length = write(step, numbers[i], at);
            event.received().add(at, length, port(step));
            if (noted != null) {
                noted.add(memory, at, length, port(step));
            }
        }
        rig.parts().path().process(event);
    }

    /**
     * Data of all clients in random order, each connection about as often as any other.
     *
     * @param size       frames
     * @param fromClient whether clients send
     * @param fromServer whether real servers send; if both do, chance decides each time
     * @return the frames
     */
    public Trace data(final int size, final boolean fromClient, final boolean fromServer) {
        final Random random = new Random(size);
        final int[] order = shuffled(random);
        final Trace trace = new Trace(size);
        final long scratch = rig.nextOffset();
        for (int i = 0; i < size; i++) {
            final boolean client = fromClient && (!fromServer || random.nextBoolean());
            final Step step = client ? Step.NEXT_REQUEST : Step.NEXT_RESPONSE;
            trace.add(memory, scratch, write(step, order[i % order.length], scratch), port(step));
        }
        return trace;
    }

    private int[] shuffled(final Random random) {
        final int[] order = numbers.clone();
        for (int i = order.length - 1; i > 0; i--) {
            final int j = random.nextInt(i + 1);
            final int swapped = order[i];
            order[i] = order[j];
            order[j] = swapped;
        }
        return order;
    }

    private boolean isTcp() {
        return rig.scene().protocol() == Protocol.TCP;
    }

    private static int port(final Step step) {
        return step.isFromClient() ? FRONT : BACK;
    }

    private int write(final Step step, final int client, final long at) {
        return step.isFromClient() ? fromClient(step, client, at) : fromServer(step, client, at);
    }

    private int fromClient(final Step step, final int client, final long at) {
        final Ends ends = rig.scene().ends(client, virtualPort);
        return isTcp() ? Segments.tcp(memory, at, ends, step, CLIENT_ISN + client + step.client(),
            step == Step.SYN ? 0 : SERVER_ISN + client + step.server()) : Segments.udp(memory, at, ends);
    }

    private int fromServer(final Step step, final int client, final long at) {
        final ConnectionTable table = rig.parts().table();
        final long record = table.record(ConnectionTable.slot(find(client)));
        final Ends ends = Ends.fromServer(table.memory(), record);
        final int delta = ConnectionRecord.i32(table.memory(), record, ConnectionRecord.ISN_DELTA_OFFSET);
        return isTcp() ? Segments.tcp(memory, at, ends, step, SERVER_ISN + client + step.server(),
            CLIENT_ISN + client + step.client() + delta) : Segments.udp(memory, at, ends);
    }

    private int find(final int client) {
        final Ends ends = rig.scene().ends(client, virtualPort);
        final int handle = rig.parts().table().find(rig.scene().protocol().number(), ends.sourceHigh(), ends.sourceLow(),
            ends.sourcePort(), ends.destinationHigh(), ends.destinationLow(), ends.destinationPort());
        if (handle == ConnectionTable.NONE) {
            throw new IllegalStateException("client " + client + " has no connection: its first packet was not forwarded");
        }
        return handle;
    }
}
