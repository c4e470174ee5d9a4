package io.sluice.dataplane.trace;

import io.sluice.dataplane.api.Cidr;
import io.sluice.dataplane.api.Explanation;
import io.sluice.dataplane.api.Explanation.Step;
import io.sluice.dataplane.api.Protocol;
import io.sluice.dataplane.connection.ConnectionRecord;
import io.sluice.dataplane.connection.ConnectionTable;
import io.sluice.dataplane.connection.TcpState;
import io.sluice.dataplane.nat.PacketMaker;
import io.sluice.dataplane.nat.PortLeases;
import io.sluice.dataplane.neighbour.Fib;
import io.sluice.dataplane.service.Backend;
import io.sluice.dataplane.service.ForwardingTable;
import io.sluice.dataplane.service.Listener;
import io.sluice.dataplane.service.Scheduler;
import io.sluice.dataplane.verdict.DropReason;
import io.sluice.dataplane.wire.Address;
import java.lang.foreign.MemorySegment;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * Says what the packet path would do with a flow's next packet, stage by stage, from the live tables, changing nothing. Runs
 * on the path thread, since the tables are its own.
 */
public final class Explainer {
    private final ConnectionTable table;
    private final ForwardingTable forwarding;
    private final Fib fib;
    private final Function<InetAddress, String> way;
    private final long nowNs;
    private final List<Step> steps = new ArrayList<>();

    /**
     * For one question.
     *
     * @param table      the lane's connections
     * @param forwarding the configuration in force
     * @param fib        routes and neighbours in force
     * @param way        describes the way to an address
     * @param nowNs      the time
     */
    public Explainer(final ConnectionTable table, final ForwardingTable forwarding, final Fib fib,
                     final Function<InetAddress, String> way, final long nowNs) {
        this.table = table;
        this.forwarding = forwarding;
        this.fib = fib;
        this.way = way;
        this.nowNs = nowNs;
    }

    /**
     * Answers.
     *
     * @param protocol TCP or UDP
     * @param client   source
     * @param virtual  destination
     * @return the stages up to the one that ends it
     */
    public Explanation explain(final Protocol protocol, final InetSocketAddress client, final InetSocketAddress virtual) {
        final int handle = table.find(protocol.number(), Address.high(client.getAddress()), Address.low(client.getAddress()),
            client.getPort(), Address.high(virtual.getAddress()), Address.low(virtual.getAddress()), virtual.getPort());
        final String outcome = handle != ConnectionTable.NONE ? connected(handle) : unconnected(protocol, client, virtual);
        return new Explanation(steps, outcome);
    }

    private String connected(final int handle) {
        final MemorySegment memory = table.memory();
        final long record = table.record(ConnectionTable.slot(handle));
        final boolean fromClient = ConnectionTable.side(handle) == ConnectionTable.FROM_CLIENT;
        final int destination = fromClient ? ConnectionRecord.REAL_ADDRESS_OFFSET : ConnectionRecord.CLIENT_ADDRESS_OFFSET;
        final int port = fromClient ? ConnectionRecord.REAL_PORT_OFFSET : ConnectionRecord.CLIENT_PORT_OFFSET;
        final long high = ConnectionRecord.i64(memory, record, destination);
        final long low = ConnectionRecord.i64(memory, record, destination + 8);
        step("connection", "found, " + TcpState.name(ConnectionRecord.u8(memory, record, ConnectionRecord.STATE_OFFSET))
            + ", packets " + (fromClient ? "of the client" : "of the real server"));
        step("translate", endpoint(record, fromClient ? ConnectionRecord.LOCAL_ADDRESS_OFFSET
            : ConnectionRecord.VIRTUAL_ADDRESS_OFFSET, fromClient ? ConnectionRecord.LOCAL_PORT_OFFSET
            : ConnectionRecord.VIRTUAL_PORT_OFFSET) + " -> " + endpoint(record, destination, port));
        return route(Address.toInetAddress(high, low), "forward to " + Address.toString(high, low,
            ConnectionRecord.u16(memory, record, port)));
    }

