package io.sluice.dataplane.service;

import java.util.Arrays;
import java.util.Comparator;
import java.util.PriorityQueue;

/**
 * Which member serves which hash, so that few hashes change hands when a member leaves, comes or changes its weight: Maglev
 * (Eisenbud et al., Maglev: A Fast and Reliable Software Network Load Balancer, NSDI 2016, 3.4). Immutable, thread-safe.
 *
 * <p>Every member has its own order of preference among the table's slots, given by its address and port alone. Members take
 * turns; at its turn a member takes the first slot of its order that is still free. A member with weight w takes its n-th turn
 * at time (n - 1/2) / w; at equal times the order is by the hash of address and port. Thus nothing depends on the order of the
 * configuration, and who comes before whom depends on nothing but these two, so a third one's leaving does not change it.
 *
 * <p>A member's share is right to one slot in {@value #SIZE}: good to 1 % for 650 members of equal weight, to 15 % for 10,000.
 */
final class MaglevTable {
    /** Number of slots: a prime, so that every step width visits all slots. */
    static final int SIZE = 65_537;

    // Member indexes; there cannot be more useful members than slots.
    private final char[] slots;

    MaglevTable(final ServerGroup group) {
        if (group.size() > Character.MAX_VALUE) {
            throw new IllegalArgumentException("group " + group.name() + " has " + group.size()
                + " members; a consistent hash serves at most " + (int) Character.MAX_VALUE);
        }
        slots = group.hasUsable() ? fill(turns(group)) : null;
    }

    /** The member for a hash, or {@link Scheduler#NONE}. */
    int member(final long hash) {
        return slots == null ? Scheduler.NONE : slots[(int) Math.unsignedMultiplyHigh(hash, SIZE)];
    }

    /** The member of a slot. */
    int slot(final int index) {
        return slots[index];
    }

    private static PriorityQueue<Turn> turns(final ServerGroup group) {
        final PriorityQueue<Turn> turns = new PriorityQueue<>(Turn.ORDER);
        for (final int member : group.usableMembers()) {
            turns.add(new Turn(member, group.weight(member), group.member(member)));
        }
        return turns;
    }

    private static char[] fill(final PriorityQueue<Turn> turns) {
        final char[] table = new char[SIZE];
        Arrays.fill(table, Character.MAX_VALUE);
        for (int filled = 0; filled < SIZE; filled++) {
            final Turn turn = turns.poll();
            int slot = turn.preference();
            while (table[slot] != Character.MAX_VALUE) {
                slot = turn.preference();
            }
            table[slot] = (char) turn.member;
            turn.halfTurns += 2;
            turns.add(turn);
        }
        return table;
    }

    /** A member while the table is being filled: when its next turn is, and where it is in its order of preference. */
    private static final class Turn {
        static final Comparator<Turn> ORDER = Turn::compare;

        private final int member;
        private final long weight;
        private final long high;
        private final long low;
        private final int port;
        private final long hash;
        private final int step;
        private int position;
        private long halfTurns = 1;

        Turn(final int member, final int weight, final Backend backend) {
            this.member = member;
            this.weight = weight;
            this.high = backend.addressHigh();
            this.low = backend.addressLow();
            this.port = backend.port();
            this.hash = KeyHash.of(high, low, port);
            this.position = (int) Math.unsignedMultiplyHigh(hash, SIZE);
            this.step = 1 + (int) Math.unsignedMultiplyHigh(KeyHash.mix(hash), SIZE - 1);
        }

        int preference() {
            final int slot = position;
            position = position + step < SIZE ? position + step : position + step - SIZE;
            return slot;
        }

        private static int compare(final Turn a, final Turn b) {
            // a.halfTurns / a.weight against b.halfTurns / b.weight, exactly
            int order = Long.compare(a.halfTurns * b.weight, b.halfTurns * a.weight);
            if (order == 0) {
                order = Long.compareUnsigned(a.hash, b.hash);
            }
            if (order == 0) {
                order = Long.compareUnsigned(a.high, b.high);
            }
            if (order == 0) {
                order = Long.compareUnsigned(a.low, b.low);
            }
            return order == 0 ? Integer.compare(a.port, b.port) : order;
        }
    }
}
