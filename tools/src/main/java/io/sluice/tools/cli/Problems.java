package io.sluice.tools.cli;

/** Problem documents (RFC 9457) into words. */
final class Problems {
    private Problems() {
    }

    /** Passes a success on; throws what the daemon says otherwise. The file is named before violations, as compilers do. */
    static HttpResponse check(final HttpResponse response, final String file) {
        final int code = ExitCode.of(response.status());
        if (code == ExitCode.DONE) {
            return response;
        }
        if (response.body().length == 0) {
            throw new CommandFailure(code, "the daemon refuses the request with HTTP status " + response.status());
        }
        throw new CommandFailure(code, describe(Json.parse(response), file));
    }

    private static String describe(final Json problem, final String file) {
        final StringBuilder words = new StringBuilder(problem.text("title"));
        if (!problem.text("detail").isEmpty()) {
            words.append(": ").append(problem.text("detail"));
        }
        for (final Json violation : problem.list("violations")) {
            words.append('\n').append(file).append(':').append(violation.number("line")).append(':')
                .append(violation.number("column")).append(": ");
            if (!violation.text("path").isEmpty()) {
                words.append(violation.text("path")).append(": ");
            }
            words.append(violation.text("message"));
        }
        return words.toString();
    }
}
