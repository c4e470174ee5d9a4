package io.sluice.tools.cli;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** JSON as maps, lists, texts, longs and booleans; without the data binding library, which takes longer to load than to use. */
final class Json {
    private final Map<String, Object> members;

    private Json(final Map<String, Object> members) {
        this.members = members;
    }

    static Json parse(final HttpResponse response) {
        try (JsonParser parser = new JsonFactory().createParser(response.body())) {
            parser.nextToken();
            return cast(value(parser));
        } catch (final IOException | ClassCastException e) {
            throw new CommandFailure(ExitCode.FAILED, "the answer is not understood; are the daemon and this command of one version?");
        }
    }

    /** A value as text; empty where there is none. */
    String text(final String name) {
        final Object value = members.get(name);
        return value == null ? "" : value.toString();
    }

    long number(final String name) {
        return members.get(name) instanceof Number number ? number.longValue() : 0;
    }

    boolean truth(final String name) {
        return Boolean.TRUE.equals(members.get(name));
    }

    /** A list of objects; empty where there is none. */
    List<Json> list(final String name) {
        return members.get(name) instanceof List<?> list ? list.stream().map(Json::cast).toList() : List.of();
    }

    /** A list of texts; empty where there is none. */
    List<String> texts(final String name) {
        return members.get(name) instanceof List<?> list ? list.stream().map(String::valueOf).toList() : List.of();
    }

    private static Json cast(final Object value) {
        final Map<String, Object> members = new LinkedHashMap<>();
        ((Map<?, ?>) value).forEach((key, member) -> members.put((String) key, member));
        return new Json(members);
    }

    private static Object value(final JsonParser parser) throws IOException {
        return switch (parser.currentToken()) {
            case START_OBJECT -> {
                final Map<String, Object> members = new LinkedHashMap<>();
                while (parser.nextToken() == JsonToken.FIELD_NAME) {
                    final String name = parser.currentName();
                    parser.nextToken();
                    members.put(name, value(parser));
                }
                yield members;
            }
            case START_ARRAY -> {
                final List<Object> items = new ArrayList<>();
                while (parser.nextToken() != JsonToken.END_ARRAY) {
                    items.add(value(parser));
                }
                yield items;
            }
            case VALUE_TRUE -> Boolean.TRUE;
            case VALUE_FALSE -> Boolean.FALSE;
            case VALUE_NUMBER_INT -> parser.getLongValue();
            case null -> throw new IOException("the answer is empty");
            default -> parser.getText();
        };
    }
}
