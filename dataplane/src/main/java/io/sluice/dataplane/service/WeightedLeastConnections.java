package io.sluice.dataplane.service;

/**
 * The member for which (connections + 1) / weight is least. Among equals the next one in turn, so that an idle group shares
 * its rare connections rather than giving all to its first member.
 *
 * <p>Connections are those of the {@link Backend} on this lane, also those that it has through other groups and listeners.
 * A pick looks at every member: counts change with every connection's end, so an order would have to be kept for each of the
 * groups that a backend is in.
 */
final class WeightedLeastConnections implements Scheduler {
    private final int[] members;
    private final int[] weights;
    private final Backend[] backends;
    private int start;

    WeightedLeastConnections(final ServerGroup group) {
        members = group.usableMembers();
        weights = new int[members.length];
        backends = new Backend[members.length];
        for (int i = 0; i < members.length; i++) {
            weights[i] = group.weight(members[i]);
            backends[i] = group.member(members[i]);
        }
    }

    @Override
    public int pick(final long clientHigh, final long clientLow, final int clientPort) {
        if (members.length == 0) {
            return NONE;
        }
        final int best = least();
        start = best + 1 < members.length ? best + 1 : 0;
        return members[best];
    }

    @Override
    public int peek(final long clientHigh, final long clientLow, final int clientPort) {
        return members.length == 0 ? NONE : members[least()];
    }

    private int least() {
        int best = start;
        long bestLoad = backends[best].activeConnections() + 1L;
        for (int i = 1; i < members.length; i++) {
            final int candidate = start + i < members.length ? start + i : start + i - members.length;
            final long load = backends[candidate].activeConnections() + 1L;
            if (load * weights[best] < bestLoad * weights[candidate]) {
                best = candidate;
                bestLoad = load;
            }
        }
        return best;
    }
}
