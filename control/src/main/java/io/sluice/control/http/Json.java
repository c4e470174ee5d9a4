package io.sluice.control.http;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import io.helidon.http.HeaderNames;
import io.helidon.webserver.http.ServerResponse;
import java.nio.charset.StandardCharsets;

/** Bodies of responses, most of them JSON. Thread-safe. */
final class Json {
    private static final ObjectMapper MAPPER = new ObjectMapper()
        .enable(SerializationFeature.INDENT_OUTPUT);

    private Json() {
    }

    /** Sends records, maps, lists, texts and numbers, with a length, so that any client can read it. */
    static void send(final ServerResponse response, final Object body) {
        send(response, "application/json", body);
    }

    static void send(final ServerResponse response, final String contentType, final Object body) {
        send(response, contentType, bytes(body));
    }

    /** Sends text that is no JSON. */
    static void sendText(final ServerResponse response, final String contentType, final String text) {
        send(response, contentType, text.getBytes(StandardCharsets.UTF_8));
    }

    private static void send(final ServerResponse response, final String contentType, final byte[] body) {
        response.header(HeaderNames.CONTENT_TYPE, contentType);
        Transfer.bounded(() -> {
            response.send(body);
            return null;
        });
    }

    static byte[] bytes(final Object body) {
        try {
            return (MAPPER.writeValueAsString(body) + "\n").getBytes(StandardCharsets.UTF_8);
        } catch (final JsonProcessingException e) {
            throw new IllegalStateException("a body that cannot be written as JSON: " + body.getClass(), e);
        }
    }
}
