package io.sluice.dataplane.connection;

import static io.sluice.dataplane.connection.StoredConnections.SEEN_S;
import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.dataplane.api.DataplaneException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A file system of 8 MiB, mounted in a namespace of its own by a child process. Needs root. */
@Tag("netns")
class ConnectionStoreSpaceTest {
    private static final int FITS = 20_000;
    private static final String MOUNT = "mount -t tmpfs -o size=16m tmpfs \"$0\" && exec \"$@\"";

    @TempDir
    private Path directory;

    @Test
    @Timeout(value = 2, unit = TimeUnit.MINUTES)
    void shouldSayThatThereIsNoRoomAndKeepWritingWhenTheDiskFillsUpLater() throws IOException, InterruptedException {
        final Path log = directory.resolve("log");
        final Path mount = Files.createDirectory(directory.resolve("disk"));
        final ProcessBuilder child = StoreWriterProcess.command(ConnectionStoreSpaceTest.class, mount.toString());
        child.command().addAll(0, List.of("unshare", "--mount", "sh", "-c", MOUNT, mount.toString()));
        final Process process = child.redirectErrorStream(true).redirectOutput(log.toFile()).start();
        try {
            assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();
        } finally {
            process.destroyForcibly();
        }
        assertThat(Files.readString(log)).contains("refused: connection table: 200000 connections need up to")
            .contains("Free some space, or lower dataplane.maxConnections").contains("stored " + FITS + " of " + FITS + ", failures 0");
        assertThat(process.exitValue()).isZero();
    }

    /** The child. Argument: a directory on the small file system. */
    public static void main(final String[] arguments) throws IOException {
        final Path mount = Path.of(arguments[0]);
        try {
            ConnectionStore.open(mount.resolve("large"), 200_000, 2, SEEN_S, System.out::println);
        } catch (final DataplaneException e) {
            System.out.println("refused: " + e.getMessage());
        }
        try (ConnectionStore store = ConnectionStore.open(mount.resolve("small"), FITS, 2, SEEN_S, System.out::println)) {
            fillUp(mount.resolve("ballast"));
            for (int i = 0; i < FITS; i++) {
                StoredConnections.put(store, i, 1);
            }
            System.out.println("stored " + store.size() + " of " + FITS + ", failures " + store.statistics().failures());
        }
    }

    private static void fillUp(final Path file) throws IOException {
        final byte[] block = new byte[4096];
        try (OutputStream out = Files.newOutputStream(file)) {
            for (int i = 0; i < 1 << 16; i++) {
                out.write(block);
            }
            throw new AssertionError("the disk does not fill up");
        } catch (final IOException e) {
            System.out.println("the disk is full: " + e.getMessage());
        }
    }
}
