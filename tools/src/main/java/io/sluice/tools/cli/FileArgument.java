package io.sluice.tools.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** A configuration file named on the command line. */
final class FileArgument {
    private FileArgument() {
    }

    /** The bytes of a file; {@code -} is standard input. */
    static byte[] read(final String name) {
        try {
            return "-".equals(name) ? System.in.readAllBytes() : Files.readAllBytes(Path.of(name));
        } catch (final NoSuchFileException e) {
            throw new CommandFailure(ExitCode.NOT_FOUND, "there is no file " + name);
        } catch (final IOException e) {
            throw new CommandFailure(ExitCode.FAILED, "cannot read " + name + ": " + e.getMessage());
        }
    }

    /** The name for messages. */
    static String shown(final String name) {
        return "-".equals(name) ? "(standard input)" : name;
    }
}
