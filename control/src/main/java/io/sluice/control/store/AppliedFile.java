package io.sluice.control.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Optional;

/**
 * {@code applied.yaml} in the state directory: the text of the configuration in force, for people, and to notice at the next
 * start that the file on disk is another one. Never loaded by itself.
 */
public final class AppliedFile {
    private static final String NAME = "applied.yaml";

    private final Path path;

    /**
     * The file of a state directory.
     *
     * @param stateDirectory the directory; it is made if need be
     */
    public AppliedFile(final Path stateDirectory) {
        path = stateDirectory.resolve(NAME);
    }

    /**
     * Where it is.
     *
     * @return path of the file
     */
    public Path path() {
        return path;
    }

    /**
     * What was written last.
     *
     * @return the text, or empty if there is none that can be read
     */
    public Optional<String> read() {
        try {
            return Optional.of(Files.readString(path));
        } catch (final IOException e) {
            return Optional.empty();
        }
    }

    /**
     * Replaces the file, whole or not at all, and on the disk before this returns: written beside it, synced, renamed.
     *
     * @param yaml the text
     * @throws IOException if that fails; the old file is still there
     */
    void write(final String yaml) throws IOException {
        final Path directory = path.getParent();
        Files.createDirectories(directory);
        final Path temporary = directory.resolve(NAME + ".new");
        try (FileChannel channel = FileChannel.open(temporary, StandardOpenOption.CREATE, StandardOpenOption.WRITE,
            StandardOpenOption.TRUNCATE_EXISTING)) {
            final ByteBuffer bytes = ByteBuffer.wrap(yaml.getBytes(StandardCharsets.UTF_8));
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
            channel.force(true);
        }
        Files.move(temporary, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }
}
