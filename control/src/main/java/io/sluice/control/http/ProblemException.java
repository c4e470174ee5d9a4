package io.sluice.control.http;

import io.helidon.webserver.http.ServerResponse;
import io.sluice.control.yaml.Violation;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A request that is answered with a problem document (RFC 9457). */
final class ProblemException extends RuntimeException {
    static final String CONTENT_TYPE = "application/problem+json";
    private static final long serialVersionUID = 1L;

    private final int status;
    private final String title;
    private final transient List<Violation> violations;

    ProblemException(final int status, final String title, final String detail, final List<Violation> violations) {
        super(detail, null, false, false);
        this.status = status;
        this.title = title;
        this.violations = List.copyOf(violations);
    }

    static ProblemException badRequest(final String detail) {
        return new ProblemException(400, "the request is not understood", detail, List.of());
    }

    void send(final ServerResponse response) {
        response.status(status);
        Json.send(response, CONTENT_TYPE, document());
    }

    /** The document itself. */
    Map<String, Object> document() {
        final Map<String, Object> document = new LinkedHashMap<>();
        document.put("type", "about:blank");
        document.put("title", title);
        document.put("status", status);
        document.put("detail", getMessage());
        if (!violations.isEmpty()) {
            document.put("violations", violations.stream().map(ProblemException::view).toList());
        }
        return document;
    }

    private static Map<String, Object> view(final Violation violation) {
        final Map<String, Object> view = new LinkedHashMap<>();
        view.put("path", violation.path());
        view.put("line", violation.position().line());
        view.put("column", violation.position().column());
        view.put("value", violation.value());
        view.put("message", violation.message());
        return view;
    }
}
