package io.sluice.control.yaml;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLParser;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.error.MarkedYAMLException;

/**
 * Reads one YAML document into {@link YamlNode}s. Anchors, aliases and tags are refused: configuration has no use for them, and
 * they are how a small file becomes an enormous one. For one thread.
 */
public final class YamlReader {
    /** The largest file that is read. */
    public static final int MAX_BYTES = 4 << 20;
    private static final int MAX_DEPTH = 20;
    private static final YAMLFactory YAML = factory();

    private final YAMLParser parser;
    private final Violations violations;

    private YamlReader(final YAMLParser parser, final Violations violations) {
        this.parser = parser;
        this.violations = violations;
    }

    /**
     * Reads a document.
     *
     * @param bytes      the file
     * @param violations receives what is wrong but does not prevent reading on: duplicate keys, aliases
     * @return the root
     * @throws InvalidConfigException if the bytes are no YAML document at all
     */
    public static YamlNode read(final byte[] bytes, final Violations violations) throws InvalidConfigException {
        if (bytes.length > MAX_BYTES) {
            throw new InvalidConfigException(Position.START, "the file has " + bytes.length + " bytes, more than the " + MAX_BYTES
                + " that a configuration may have");
        }
        final String text = YamlText.decode(bytes);
        try (YAMLParser parser = YAML.createParser(text)) {
            return new YamlReader(parser, violations).document();
        } catch (final JacksonException e) {
            throw e.getCause() instanceof MarkedYAMLException marked
                ? new InvalidConfigException(positionOf(marked), YamlSyntax.explain(marked))
                : new InvalidConfigException(positionOf(e.getLocation()), YamlSyntax.explain(e));
        } catch (final IOException e) {
            throw new InvalidConfigException(Position.START, "not readable as YAML: " + Violation.shown(String.valueOf(e.getMessage())));
        }
    }

    private static YAMLFactory factory() {
        final LoaderOptions options = new LoaderOptions();
        options.setCodePointLimit(MAX_BYTES);
        options.setNestingDepthLimit(MAX_DEPTH);
        return YAMLFactory.builder()
            .loaderOptions(options)
            .streamReadConstraints(StreamReadConstraints.builder().maxNestingDepth(MAX_DEPTH).build())
            .build();
    }

    private YamlNode document() throws IOException, InvalidConfigException {
        try {
            return onlyDocument();
        } catch (final StreamConstraintsException e) {
            throw new InvalidConfigException(here(), YamlSyntax.explain(e));
        }
    }

    private YamlNode onlyDocument() throws IOException, InvalidConfigException {
        if (parser.nextToken() == null) {
            throw new InvalidConfigException(Position.START, "the file is empty; at least dataplane.interfaces is needed");
        }
        final YamlNode root = node("");
        if (parser.nextToken() != null) {
            throw new InvalidConfigException(here(), "a second document begins here; a configuration is one document");
        }
        return root;
    }

    /** The node that the parser has just begun. */
    private YamlNode node(final String path) throws IOException {
        refuseCleverness(path);
        final JsonToken token = parser.currentToken();
        return switch (token) {
            case START_OBJECT -> mapping(path);
            case START_ARRAY -> sequence(path);
            case VALUE_NULL -> scalar(YamlNode.Type.NOTHING);
            case VALUE_TRUE, VALUE_FALSE -> scalar(YamlNode.Type.TRUTH);
            case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> scalar(YamlNode.Type.NUMBER);
            default -> scalar(parser.getText().isEmpty() ? YamlNode.Type.NOTHING : YamlNode.Type.TEXT);
        };
    }

    private YamlNode.Mapping mapping(final String path) throws IOException {
        final Position start = here();
        final Map<String, YamlNode.Entry> entries = new LinkedHashMap<>();
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            final String key = parser.currentName();
            final Position keyPosition = here();
            final String keyPath = path.isEmpty() ? key : path + "." + key;
            parser.nextToken();
            final YamlNode value = node(keyPath);
            final YamlNode.Entry first = entries.putIfAbsent(key, new YamlNode.Entry(keyPosition, value));
            if (first != null) {
                violations.add(keyPosition, keyPath, key, "the key is there twice, first in line " + first.keyPosition().line()
                    + "; keep one of them");
            }
        }
        return new YamlNode.Mapping(start, entries);
    }

    private YamlNode.Sequence sequence(final String path) throws IOException {
        final Position start = here();
        final List<YamlNode> items = new ArrayList<>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            items.add(node(path + "[" + items.size() + "]"));
        }
        return new YamlNode.Sequence(start, items);
    }

    private YamlNode.Scalar scalar(final YamlNode.Type type) throws IOException {
        return new YamlNode.Scalar(here(), type, type == YamlNode.Type.NOTHING ? "" : parser.getText());
    }

    private void refuseCleverness(final String path) throws IOException {
        if (parser.isCurrentAlias()) {
            violations.add(here(), path, "*" + parser.getText(), "aliases are not supported; write the value out");
        } else if (parser.getObjectId() != null) {
            violations.add(here(), path, "&" + parser.getObjectId(), "anchors are not supported; leave &" + parser.getObjectId()
                + " out");
        } else if (parser.getTypeId() != null) {
            violations.add(here(), path, String.valueOf(parser.getTypeId()), "tags are not supported; leave it out");
        }
    }

    private Position here() {
        return positionOf(parser.currentTokenLocation());
    }

    private static Position positionOf(final JsonLocation location) {
        return location == null ? Position.START : new Position(Math.max(1, location.getLineNr()), Math.max(1, location.getColumnNr()));
    }

    private static Position positionOf(final MarkedYAMLException e) {
        return e.getProblemMark() == null ? Position.START
            : new Position(e.getProblemMark().getLine() + 1, e.getProblemMark().getColumn() + 1);
    }
}
