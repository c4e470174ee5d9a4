package io.sluice.dataplane.service;

/** Each usable member in turn, whatever its weight. */
final class RoundRobin implements Scheduler {
    private final int[] members;
    private int next;

    RoundRobin(final ServerGroup group) {
        members = group.usableMembers();
    }

    @Override
    public int pick(final long clientHigh, final long clientLow, final int clientPort) {
        if (members.length == 0) {
            return NONE;
        }
        final int picked = members[next];
        next = next + 1 < members.length ? next + 1 : 0;
        return picked;
    }

    @Override
    public int peek(final long clientHigh, final long clientLow, final int clientPort) {
        return members.length == 0 ? NONE : members[next];
    }
}
