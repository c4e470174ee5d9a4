package io.sluice.control;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;

/** The version of this build. */
public final class Version {
    private Version() {
    }

    /**
     * The version.
     *
     * @return such as {@code 1.2.3}, or {@code unknown} in a build without it
     */
    public static String text() {
        try (InputStream in = Version.class.getResourceAsStream("version")) {
            return in == null ? "unknown" : new String(in.readAllBytes(), StandardCharsets.UTF_8).strip();
        } catch (final IOException e) {
            return "unknown";
        }
    }
}