    private String endpoint(final long record, final int address, final int port) {
        final MemorySegment memory = table.memory();
        return Address.toString(ConnectionRecord.i64(memory, record, address), ConnectionRecord.i64(memory, record, address + 8),
            ConnectionRecord.u16(memory, record, port));
    }

    private String unconnected(final Protocol protocol, final InetSocketAddress client, final InetSocketAddress virtual) {
        step("connection", "none");
        final long high = Address.high(virtual.getAddress());
        final long low = Address.low(virtual.getAddress());
        final Listener listener = forwarding.listener(protocol.number(), high, low, virtual.getPort());
        if (listener == null) {
            if (forwarding.ownsLocalPort(high, low, virtual.getPort())) {
                step("listener", "none, but the port belongs to a local pool");
                return drop(DropReason.NO_CONNECTION);
            }
            step("listener", "none" + (forwarding.owner(high, low) == ForwardingTable.NOT_OURS ? "; the address is not ours"
                : "; the address is ours, the port is not"));
            return "pass to the kernel";
        }
        step("listener", listener.spec().name());
        return open(listener, client);
    }

    private String open(final Listener listener, final InetSocketAddress client) {
        final long high = Address.high(client.getAddress());
        final long low = Address.low(client.getAddress());
        final Cidr entry = listener.acl().longestMatch(high, low);
        final boolean admitted = listener.admits(high, low);
        step("acl", (admitted ? "admitted" : "not admitted") + (entry == null ? ", no entry matches" : ", entry " + entry));
        if (!admitted) {
            return drop(DropReason.ACL_DENIED);
        }
        final long connections = listener.limits().connections();
        if (!listener.limits().allowsConnection()) {
            step("limits", connections + " connections of " + listener.limits().spec().maxConnections());
            return drop(DropReason.CONNECTION_LIMIT);
        }
        if (!listener.limits().hasNewConnection(nowNs)) {
            step("limits", listener.limits().spec().newConnectionsPerSecond() + " new connections in this second already");
            return drop(DropReason.RATE_LIMIT);
        }
        step("limits", connections + " connections" + (listener.limits().spec().maxConnections() == 0 ? ", no limit"
            : " of " + listener.limits().spec().maxConnections()));
        return schedule(listener, high, low, client.getPort());
    }

    private String schedule(final Listener listener, final long high, final long low, final int port) {
        final int member = listener.scheduler().peek(high, low, port);
        if (member == Scheduler.NONE) {
            step("scheduler", listener.spec().scheduler().code() + ": no backend of group " + listener.group().name()
                + " has a weight above 0 and is up");
            return drop(DropReason.NO_BACKEND);
        }
        final Backend backend = listener.group().member(member);
        step("scheduler", listener.spec().scheduler().code() + ": " + backend + " of group " + listener.group().name()
            + ", weight " + listener.group().weight(member));
        if (table.size() == table.capacity()) {
            step("table", "full, " + table.capacity() + " connections");
            return drop(DropReason.TABLE_FULL);
        }
        final PortLeases leases = backend.leases();
        final int lease = leases.peek();
        if (lease == PortLeases.NONE) {
            step("lease", "pool " + leases.pool().name() + ": " + leases.leased() + " of " + leases.capacity()
                + " local ports in use towards this backend");
            return drop(DropReason.NO_LOCAL_PORT);
        }
        step("lease", Address.toString(leases.pool().addressHigh(lease), leases.pool().addressLow(lease), leases.pool().port(lease))
            + " of pool " + leases.pool().name() + ", " + leases.leased() + " of " + leases.capacity() + " in use");
        return route(Address.toInetAddress(backend.addressHigh(), backend.addressLow()), "open and forward to " + backend);
    }

    private String route(final InetAddress to, final String outcome) {
        step("route", way.apply(to));
        final int adjacency = fib.resolve(Address.high(to), Address.low(to), 0);
        return adjacency < 0 ? drop(PacketMaker.reason(adjacency)) : outcome;
    }

    private static String drop(final DropReason reason) {
        return "drop, " + reason.name() + ": " + reason.sentence();
    }

    private void step(final String stage, final String decision) {
        steps.add(new Step(stage, decision));
    }
}
