package io.sluice.dataplane.pipeline;

import io.sluice.dataplane.api.AclSpec;
import io.sluice.dataplane.api.BackendSpec;
import io.sluice.dataplane.api.Cidr;
import io.sluice.dataplane.api.LimitsSpec;
import io.sluice.dataplane.api.ListenerSpec;
import io.sluice.dataplane.api.Protocol;
import io.sluice.dataplane.api.SchedulerKind;
import io.sluice.dataplane.api.ServerGroupSpec;
import io.sluice.dataplane.api.Timeouts;
import io.sluice.dataplane.api.TtmSpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** A listener in the making, with a server group of its own. */
public final class ListenerDraft {
    private final Protocol protocol;
    private final Endpoint virtual;
    private final List<BackendSpec> backends = new ArrayList<>();
    private SchedulerKind scheduler = SchedulerKind.ROUND_ROBIN;
    private Timeouts timeouts = Timeouts.DEFAULT;
    private TtmSpec ttm = TtmSpec.DEFAULT;
    private AclSpec acl = AclSpec.EVERYBODY;
    private LimitsSpec limits = LimitsSpec.NONE;
    private boolean stripTimestamps = true;
    private boolean proxyProtocol;
    private boolean resetUnknown;

    private ListenerDraft(final Protocol protocol, final Endpoint virtual, final Endpoint... servers) {
        this.protocol = protocol;
        this.virtual = virtual;
        Arrays.stream(servers).forEach(server -> server(server, 1));
    }

    /** A TCP listener with these backends of weight 1, and everything as by default. */
    public static ListenerDraft tcp(final Endpoint virtual, final Endpoint... servers) {
        return new ListenerDraft(Protocol.TCP, virtual, servers);
    }

    /** A UDP listener with these backends of weight 1, and everything as by default. */
    public static ListenerDraft udp(final Endpoint virtual, final Endpoint... servers) {
        return new ListenerDraft(Protocol.UDP, virtual, servers);
    }

    /** Adds a backend. */
    public ListenerDraft server(final Endpoint server, final int weight) {
        backends.add(new BackendSpec(server.address(), server.port(), weight, true));
        return this;
    }

    /** Adds a backend whose health check fails. */
    public ListenerDraft failing(final Endpoint server) {
        backends.add(new BackendSpec(server.address(), server.port(), 1, false));
        return this;
    }

    /** How a backend is picked. */
    public ListenerDraft scheduler(final SchedulerKind kind) {
        scheduler = kind;
        return this;
    }

    /** Idle timeouts. */
    public ListenerDraft timeouts(final Timeouts seconds) {
        timeouts = seconds;
        return this;
    }

    /** No TTM option. */
    public ListenerDraft withoutTtm() {
        ttm = new TtmSpec(false, ttm.kind(), ttm.trustedSources());
        return this;
    }

    /** Another kind of TTM option. */
    public ListenerDraft ttmKind(final int kind) {
        ttm = new TtmSpec(ttm.insert(), kind, ttm.trustedSources());
        return this;
    }

    /** Believes the TTM options of these sources. */
    public ListenerDraft trust(final String... prefixes) {
        ttm = new TtmSpec(ttm.insert(), ttm.kind(), cidrs(prefixes));
        return this;
    }

    /** Admits only these. */
    public ListenerDraft allow(final String... prefixes) {
        acl = new AclSpec(true, cidrs(prefixes));
        return this;
    }

    /** Admits all but these. */
    public ListenerDraft deny(final String... prefixes) {
        acl = new AclSpec(false, cidrs(prefixes));
        return this;
    }

    /** Limits. */
    public ListenerDraft limits(final LimitsSpec spec) {
        limits = spec;
        return this;
    }

    /** Leaves the timestamps of SYNs. */
    public ListenerDraft keepTimestamps() {
        stripTimestamps = false;
        return this;
    }

    /** PROXY header in the first datagram. */
    public ListenerDraft proxyProtocol() {
        proxyProtocol = true;
        return this;
    }

    /** RST for unknown connections. */
    public ListenerDraft resetUnknown() {
        resetUnknown = true;
        return this;
    }

    private static List<Cidr> cidrs(final String... prefixes) {
        return Arrays.stream(prefixes).map(StaticFib::cidr).toList();
    }

    Endpoint virtual() {
        return virtual;
    }

    String name() {
        return protocol + " " + virtual;
    }

    ServerGroupSpec group() {
        return new ServerGroupSpec(name(), backends);
    }

    ListenerSpec spec(final String pool) {
        return new ListenerSpec(name(), protocol, virtual.address(), virtual.port(), name(), pool, scheduler, timeouts, ttm, acl,
            limits, stripTimestamps, proxyProtocol, resetUnknown);
    }
}
