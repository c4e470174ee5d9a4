package io.sluice.control.config;

import io.sluice.control.model.Listener;
import io.sluice.control.yaml.Section;
import io.sluice.dataplane.api.Cidr;
import io.sluice.dataplane.api.LimitsSpec;
import io.sluice.dataplane.api.Protocol;
import io.sluice.dataplane.api.SchedulerKind;
import io.sluice.dataplane.api.Timeouts;
import io.sluice.dataplane.api.TtmSpec;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Reads a listener. A key that means nothing for its protocol is refused rather than ignored. */
final class ListenerReader {
    private static final Map<String, Protocol> PROTOCOLS = protocols();
    private static final Map<String, SchedulerKind> SCHEDULERS = schedulers();
    /** Kinds below are TCP's own, up to Multipath TCP (30) and Fast Open (34): IANA, TCP Option Kind Numbers. */
    private static final int FIRST_FREE_KIND = 35;
    /** Encryption negotiation and accurate ECN. */
    private static final Set<Integer> TAKEN_KINDS = Set.of(69, 172, 174);

    private final Sources sources;

    ListenerReader(final Sources sources) {
        this.sources = sources;
    }

    Listener listener(final Section section) {
        final String name = Fields.name(section);
        final Protocol protocol = section.required("protocol", "tcp or udp").flatMap(value -> value.oneOf(PROTOCOLS)).orElse(null);
        final int port = Fields.port(section);
        refuseForeign(section, protocol);
        final Listener listener = new Listener(name, protocol == null ? Protocol.TCP : protocol, port,
            Fields.reference(section, "serverGroup"), Fields.reference(section, "localPool"), Fields.reference(section, "acl"),
            Fields.oneOf(section, "scheduler", SCHEDULERS, SchedulerKind.WEIGHTED_ROUND_ROBIN),
            timeouts(section.section("timeouts"), protocol), ttm(section.section("ttm")), limits(section.section("limits")),
            protocol != Protocol.UDP && Fields.truth(section, "stripTimestamps", true),
            protocol != Protocol.TCP && Fields.truth(section, "proxyProtocol", false),
            protocol != Protocol.UDP && Fields.truth(section, "resetUnknown", false));
        section.end();
        return sources.put(listener, section);
    }

    private static void refuseForeign(final Section section, final Protocol protocol) {
        if (protocol == Protocol.UDP) {
            section.refuse("ttm", "means nothing for udp, which has no options; proxyProtocol: true tells the server who the client is");
            section.refuse("stripTimestamps", "means nothing for udp; leave it out");
            section.refuse("resetUnknown", "means nothing for udp; leave it out");
        } else if (protocol == Protocol.TCP) {
            section.refuse("proxyProtocol", "is for udp; a tcp listener tells the server who the client is by ttm");
        }
    }

    private static Timeouts timeouts(final Section section, final Protocol protocol) {
        final Timeouts d = Timeouts.DEFAULT;
        if (protocol == Protocol.UDP) {
            for (final String key : List.of("synSent", "synReceived", "established", "finWait", "closeWait", "lastAck", "timeWait",
                "closed")) {
                section.refuse(key, "is a timeout of tcp connections; a udp listener has the timeout udp");
            }
        } else if (protocol == Protocol.TCP) {
            section.refuse("udp", "is the timeout of udp connections; a tcp listener has established and the other TCP states");
        }
        final Timeouts timeouts = new Timeouts(seconds(section, "synSent", d.synSent()),
            seconds(section, "synReceived", d.synReceived()), seconds(section, "established", d.established()),
            seconds(section, "finWait", d.finWait()), seconds(section, "closeWait", d.closeWait()),
            seconds(section, "lastAck", d.lastAck()), seconds(section, "timeWait", d.timeWait()),
            seconds(section, "closed", d.closed()), seconds(section, "udp", d.udp()));
        section.end();
        return timeouts;
    }

    private static int seconds(final Section section, final String key, final int otherwise) {
        return Fields.integer(section, key, otherwise, 1, Timeouts.MAX_SECONDS);
    }

    private static TtmSpec ttm(final Section section) {
        final int kind = Fields.integer(section, "kind", TtmSpec.DEFAULT.kind(), FIRST_FREE_KIND, 254);
        if (TAKEN_KINDS.contains(kind)) {
            section.complain("kind", kind + " is an option kind that TCP itself uses; 253 and 254 are free for experiments (RFC 4727)");
        }
        final List<Cidr> trusted = new ArrayList<>();
        section.values("trustedSources").forEach(value -> AddressText.prefix(value).ifPresent(trusted::add));
        final TtmSpec ttm = new TtmSpec(Fields.truth(section, "insert", TtmSpec.DEFAULT.insert()), kind, trusted);
        section.end();
        return ttm;
    }

    private static LimitsSpec limits(final Section section) {
        final LimitsSpec limits = new LimitsSpec(Fields.integer(section, "maxConnections", 0, 0, 50_000_000),
            Fields.integer(section, "newConnectionsPerSecond", 0, 0, 10_000_000),
            Fields.bits(section, "inboundBitsPerSecond"), Fields.bits(section, "outboundBitsPerSecond"));
        section.end();
        return limits;
    }

    private static Map<String, Protocol> protocols() {
        final Map<String, Protocol> words = new LinkedHashMap<>();
        words.put("tcp", Protocol.TCP);
        words.put("udp", Protocol.UDP);
        return words;
    }

    private static Map<String, SchedulerKind> schedulers() {
        final Map<String, SchedulerKind> words = new LinkedHashMap<>();
        for (final SchedulerKind kind : SchedulerKind.values()) {
            words.put(kind.code(), kind);
        }
        return words;
    }
}
