package io.sluice.dataplane.api;

/** Something the operator has to know: the message says what is wrong, why, and the next step. */
public final class DataplaneException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /**
     * With a message for people.
     *
     * @param message what is wrong, why, and what to do
     */
    public DataplaneException(final String message) {
        super(message);
    }

    /**
     * With a message for people and what led to it.
     *
     * @param message what is wrong, why, and what to do
     * @param cause   the failure underneath
     */
    public DataplaneException(final String message, final Throwable cause) {
        super(message, cause);
    }
}
