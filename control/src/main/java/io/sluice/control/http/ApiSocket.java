package io.sluice.control.http;

import io.sluice.dataplane.api.DataplaneException;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.channels.SocketChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;

/**
 * The right to listen on a socket path, held by a lock file beside it that the kernel frees when the process ends, however it
 * ends. So a file that a killed process left is replaced, and a live daemon's socket is never taken away.
 */
public final class ApiSocket implements AutoCloseable {
    private final Path path;
    private final FileChannel lockFile;

    private ApiSocket(final Path path, final FileChannel lockFile) {
        this.path = path;
        this.lockFile = lockFile;
    }

    /**
     * Claims a path, and removes what a killed process left there.
     *
     * @param path absolute path of the socket; its directory is made if need be
     * @return the claim
     * @throws DataplaneException with what is in the way and what to do
     */
    public static ApiSocket claim(final Path path) {
        FileChannel lockFile = null;
        try {
            Files.createDirectories(path.getParent());
            lockFile = FileChannel.open(path.resolveSibling(path.getFileName() + ".lock"), StandardOpenOption.CREATE,
                StandardOpenOption.WRITE);
            if (!isLocked(lockFile) || isAnswered(path)) {
                throw new DataplaneException("another Sluice answers on " + path + ". Stop it first (systemctl stop sluice), or "
                    + "give this one its own node.socket and node.stateDirectory");
            }
            if (Files.exists(path, LinkOption.NOFOLLOW_LINKS) && !isSocket(path)) {
                throw new DataplaneException(path + " exists and is no socket. Move it away, or set node.socket to another path");
            }
            Files.deleteIfExists(path);
            return new ApiSocket(path, lockFile);
        } catch (final AccessDeniedException e) {
            close(lockFile);
            throw new DataplaneException("no permission to make the API socket " + path + " (" + e.getFile()
                + "). Run Sluice as root, or set node.socket to a path that this user may write", e);
        } catch (final IOException e) {
            close(lockFile);
            throw new DataplaneException("cannot make the API socket " + path + ": " + e + ". Set node.socket to another path", e);
        } catch (final DataplaneException e) {
            close(lockFile);
            throw e;
        }
    }

    /**
     * The path that was claimed.
     *
     * @return absolute path
     */
    public Path path() {
        return path;
    }

    /** Lets the group use the socket, and nobody else; to be called as soon as it is bound. */
    void restrict() throws IOException {
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-rw----"));
    }

    /** Removes the socket and gives the path back. */
    @Override
    public void close() {
        try {
            Files.deleteIfExists(path);
        } catch (final IOException e) {
            // It stays behind as after a kill, and the next start removes it.
        }
        close(lockFile);
    }

    private static boolean isLocked(final FileChannel lockFile) throws IOException {
        try {
            final FileLock lock = lockFile.tryLock();
            return lock != null;
        } catch (final OverlappingFileLockException e) {
            return false;
        }
    }

    /** A program that knows nothing of our lock may listen there too. */
    private static boolean isAnswered(final Path path) {
        try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(path))) {
            return channel.isConnected();
        } catch (final IOException e) {
            return false;
        }
    }

    private static boolean isSocket(final Path path) throws IOException {
        final int type = (int) Files.getAttribute(path, "unix:mode", LinkOption.NOFOLLOW_LINKS) & 0170000;
        return type == 0140000;
    }

    private static void close(final FileChannel lockFile) {
        if (lockFile != null) {
            try {
                lockFile.close();
            } catch (final IOException e) {
                // The kernel frees the lock with the process.
            }
        }
    }
}
