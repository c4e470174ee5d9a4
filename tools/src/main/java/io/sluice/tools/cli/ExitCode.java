package io.sluice.tools.cli;

/** How a command went, for scripts. */
public final class ExitCode {
    /** Done. */
    public static final int DONE = 0;
    /** Failed: the message says why. */
    public static final int FAILED = 1;
    /** Wrong arguments. */
    public static final int USAGE = 2;
    /** What was asked for is not there. */
    public static final int NOT_FOUND = 3;
    /** Not possible in the present state: a restart is needed, or the data plane refused. */
    public static final int CONFLICT = 4;
    /** No daemon answers. */
    public static final int UNREACHABLE = 5;

    private ExitCode() {
    }

    /** What an HTTP status means for the caller of a command. */
    static int of(final int status) {
        return switch (status) {
            case 400, 405 -> USAGE;
            case 404 -> NOT_FOUND;
            case 409, 412 -> CONFLICT;
            case 503 -> UNREACHABLE;
            default -> status / 100 == 2 ? DONE : FAILED;
        };
    }
}
