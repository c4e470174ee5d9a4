package io.sluice.dataplane.connection;

import io.sluice.dataplane.api.DataplaneException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.function.Consumer;

/**
 * The directory of a table of record that this process has for itself and has not opened yet. Who has it may touch what belongs
 * to the node (interfaces, addresses, counters), while the files are being opened on another thread.
 */
public final class StoreClaim {
    private final Path directory;
    private final StoreDirectory locked;

    private StoreClaim(final Path directory, final StoreDirectory locked) {
        this.directory = directory;
        this.locked = locked;
    }

    /**
     * Claims a directory, without waiting.
     *
     * @param directory where the table is or shall be
     * @return to be opened
     * @throws DataplaneException if another process has it, or if it cannot be written
     */
    public static StoreClaim of(final Path directory) {
        try {
            return new StoreClaim(directory, StoreDirectory.lock(directory));
        } catch (final IOException e) {
            throw unusable(directory, e);
        }
    }

    /**
     * Opens the table, see {@link ConnectionStore#open}. Once only; the claim is given up when that fails, or when the table is closed.
     *
     * @param maxConnections limit, 1 or more
     * @param shards         number of files, 1 to 64
     * @param nowEpochS      seconds since 1970, for the names of damaged files put aside
     * @param messages       takes sentences for the operator
     * @return the open table
     * @throws DataplaneException if a newer version wrote it, if there is no room on disk, if recovery does not end in time, or if the
     *                            directory cannot be read and written
     */
    public ConnectionStore open(final int maxConnections, final int shards, final long nowEpochS, final Consumer<String> messages) {
        try {
            if (maxConnections < 1 || shards < 1 || shards > StoreJournal.MAX_SHARDS) {
                throw new IllegalArgumentException("maxConnections " + maxConnections + " must be at least 1, shards " + shards
                    + " between 1 and " + StoreJournal.MAX_SHARDS);
            }
            return ConnectionStore.open(locked, maxConnections, shards, nowEpochS, messages);
        } catch (final StoreRecovery.RecoveryTimeout e) {
            // The lock stays: recovery threads still write to the files until this process ends.
            throw new DataplaneException(e.getMessage(), e);
        } catch (final IOException e) {
            giveUp(e);
            throw unusable(directory, e);
        } catch (final RuntimeException | Error e) {
            giveUp(e);
            throw e;
        }
    }

    private void giveUp(final Throwable because) {
        try {
            locked.close();
        } catch (final IOException e) {
            because.addSuppressed(e);
        }
    }

    private static DataplaneException unusable(final Path directory, final IOException e) {
        return new DataplaneException("connection table: " + directory + " cannot be used: " + e
            + ". Check that it is a directory this process may write to, on a disk with free space", e);
    }
}
