package io.sluice.dataplane.pipeline;

import io.sluice.dataplane.classify.Classifier;
import io.sluice.dataplane.classify.Packet;
import io.sluice.dataplane.connection.ConnectionLinks;
import io.sluice.dataplane.connection.ConnectionRecord;
import io.sluice.dataplane.connection.ConnectionTable;
import io.sluice.dataplane.connection.TcpState;
import io.sluice.dataplane.counter.LaneCounters;
import io.sluice.dataplane.counter.SystemCounter;
import io.sluice.dataplane.nat.Fragments;
import io.sluice.dataplane.nat.Resets;
import io.sluice.dataplane.neighbour.FibSource;
import io.sluice.dataplane.port.Burst;
import io.sluice.dataplane.service.ForwardingTable;
import io.sluice.dataplane.service.Listener;
import io.sluice.dataplane.verdict.DropReason;
import io.sluice.dataplane.verdict.Verdict;
import io.sluice.dataplane.wire.Ipv4;
import io.sluice.dataplane.wire.Ipv6;
import io.sluice.dataplane.wire.Tcp;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * Frame in, verdict out: the one code that the Disruptor's handlers, the tests, the tools and the benches call.
 *
 * <p>Single-threaded; allocates nothing, locks nothing, logs nothing, throws nothing.
 */
public final class PacketPath {
    /** Packets that are parsed before the first of them is decided on, so that their connections come from memory together. */
    private static final int AHEAD = ConnectionTable.TOUCHED_AT_ONCE;

    private final MemorySegment memory;
    private final FibSource fibs;
    private final ForwardingSource forwarding;
    private final Connections connections;
    private final ConnectionTable table;
    private final Ownership ownership;
    private final Opener opener;
    private final Forwarder forwarder;
    private final IcmpPath icmp;
    private final Fragments fragments;
    private final Resets resets;
    private final Reaper reaper;
    private final LaneCounters counters;
    private final Packet[] packets = new Packet[AHEAD];
    private final int[] tags = new int[AHEAD];
    private Packet packet;
    private final Turn turn = new Turn();

    PacketPath(final PathParts parts) {
        this.memory = parts.frames().arena().memory();
        this.fibs = parts.fibs();
        this.forwarding = parts.forwarding();
        this.connections = parts.connections();
        this.table = connections.table();
        this.ownership = parts.ownership();
        this.opener = parts.opener();
        this.forwarder = parts.forwarder();
        this.icmp = parts.icmp();
        this.fragments = parts.fragments();
        this.resets = parts.resets();
        this.reaper = parts.reaper();
        this.counters = parts.counters();
        Arrays.setAll(packets, i -> new Packet());
    }

    /**
     * Decides on every frame of an event, and does what is due without any frame: idle timeouts, refreshes.
     *
     * @param event frames received; gets verdicts and frames of our own making
     */
    public void process(final LaneEvent event) {
        turn.forwarding = forwarding.current();
        turn.fib = fibs.current();
        turn.nowNs = event.nowNs();
        turn.nowSeconds = Clock.seconds(turn.nowNs);
        turn.made = event.made();
        final Burst burst = event.received();
        final int size = burst.size();
        for (int first = 0; first < size; first += AHEAD) {
            final int count = Math.min(AHEAD, size - first);
            lookAhead(burst, first, count);
            for (int i = 0; i < count; i++) {
                packet = packets[i];
                decide(burst, first + i, tags[i]);
            }
        }
        reaper.work(turn);
        count(burst, event.made());
    }

    /**
     * Whether more is due than one turn may take: the next one should come soon, packets or not.
     *
     * @return true if so
     */
    public boolean isBehind() {
        return reaper.isBehind();
    }

    private void count(final Burst received, final Burst made) {
        counters.increment(SystemCounter.CYCLES);
        final int size = received.size();
        if (size + made.size() == 0) {
            return;
        }
        int passed = 0;
        int forwarded = 0;
        int handedOver = 0;
        for (int i = 0; i < size; i++) {
            if (received.verdict(i) == Verdict.PASS) {
                passed++;
            } else if (received.verdict(i) == Verdict.FORWARD) {
                forwarded++;
            } else if (received.verdict(i) == Verdict.HAND_OVER) {
                handedOver++;
            }
        }
        counters.add(SystemCounter.PACKETS_RECEIVED, size);
        counters.add(SystemCounter.PACKETS_PASSED, passed);
        counters.add(SystemCounter.PACKETS_FORWARDED, forwarded + made.size());
        counters.add(SystemCounter.PACKETS_DROPPED, size - passed - forwarded - handedOver);
        counters.add(SystemCounter.PACKETS_HANDED_OVER, handedOver);
    }

