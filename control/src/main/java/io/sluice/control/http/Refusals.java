package io.sluice.control.http;

import io.helidon.http.DirectHandler;
import io.helidon.http.HeaderNames;
import io.helidon.http.ServerResponseHeaders;
import io.helidon.http.Status;
import io.helidon.webserver.http.DirectHandlers;
import java.util.List;

/** What Helidon refuses before any route is asked, as the same problem documents that the routes send. */
final class Refusals {
    private Refusals() {
    }

    static DirectHandlers handlers() {
        final DirectHandlers.Builder handlers = DirectHandlers.builder();
        for (final DirectHandler.EventType type : DirectHandler.EventType.values()) {
            handlers.addHandler(type, (request, event, status, headers, message) -> refuse(event, status, headers, message));
        }
        return handlers.build();
    }

    private static DirectHandler.TransportResponse refuse(final DirectHandler.EventType event, final Status status,
                                                          final ServerResponseHeaders headers, final String message) {
        final String detail = event == DirectHandler.EventType.PAYLOAD_TOO_LARGE ? "the body is larger than a configuration may be"
            : "this is not HTTP as Sluice understands it (" + message + "); characters like [ and ] are written %5B and %5D in a query";
        headers.set(HeaderNames.CONTENT_TYPE, ProblemException.CONTENT_TYPE);
        return DirectHandler.TransportResponse.builder()
            .status(status)
            .headers(headers)
            .keepAlive(false)
            .entity(Json.bytes(new ProblemException(status.code(), status.reasonPhrase(), detail, List.of()).document()))
            .build();
    }
}
