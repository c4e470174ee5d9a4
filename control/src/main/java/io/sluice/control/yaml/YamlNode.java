package io.sluice.control.yaml;

import java.util.List;
import java.util.Map;

/** A node of a YAML document together with where it is. */
public sealed interface YamlNode {
    /**
     * Where the node begins.
     *
     * @return its first character
     */
    Position position();

    /**
     * What it is, for messages.
     *
     * @return such as {@code a list}
     */
    String kind();

    /**
     * Keys and values.
     *
     * @param position where it begins
     * @param entries  in the order of the file
     */
    record Mapping(Position position, Map<String, Entry> entries) implements YamlNode {
        @Override
        public String kind() {
            return "a mapping of keys to values";
        }
    }

    /**
     * A key with its value.
     *
     * @param keyPosition where the key is
     * @param value       the value
     */
    record Entry(Position keyPosition, YamlNode value) {
    }

    /**
     * A list.
     *
     * @param position where it begins
     * @param items    in the order of the file
     */
    record Sequence(Position position, List<YamlNode> items) implements YamlNode {
        @Override
        public String kind() {
            return "a list";
        }
    }

    /**
     * A single value.
     *
     * @param position where it begins
     * @param type     what YAML takes it for
     * @param text     as written, without quotes
     */
    record Scalar(Position position, Type type, String text) implements YamlNode {
        @Override
        public String kind() {
            return type.words;
        }
    }

    /** What YAML takes a scalar for. */
    enum Type {
        /** Quoted, or nothing else. */
        TEXT("text"),
        /** A number, whole or not. */
        NUMBER("a number"),
        /** true or false. */
        TRUTH("true or false"),
        /** Nothing at all, {@code null}, or empty quotes. */
        NOTHING("empty");

        private final String words;

        Type(final String words) {
            this.words = words;
        }
    }
}