    /** Parses packets, and touches what their look-ups will read. What is done with one packet never changes another's bytes. */
    private void lookAhead(final Burst burst, final int first, final int count) {
        for (int i = 0; i < count; i++) {
            final Packet ahead = packets[i];
            ahead.isIp = Classifier.classify(memory, burst, first + i, ahead);
            tags[i] = table.tag(ahead.protocol, ahead.sourceHigh, ahead.sourceLow, ahead.sourcePort, ahead.destinationHigh,
                ahead.destinationLow, ahead.destinationPort);
        }
        if (count > 1) {
            table.touch(tags, count);
        }
    }

    private void decide(final Burst burst, final int i, final int tag) {
        if (!packet.isIp) {
            burst.pass(i);
            return;
        }
        final int protocol = packet.protocol;
        if (packet.malformed != Packet.WELL_FORMED) {
            if (owner() == ForwardingTable.NOT_OURS) {
                burst.pass(i);
            } else {
                drop(burst, i, packet.malformed);
            }
        } else if (protocol == Ipv4.TCP || protocol == Ipv4.UDP) {
            balance(burst, i, tag);
        } else if (protocol == (packet.ipv4 ? Ipv4.ICMP : Ipv6.ICMPV6) && icmp.handle(packet, turn)) {
            if (icmp.dropped() != null) {
                drop(burst, i, icmp.dropped());
            }
        } else {
            burst.pass(i);
        }
    }

    private void balance(final Burst burst, final int i, final int tag) {
        if (packet.fragment && ownership.handsToFollower(packet, turn.forwarding)) {
            return;
        }
        if (!packet.hasTransport) {
            followFragment(burst, i);
            return;
        }
        final int handle = table.find(tag, packet.protocol, packet.sourceHigh, packet.sourceLow, packet.sourcePort,
            packet.destinationHigh, packet.destinationLow, packet.destinationPort);
        if (handle == ConnectionTable.NONE) {
            withoutConnection(burst, i);
        } else {
            withConnection(burst, i, handle);
        }
    }

    private void withConnection(final Burst burst, final int i, final int handle) {
        final long record = table.record(ConnectionTable.slot(handle));
        final MemorySegment records = table.memory();
        final Listener listener =
            turn.forwarding.listenerById(ConnectionLinks.get(records, record, ConnectionLinks.LISTENER_OFFSET));
        if (listener == null) {
            drop(burst, i, DropReason.NO_CONNECTION);
            return;
        }
        final boolean fromClient = ConnectionTable.side(handle) == ConnectionTable.FROM_CLIENT;
        if (fromClient && isSyn() && TcpState.isReplaceable(ConnectionRecord.u8(records, record, ConnectionRecord.STATE_OFFSET))) {
            connections.wheel().cancel(ConnectionTable.slot(handle));
            connections.remove(ConnectionTable.slot(handle), turn.forwarding);
            counters.increment(SystemCounter.CONNECTIONS_REPLACED);
            open(burst, i, listener);
            return;
        }
        settle(burst, i, forwarder.forward(packet, handle, record, listener, turn));
    }

    private void withoutConnection(final Burst burst, final int i) {
        final Listener listener = turn.forwarding.listener(packet.protocol, packet.destinationHigh, packet.destinationLow,
            packet.destinationPort);
        if (listener != null) {
            if (ownership.handsOnFromClient(packet, turn.nowSeconds)) {
                return;
            }
            if (packet.isTcp() && !isSyn()) {
                unknown(burst, i, listener);
            } else {
                open(burst, i, listener);
            }
        } else if (turn.forwarding.ownsLocalPort(packet.destinationHigh, packet.destinationLow, packet.destinationPort)) {
            if (!ownership.handsOnFromServer(packet, turn.nowSeconds)) {
                drop(burst, i, DropReason.NO_CONNECTION);
            }
        } else {
            burst.pass(i);
        }
    }

