package io.sluice.dataplane.service;

import io.sluice.dataplane.api.ListenerSpec;
import io.sluice.dataplane.connection.TcpState;
import io.sluice.dataplane.counter.SubjectCounters;
import io.sluice.dataplane.wire.Address;
import io.sluice.dataplane.wire.TtmOption;

/**
 * A listener as one lane uses it: its specification in the form that the path asks for, and what lasts over changes of the
 * configuration (id, counters, limits, the scheduler's turn).
 *
 * <p>Made by the {@link ForwardingCompiler}; the specification never changes, the scheduler and the buckets belong to the
 * lane's path thread.
 */
public final class Listener {
    private final int id;
    private final ListenerSpec spec;
    private final long high;
    private final long low;
    private final int[] timeoutSeconds = new int[TcpState.CODES];
    private final PrefixSet acl;
    private final PrefixSet trusted;
    private final ServerGroup group;
    private final Scheduler scheduler;
    private final ListenerLimits limits;
    private final SubjectCounters counters;

    Listener(final int id, final ListenerSpec spec, final ServerGroup group, final Scheduler scheduler,
             final ListenerLimits limits, final SubjectCounters counters) {
        this.id = id;
        this.spec = spec;
        this.high = Address.high(spec.address());
        this.low = Address.low(spec.address());
        this.group = group;
        this.scheduler = scheduler;
        this.limits = limits;
        this.counters = counters;
        this.acl = new PrefixSet(spec.acl().entries());
        this.trusted = new PrefixSet(spec.ttm().trustedSources());
        for (int state = 0; state < timeoutSeconds.length; state++) {
            timeoutSeconds[state] = TcpState.timeoutSeconds(state, spec.timeouts());
        }
    }

    /**
     * Its number: the same over changes of the configuration, as long as protocol, address and port are.
     *
     * @return 0 or more
     */
    public int id() {
        return id;
    }

    /**
     * Its specification, for explanations and for the rare path.
     *
     * @return as configured
     */
    public ListenerSpec spec() {
        return spec;
    }

    /**
     * The virtual address.
     *
     * @return first eight bytes
     */
    public long addressHigh() {
        return high;
    }

    /**
     * The virtual address.
     *
     * @return last eight bytes, IPv4 mapped
     */
    public long addressLow() {
        return low;
    }

    /**
     * The idle timeout of a state.
     *
     * @param state a code of {@link TcpState}
     * @return seconds
     */
    public int timeoutSeconds(final int state) {
        return timeoutSeconds[state];
    }

    /**
     * Whether a client may open connections.
     *
     * @param clientHigh client, first eight bytes
     * @param clientLow  client, last eight bytes
     * @return what the access list says
     */
    public boolean admits(final long clientHigh, final long clientLow) {
        return acl.contains(clientHigh, clientLow) == spec.acl().allow();
    }

    /**
     * The entry of the access list that decides about a client, for explanations.
     *
     * @return the prefixes
     */
    public PrefixSet acl() {
        return acl;
    }

    /**
     * Whether a client's own TTM option is believed.
     *
     * @param clientHigh client, first eight bytes
     * @param clientLow  client, last eight bytes
     * @return true if it is a trusted source
     */
    public boolean trusts(final long clientHigh, final long clientLow) {
        return trusted.size() != 0 && trusted.contains(clientHigh, clientLow);
    }

    /**
     * The kind of TTM option to insert.
     *
     * @return option kind, 0 for none
     */
    public int insertKind() {
        return spec.ttm().insert() ? spec.ttm().kind() : 0;
    }

    /**
     * The kind that clients must not send, beside those that every real server may believe.
     *
     * @return option kind
     */
    public int claimKind() {
        return spec.ttm().insert() ? spec.ttm().kind() : TtmOption.KIND;
    }

    /**
     * The backends.
     *
     * @return the group's snapshot
     */
    public ServerGroup group() {
        return group;
    }

    /**
     * Picks backends. Lane thread.
     *
     * @return the scheduler
     */
    public Scheduler scheduler() {
        return scheduler;
    }

    /**
     * Limits. Lane thread.
     *
     * @return the buckets
     */
    public ListenerLimits limits() {
        return limits;
    }

    /**
     * Counters. Lane thread writes.
     *
     * @return the listener's counters
     */
    public SubjectCounters counters() {
        return counters;
    }

    @Override
    public String toString() {
        return spec.name();
    }
}
