package io.sluice.control.config;

import io.sluice.control.model.AccessList;
import io.sluice.control.model.Backend;
import io.sluice.control.model.LoadBalancer;
import io.sluice.control.model.LocalPool;
import io.sluice.control.model.NodeSettings;
import io.sluice.control.model.PortRange;
import io.sluice.control.model.ServerGroup;
import io.sluice.control.model.SluiceConfig;
import io.sluice.control.yaml.InvalidConfigException;
import io.sluice.control.yaml.Section;
import io.sluice.control.yaml.Value;
import io.sluice.control.yaml.Violations;
import io.sluice.control.yaml.YamlReader;
import io.sluice.dataplane.api.AclSpec;
import io.sluice.dataplane.api.Cidr;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads a configuration file, strictly and whole. For one thread, one file. */
public final class ConfigReader {
    private static final Pattern PORTS = Pattern.compile("(\\d{1,5})(?:-(\\d{1,5}))?");

    private final Violations violations = new Violations();
    private final Sources sources = new Sources();

    private ConfigReader() {
    }

    /**
     * Reads and validates a configuration.
     *
     * @param yaml the file
     * @return a configuration that keeps every rule
     * @throws InvalidConfigException with everything that is wrong, each with its line and column
     */
    public static SluiceConfig read(final byte[] yaml) throws InvalidConfigException {
        return new ConfigReader().config(yaml);
    }

    private SluiceConfig config(final byte[] yaml) throws InvalidConfigException {
        final Section root = Section.root(YamlReader.read(yaml, violations), violations);
        final NodeSettings node = NodeReader.node(root.section("node"));
        final SluiceConfig config = new SluiceConfig(node,
            NodeReader.dataplane(root.section("dataplane"), node.stateDirectory()),
            root.sections("localPools").stream().map(this::localPool).toList(),
            root.sections("serverGroups").stream().map(this::serverGroup).toList(),
            root.sections("acls").stream().map(this::accessList).toList(),
            root.sections("loadBalancers").stream().map(this::loadBalancer).toList());
        root.end();
        new ConfigRules(config, sources).check();
        violations.throwIfAny();
        return config;
    }

    private LocalPool localPool(final Section section) {
        final LocalPool pool = new LocalPool(Fields.name(section), addresses(section), ports(section), interfaceOf(section));
        section.end();
        return sources.put(pool, section);
    }

    private List<InetAddress> addresses(final Section section) {
        final List<InetAddress> addresses = new ArrayList<>();
        for (final Value value : section.requiredValues("addresses", "at least one local address")) {
            AddressText.unicast(value).ifPresent(address -> addresses.add(sources.put(address, value)));
        }
        return addresses;
    }

    private static PortRange ports(final Section section) {
        final Optional<Value> value = section.value("ports");
        if (value.isEmpty()) {
            return PortRange.DEFAULT;
        }
        final Matcher matcher = PORTS.matcher(value.get().raw());
        if (matcher.matches()) {
            final int first = Integer.parseInt(matcher.group(1));
            final int last = matcher.group(2) == null ? first : Integer.parseInt(matcher.group(2));
            if (first >= 1 && first <= last && last <= 65_535) {
                return new PortRange(first, last);
            }
        }
        value.get().refuse("is no range of ports; write the first and the last, such as " + PortRange.DEFAULT);
        return PortRange.DEFAULT;
    }

    private ServerGroup serverGroup(final Section section) {
        final ServerGroup group = new ServerGroup(Fields.name(section),
            section.sections("backends").stream().flatMap(backend -> backend(backend).stream()).toList());
        section.end();
        return sources.put(group, section);
    }

    private Optional<Backend> backend(final Section section) {
        final Optional<InetAddress> serverIp = section.required("serverIp", "the address of the real server").flatMap(AddressText::unicast);
        final int port = Fields.port(section);
        final int weight = Fields.integer(section, "weight", Backend.DEFAULT_WEIGHT, 0, Backend.MAX_WEIGHT);
        section.end();
        return serverIp.map(address -> sources.put(new Backend(address, port, weight), section));
    }

    private AccessList accessList(final Section section) {
        final String name = Fields.name(section);
        final boolean allow = section.has("allow");
        if (allow && section.has("deny")) {
            section.complain("deny", "an access list either allows or denies; make two of it");
        } else if (!allow && !section.has("deny")) {
            section.missing("allow", "either allow (only these) or deny (all but these) with a list of prefixes");
        }
        final List<Cidr> prefixes = new ArrayList<>();
        section.values("deny").forEach(value -> AddressText.prefix(value).ifPresent(prefixes::add));
        section.values("allow").forEach(value -> AddressText.prefix(value).ifPresent(prefixes::add));
        section.end();
        return sources.put(new AccessList(name, new AclSpec(allow, prefixes)), section);
    }

    private LoadBalancer loadBalancer(final Section section) {
        final ListenerReader listeners = new ListenerReader(sources);
        final LoadBalancer loadBalancer = new LoadBalancer(Fields.name(section),
            section.required("address", "the virtual address").flatMap(AddressText::unicast).orElse(null),
            interfaceOf(section), Fields.reference(section, "localPool"), Fields.reference(section, "serverGroup"),
            Fields.integer(section, "maxListeners", LoadBalancer.DEFAULT_MAX_LISTENERS, 1, 65_535),
            section.sections("listeners").stream().map(listeners::listener).toList());
        section.end();
        return sources.put(loadBalancer, section);
    }

    private static String interfaceOf(final Section section) {
        return section.value("interface").flatMap(Fields::interfaceName).orElse(null);
    }
}
