package io.sluice.dataplane.service;

/** The same client, by address or by address and port, always to the same member: a look-up in a {@link MaglevTable}. */
final class ConsistentHash implements Scheduler {
    private final MaglevTable table;
    private final boolean withPort;

    ConsistentHash(final ServerGroup group, final boolean withPort) {
        this.table = group.maglevTable();
        this.withPort = withPort;
    }

    @Override
    public int pick(final long clientHigh, final long clientLow, final int clientPort) {
        return table.member(withPort ? KeyHash.of(clientHigh, clientLow, clientPort) : KeyHash.of(clientHigh, clientLow));
    }

    @Override
    public int peek(final long clientHigh, final long clientLow, final int clientPort) {
        return pick(clientHigh, clientLow, clientPort);
    }
}
