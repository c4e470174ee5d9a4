package io.sluice.dataplane.neighbour;

import io.sluice.dataplane.neighbour.Neighbour.Hop;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.function.Consumer;

/**
 * A {@link Fib} in flat arrays, made by {@link FibCompiler}.
 *
 * <pre>
 *   destination --ranges--> group --flow hash--> slot --+--> adjacency (gateway, known when compiled)
 *                                                       +--> on link: hash table of neighbours --> adjacency
 *                                                       +--> NO_ROUTE, NO_NEIGHBOUR, PORT_DOWN
 * </pre>
 *
 * <p>An adjacency is the number of a neighbour; its upper bits hold the route's MTU class, 0 for a route without an MTU.
 * The only thing ever written is a mark on neighbours that were used, by which the owner learns what is in use.
 */
final class CompiledFib implements Fib {
    /** A slot whose neighbour is the destination. */
    static final int ON_LINK = Integer.MIN_VALUE;
    /** Bits of an adjacency that hold the neighbour. */
    static final int NEIGHBOUR_BITS = 22;
    private static final int NEIGHBOUR_MASK = (1 << NEIGHBOUR_BITS) - 1;
    private static final VarHandle USED = MethodHandles.arrayElementVarHandle(byte[].class);

    private final int generation;
    private final RouteTable routes;
    private final Slots slots;
    private final Neighbours neighbours;
    private final int[] mtuOfClass;
    private final byte[] used;

    CompiledFib(final int generation, final RouteTable routes, final Slots slots, final Neighbours neighbours, final int[] mtuOfClass) {
        this.generation = generation;
        this.routes = routes;
        this.slots = slots;
        this.neighbours = neighbours;
        this.mtuOfClass = mtuOfClass;
        this.used = new byte[neighbours.hops.length];
    }

    /**
     * The next hops of all groups, one after the other.
     *
     * @param first          of each group: its first slot
     * @param size           of each group: its number of slots, 0 for routes that forward nothing
     * @param totalWeight    of each group
     * @param mtuClass       of each group, shifted above the neighbour bits
     * @param weightEnd      of each slot: sum of the weights of its group up to and with it
     * @param result         of each slot: adjacency, negative reason, or {@link #ON_LINK}
     * @param interfaceIndex of each slot
     */
    record Slots(int[] first, int[] size, int[] totalWeight, int[] mtuClass, int[] weightEnd, int[] result, int[] interfaceIndex) {
    }

    /**
     * Usable neighbours behind ports that are up.
     *
     * @param hops           who they are
     * @param port           port index of each
     * @param destinationMac of each
     * @param sourceMac      of each: its port's
     * @param linkMtu        of each: its port's
     * @param table          open addressing: number of a neighbour + 1, or 0; the length is a power of two
     */
    record Neighbours(Hop[] hops, int[] port, long[] destinationMac, long[] sourceMac, int[] linkMtu, int[] table) {
        int find(final int interfaceIndex, final long high, final long low) {
            final int mask = table.length - 1;
            int at = hash(interfaceIndex, high, low) & mask;
            while (table[at] != 0) {
                final Hop hop = hops[table[at] - 1];
                if (hop.low() == low && hop.high() == high && hop.interfaceIndex() == interfaceIndex) {
                    return table[at] - 1;
                }
                at = at + 1 & mask;
            }
            return NO_NEIGHBOUR;
        }

        static int hash(final int interfaceIndex, final long high, final long low) {
            final long mixed = (high * 0x9e37_79b9_7f4a_7c15L ^ low + interfaceIndex) * 0xbf58_476d_1ce4_e5b9L;
            return (int) (mixed >>> 32);
        }
    }

    @Override
    public int generation() {
        return generation;
    }

    @Override
    public int resolve(final long high, final long low, final int hash) {
        final int group = routes.find(high, low);
        if (group == RouteTable.NONE || slots.size[group] == 0) {
            return NO_ROUTE;
        }
        final int chosen = slots.size[group] == 1 ? 0 : choose(group, hash);
        final int adjacency = resolveSlot(group, slots.first[group] + chosen, high, low);
        return adjacency >= 0 || slots.size[group] == 1 ? adjacency : resolveAnother(group, chosen, high, low, hash, adjacency);
    }

    @Override
    public int port(final int adjacency) {
        return neighbours.port[adjacency & NEIGHBOUR_MASK];
    }

    /** Counts as use too: a lane that remembers its adjacency asks for nothing else, and its neighbour must stay resolved. */
    @Override
    public long destinationMac(final int adjacency) {
        markUsed(adjacency & NEIGHBOUR_MASK);
        return neighbours.destinationMac[adjacency & NEIGHBOUR_MASK];
    }

    @Override
    public long sourceMac(final int adjacency) {
        return neighbours.sourceMac[adjacency & NEIGHBOUR_MASK];
    }

    @Override
    public int mtu(final int adjacency) {
        return Math.min(neighbours.linkMtu[adjacency & NEIGHBOUR_MASK], mtuOfClass[adjacency >>> NEIGHBOUR_BITS]);
    }

    /**
     * Takes the marks of neighbours that were used since the last call. The owner's thread.
     *
     * @param each gets every one
     */
    void takeUsed(final Consumer<Hop> each) {
        for (int i = 0; i < used.length; i++) {
            if ((byte) USED.getOpaque(used, i) != 0) {
                USED.setOpaque(used, i, (byte) 0);
                each.accept(neighbours.hops[i]);
            }
        }
    }

    private int choose(final int group, final int hash) {
        final long mixed = hash * 0x9e37_79b9L & 0xffff_ffffL;
        final int weight = (int) (mixed * slots.totalWeight[group] >>> 32);
        int slot = 0;
        while (slots.weightEnd[slots.first[group] + slot] <= weight) {
            slot++;
        }
        return slot;
    }

    private int resolveSlot(final int group, final int slot, final long high, final long low) {
        int adjacency = slots.result[slot];
        if (adjacency == ON_LINK) {
            adjacency = neighbours.find(slots.interfaceIndex[slot], high, low);
            adjacency = adjacency < 0 ? adjacency : adjacency | slots.mtuClass[group];
        }
        if (adjacency >= 0) {
            markUsed(adjacency & NEIGHBOUR_MASK);
        }
        return adjacency;
    }

    /**
     * The flow's own next hop is unusable: its flows are spread over the others, while flows of living next hops stay.
     * If none is usable, the reason that may heal soonest.
     */
    private int resolveAnother(final int group, final int chosen, final long high, final long low, final int hash, final int reason) {
        final int size = slots.size[group];
        final int turn = (int) ((hash * 0x85eb_ca6bL & 0xffff_ffffL) * (size - 1) >>> 32);
        int best = reason;
        for (int i = 0; i < size - 1; i++) {
            final int other = (chosen + 1 + (turn + i) % (size - 1)) % size;
            final int adjacency = resolveSlot(group, slots.first[group] + other, high, low);
            if (adjacency >= 0) {
                return adjacency;
            }
            best = adjacency == NO_NEIGHBOUR || best == NO_NEIGHBOUR ? NO_NEIGHBOUR : Math.min(best, adjacency);
        }
        return best;
    }

    private void markUsed(final int neighbour) {
        // Read first: many lanes resolve the same neighbour, and an unchanged cache line can stay shared.
        if ((byte) USED.getOpaque(used, neighbour) == 0) {
            USED.setOpaque(used, neighbour, (byte) 1);
        }
    }
}
