package io.sluice.control.config;

import io.sluice.control.model.AccessList;
import io.sluice.control.model.Backend;
import io.sluice.control.model.Listener;
import io.sluice.control.model.LoadBalancer;
import io.sluice.control.model.LocalPool;
import io.sluice.control.model.SluiceConfig;
import io.sluice.dataplane.DataplaneConfig;
import io.sluice.dataplane.api.Cidr;
import io.sluice.dataplane.api.LimitsSpec;
import io.sluice.dataplane.api.Protocol;
import io.sluice.dataplane.api.Timeouts;
import io.sluice.dataplane.wire.Address;
import java.net.InetAddress;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * A configuration in the words of the file, with every default written out: plain maps, lists, texts and numbers. Written as
 * JSON (which is YAML) and read by {@link ConfigReader} it gives the same configuration again.
 */
public final class ConfigDocument {
    private ConfigDocument() {
    }

    /**
     * Spells out a configuration.
     *
     * @param config any
     * @return keys in the order of the documentation
     */
    public static Map<String, Object> of(final SluiceConfig config) {
        return document(
            "node", document("name", config.node().name(), "stateDirectory", config.node().stateDirectory().toString(),
                "socket", config.node().socket().toString()),
            "dataplane", dataplane(config.dataplane()),
            "localPools", config.localPools().stream().map(ConfigDocument::localPool).toList(),
            "serverGroups", config.serverGroups().stream().map(group -> document("name", group.name(),
                "backends", group.backends().stream().map(ConfigDocument::backend).toList())).toList(),
            "acls", config.acls().stream().map(ConfigDocument::accessList).toList(),
            "loadBalancers", config.loadBalancers().stream().map(ConfigDocument::loadBalancer).toList());
    }

    private static Map<String, Object> dataplane(final DataplaneConfig settings) {
        return document("interfaces", settings.interfaces(), "port", word(settings.port()),
            "lanes", settings.lanes() == DataplaneConfig.AUTOMATIC ? null : settings.lanes(),
            "threading", word(settings.threading()), "idle", word(settings.idle()),
            "maxConnections", settings.maxConnections(), "maxFragments", settings.maxFragments(),
            "receiveFrames", settings.receiveFrames(), "storeShards", settings.storeShards(),
            "refreshSeconds", settings.refreshSeconds());
    }

    private static Map<String, Object> localPool(final LocalPool pool) {
        return document("name", pool.name(), "addresses", pool.addresses().stream().map(ConfigDocument::text).toList(),
            "ports", pool.ports().toString(), "interface", pool.interfaceName());
    }

    private static Map<String, Object> backend(final Backend backend) {
        return document("serverIp", text(backend.serverIp()), "port", backend.port(), "weight", backend.weight());
    }

    private static Map<String, Object> accessList(final AccessList acl) {
        return document("name", acl.name(), acl.rule().allow() ? "allow" : "deny", prefixes(acl.rule().entries()));
    }

    private static Map<String, Object> loadBalancer(final LoadBalancer loadBalancer) {
        return document("name", loadBalancer.name(), "address", text(loadBalancer.address()),
            "interface", loadBalancer.interfaceName(), "localPool", loadBalancer.localPool(),
            "serverGroup", loadBalancer.serverGroup(), "maxListeners", loadBalancer.maxListeners(),
            "listeners", loadBalancer.listeners().stream().map(ConfigDocument::listener).toList());
    }

    private static Map<String, Object> listener(final Listener listener) {
        final Map<String, Object> document = document("name", listener.name(), "protocol", word(listener.protocol()),
            "port", listener.port(), "serverGroup", listener.serverGroup(), "localPool", listener.localPool(),
            "acl", listener.acl(), "scheduler", listener.scheduler().code(), "limits", limits(listener.limits()));
        if (listener.protocol() == Protocol.UDP) {
            document.put("timeouts", document("udp", listener.timeouts().udp()));
            document.put("proxyProtocol", listener.proxyProtocol());
        } else {
            document.put("timeouts", tcpTimeouts(listener.timeouts()));
            document.put("ttm", document("insert", listener.ttm().insert(), "kind", listener.ttm().kind(),
                "trustedSources", prefixes(listener.ttm().trustedSources())));
            document.put("stripTimestamps", listener.stripTimestamps());
            document.put("resetUnknown", listener.resetUnknown());
        }
        return document;
    }

    private static Map<String, Object> tcpTimeouts(final Timeouts t) {
        return document("synSent", t.synSent(), "synReceived", t.synReceived(), "established", t.established(),
            "finWait", t.finWait(), "closeWait", t.closeWait(), "lastAck", t.lastAck(), "timeWait", t.timeWait(),
            "closed", t.closed());
    }

    private static Map<String, Object> limits(final LimitsSpec limits) {
        return document("maxConnections", limits.maxConnections(), "newConnectionsPerSecond", limits.newConnectionsPerSecond(),
            "inboundBitsPerSecond", limits.inboundBitsPerSecond(), "outboundBitsPerSecond", limits.outboundBitsPerSecond());
    }

    private static List<String> prefixes(final List<Cidr> prefixes) {
        return prefixes.stream().map(Cidr::toString).toList();
    }

    private static String word(final Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }

    private static String text(final InetAddress address) {
        return Address.toString(Address.high(address), Address.low(address));
    }

    /** Keys and values in turn; what is null is left out, as in the file. */
    private static Map<String, Object> document(final Object... keysAndValues) {
        final Map<String, Object> document = new LinkedHashMap<>();
        for (int i = 0; i < keysAndValues.length; i += 2) {
            if (keysAndValues[i + 1] != null) {
                document.put((String) keysAndValues[i], keysAndValues[i + 1]);
            }
        }
        return document;
    }
}
