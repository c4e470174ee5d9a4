package io.sluice.dataplane;

import io.sluice.dataplane.api.DataplaneException;
import io.sluice.dataplane.classify.LaneHash;
import io.sluice.dataplane.nat.SequenceGenerator;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;

/**
 * The directory in which everything lives that outlasts the process: the connection table, the counters, the key of initial
 * sequence numbers.
 */
final class StateDirectory {
    private static final String KEY_FILE = "isn.key";
    private static final int KEY_LENGTH = 16;

    private final Path directory;

    private StateDirectory(final Path directory) {
        this.directory = directory;
    }

    /**
     * Makes sure that the directory is there and can be written.
     *
     * @throws DataplaneException if not
     */
    static StateDirectory open(final Path directory) {
        try {
            Files.createDirectories(directory);
        } catch (final IOException e) {
            throw new DataplaneException("cannot make the state directory " + directory + ": " + e
                + ". Set node.stateDirectory to a place that this process may write.", e);
        }
        if (!Files.isWritable(directory)) {
            throw new DataplaneException("the state directory " + directory + " cannot be written."
                + " Change its rights, or set node.stateDirectory to a place that this process may write.");
        }
        return new StateDirectory(directory);
    }

    Path path() {
        return directory;
    }

    /** The generator of initial sequence numbers with this node's key. */
    SequenceGenerator sequences() {
        final ByteBuffer key = key();
        return new SequenceGenerator(key.getLong(), key.getLong());
    }

    /** The hash that deals flows out to lanes, with a key of this node: after a restart every client is with the same lane. */
    LaneHash laneHash() {
        final ByteBuffer key = key();
        return new LaneHash(Long.reverse(key.getLong()) ^ key.getLong());
    }

    /** This node's key, which is made at the first start. */
    private ByteBuffer key() {
        final Path file = directory.resolve(KEY_FILE);
        try {
            byte[] key = Files.exists(file) ? Files.readAllBytes(file) : new byte[0];
            if (key.length != KEY_LENGTH) {
                key = new byte[KEY_LENGTH];
                new SecureRandom().nextBytes(key);
                write(file, key);
            }
            return ByteBuffer.wrap(key);
        } catch (final IOException e) {
            throw new DataplaneException("cannot read or make " + file + ": " + e, e);
        }
    }

    private void write(final Path file, final byte[] key) throws IOException {
        final Path temporary = Files.createTempFile(directory, KEY_FILE, ".new",
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.write(temporary, key);
        Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
    }
}