    private void unknown(final Burst burst, final int i, final Listener listener) {
        if (listener.spec().resetUnknown()) {
            resets.answer(turn.made, packet);
            drop(burst, i, DropReason.RESET_UNKNOWN);
        } else {
            drop(burst, i, DropReason.NO_CONNECTION);
        }
    }

    private void open(final Burst burst, final int i, final Listener listener) {
        final DropReason refused = opener.open(packet, listener, turn.nowNs);
        if (refused != null) {
            drop(burst, i, refused);
            return;
        }
        final int slot = opener.slot();
        final DropReason unsent =
            forwarder.forward(packet, slot << 1 | ConnectionTable.FROM_CLIENT, table.record(slot), listener, turn);
        if (unsent == null) {
            opener.confirm(listener, turn.nowNs);
        } else {
            opener.takeBack(listener, turn.forwarding);
            drop(burst, i, unsent);
        }
    }

    private void followFragment(final Burst burst, final int i) {
        final int entry = fragments.find(packet, turn.nowSeconds);
        if (entry == Fragments.NONE) {
            if (owner() == ForwardingTable.NOT_OURS) {
                burst.pass(i);
            } else {
                drop(burst, i, DropReason.FRAGMENT_ORPHAN);
            }
            return;
        }
        if (ownership.handsOnFragment(packet, entry)) {
            return;
        }
        final DropReason refusal = fragments.refusal(entry);
        if (refusal != null) {
            drop(burst, i, refusal);
            return;
        }
        final int handle = fragments.connection(entry);
        final int slot = ConnectionTable.slot(handle);
        final long record = table.record(slot);
        if (!table.isUsed(slot) || !isSameConnection(handle, record, fragments.ports(entry))) {
            drop(burst, i, DropReason.FRAGMENT_ORPHAN);
            return;
        }
        final Listener listener =
            turn.forwarding.listenerById(ConnectionLinks.get(table.memory(), record, ConnectionLinks.LISTENER_OFFSET));
        settle(burst, i, listener == null ? DropReason.NO_CONNECTION
            : forwarder.forwardFragment(packet, entry, record, listener, turn));
    }

    /** Whether the slot still holds the connection that the first fragment belonged to. */
    private boolean isSameConnection(final int handle, final long record, final int ports) {
        final MemorySegment records = table.memory();
        final boolean fromClient = ConnectionTable.side(handle) == ConnectionTable.FROM_CLIENT;
        final int source = fromClient ? ConnectionRecord.CLIENT_ADDRESS_OFFSET : ConnectionRecord.REAL_ADDRESS_OFFSET;
        final int destination = fromClient ? ConnectionRecord.VIRTUAL_ADDRESS_OFFSET : ConnectionRecord.LOCAL_ADDRESS_OFFSET;
        final int portsOffset = fromClient ? ConnectionRecord.CLIENT_PORT_OFFSET : ConnectionRecord.REAL_PORT_OFFSET;
        return ConnectionRecord.i32(records, record, portsOffset) == ports
            && ConnectionRecord.u8(records, record, ConnectionRecord.PROTOCOL_OFFSET) == packet.protocol
            && ConnectionRecord.i64(records, record, source) == packet.sourceHigh
            && ConnectionRecord.i64(records, record, source + 8) == packet.sourceLow
            && ConnectionRecord.i64(records, record, destination) == packet.destinationHigh
            && ConnectionRecord.i64(records, record, destination + 8) == packet.destinationLow;
    }

    private boolean isSyn() {
        return packet.isTcp() && (packet.flags & (Tcp.SYN | Tcp.ACK)) == Tcp.SYN;
    }

    private int owner() {
        return turn.forwarding.owner(packet.destinationHigh, packet.destinationLow);
    }

    private void settle(final Burst burst, final int i, final DropReason reason) {
        if (reason != null) {
            drop(burst, i, reason);
        }
    }

    private void drop(final Burst burst, final int i, final DropReason reason) {
        if (packet.fragment && packet.hasTransport && packet.malformed == Packet.WELL_FORMED) {
            // Nobody can put the rest together, unless with the first fragment of another datagram.
            fragments.refuse(packet, reason, turn.nowSeconds);
        }
        burst.drop(i, reason);
        counters.drop(reason);
    }
}
