package io.sluice.control.yaml;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A mapping that is read strictly: every getter makes its key known, wrong types are recorded as violations and read as absent,
 * and {@link #end()} records the keys that nobody asked for. For one thread.
 */
public final class Section {
    private final YamlNode.Mapping mapping;
    private final String path;
    private final Violations violations;
    private final Set<String> known = new LinkedHashSet<>();

    private Section(final YamlNode.Mapping mapping, final String path, final Violations violations) {
        this.mapping = mapping;
        this.path = path;
        this.violations = violations;
    }

    /**
     * The root of a document.
     *
     * @param root       as read
     * @param violations where violations go
     * @return the root mapping
     * @throws InvalidConfigException if the root is something else
     */
    public static Section root(final YamlNode root, final Violations violations) throws InvalidConfigException {
        if (root instanceof YamlNode.Mapping mapping) {
            return new Section(mapping, "", violations);
        }
        throw new InvalidConfigException(root.position(), "the file is " + root.kind()
            + ", but a configuration is a mapping with the keys node, dataplane, localPools, serverGroups, acls, loadBalancers");
    }

    /**
     * A single value.
     *
     * @param key its key
     * @return the value, or empty where there is none or something else
     */
    public Optional<Value> value(final String key) {
        return present(key).flatMap(node -> asValue(node, pathOf(key)));
    }

    /**
     * A single value that must be there.
     *
     * @param key     its key
     * @param meaning what it is for, the end of the sentence "is missing: ..."
     * @return the value, or empty after recording why not
     */
    public Optional<Value> required(final String key, final String meaning) {
        if (present(key).isEmpty()) {
            missing(key, meaning);
        }
        return value(key);
    }

    /**
     * Records that a key is missing.
     *
     * @param key     the key
     * @param meaning what it is for
     */
    public void missing(final String key, final String meaning) {
        violations.add(mapping.position(), pathOf(key), "", "is missing: " + meaning);
    }

    /**
     * Whether something is written for a key.
     *
     * @param key the key
     * @return false also for an empty value
     */
    public boolean has(final String key) {
        return present(key).isPresent();
    }

    /**
     * A list of single values.
     *
     * @param key its key
     * @return the values; empty where there is none or something else
     */
    public List<Value> values(final String key) {
        final List<Value> values = new ArrayList<>();
        final List<YamlNode> items = items(key);
        for (int i = 0; i < items.size(); i++) {
            asValue(items.get(i), pathOf(key) + "[" + i + "]").ifPresent(values::add);
        }
        return values;
    }

    /**
     * A list of single values that must not be empty.
     *
     * @param key     its key
     * @param meaning what is in it, the end of the sentence "is missing: ..."
     * @return the values
     */
    public List<Value> requiredValues(final String key, final String meaning) {
        if (!has(key)) {
            missing(key, meaning);
        } else if (present(key).get() instanceof YamlNode.Sequence sequence && sequence.items().isEmpty()) {
            complain(key, "is an empty list, but wanted is " + meaning);
        }
        return values(key);
    }

    /**
     * A nested mapping.
     *
     * @param key its key
     * @return the section; one without keys where there is none or something else
     */
    public Section section(final String key) {
        return present(key).flatMap(node -> asSection(node, pathOf(key)))
            .orElseGet(() -> new Section(new YamlNode.Mapping(mapping.position(), Map.of()), pathOf(key), violations));
    }

    /**
     * A list of mappings.
     *
     * @param key its key
     * @return one section per item that is a mapping; the others are recorded
     */
    public List<Section> sections(final String key) {
        final List<Section> sections = new ArrayList<>();
        final List<YamlNode> items = items(key);
        for (int i = 0; i < items.size(); i++) {
            final String itemPath = pathOf(key) + "[" + i + "]";
            asSection(items.get(i), itemPath).ifPresent(sections::add);
        }
        return sections;
    }

    /**
     * Records that a key is there which must not be.
     *
     * @param key    the key; nothing happens if it is not there
     * @param reason why not
     */
    public void refuse(final String key, final String reason) {
        known.add(key);
        final YamlNode.Entry entry = mapping.entries().get(key);
        if (entry != null) {
            violations.add(entry.keyPosition(), pathOf(key), key, reason);
        }
    }

    /**
     * Records that a value is wrong.
     *
     * @param key     its key; where it is not there, the section itself is named
     * @param message what is wrong and what would be right
     */
    public void complain(final String key, final String message) {
        final YamlNode.Entry entry = mapping.entries().get(key);
        final String text = entry != null && entry.value() instanceof YamlNode.Scalar scalar ? scalar.text() : "";
        violations.add(entry == null ? mapping.position() : entry.value().position(), entry == null ? path : pathOf(key), text,
            message);
    }

    /** Records every key that no getter asked for. To be called last. */
    public void end() {
        mapping.entries().forEach((key, entry) -> {
            if (!known.contains(key)) {
                violations.add(entry.keyPosition(), pathOf(key), key, "the key \"" + Violation.shown(key) + "\" is not known here"
                    + NearestName.hint(key, known));
            }
        });
    }

    /**
     * Where this section is.
     *
     * @return path of keys, empty for the root
     */
    public String path() {
        return path;
    }

    private String pathOf(final String key) {
        return path.isEmpty() ? key : path + "." + key;
    }

    private Optional<YamlNode> present(final String key) {
        known.add(key);
        final YamlNode.Entry entry = mapping.entries().get(key);
        final boolean nothing = entry == null
            || entry.value() instanceof YamlNode.Scalar scalar && scalar.type() == YamlNode.Type.NOTHING;
        return nothing ? Optional.empty() : Optional.of(entry.value());
    }

    private List<YamlNode> items(final String key) {
        final Optional<YamlNode> node = present(key);
        if (node.isEmpty()) {
            return List.of();
        }
        if (node.get() instanceof YamlNode.Sequence sequence) {
            return sequence.items();
        }
        wrongType(node.get(), pathOf(key), "a list");
        return List.of();
    }

    private Optional<Value> asValue(final YamlNode node, final String valuePath) {
        if (node instanceof YamlNode.Scalar scalar && scalar.type() != YamlNode.Type.NOTHING) {
            return Optional.of(new Value(scalar, valuePath, violations));
        }
        wrongType(node, valuePath, "a single value");
        return Optional.empty();
    }

    private Optional<Section> asSection(final YamlNode node, final String sectionPath) {
        if (node instanceof YamlNode.Mapping inner) {
            return Optional.of(new Section(inner, sectionPath, violations));
        }
        wrongType(node, sectionPath, "a mapping of keys to values");
        return Optional.empty();
    }

    private void wrongType(final YamlNode node, final String wrongPath, final String wanted) {
        final String text = node instanceof YamlNode.Scalar scalar ? scalar.text() : "";
        violations.add(node.position(), wrongPath, text, (text.isEmpty() ? "" : "\"" + Violation.shown(text) + "\" ") + "is "
            + node.kind() + ", but " + wanted + " is wanted");
    }
}
