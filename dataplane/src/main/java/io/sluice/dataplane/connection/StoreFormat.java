package io.sluice.dataplane.connection;

import io.sluice.dataplane.api.DataplaneException;
import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.zip.CRC32C;
import net.openhft.chronicle.map.ChronicleMap;

/**
 * What the files of a generation look like: the content of {@code store.properties}. Replacing that file is the one step by which a
 * new generation takes the place of an old one.
 *
 * @param chronicle   version of Chronicle Map that made the files
 * @param capacity    connections all files hold together
 * @param shards      number of files
 * @param generation  number in the name of the directory that holds the files
 * @param fileBytes   size of each file
 * @param headerBytes how much of each file, from its start, is the same in all files of a generation when empty
 * @param headerCrc   CRC-32C of that start
 */
record StoreFormat(String chronicle, int capacity, int shards, int generation, long fileBytes, int headerBytes, int headerCrc) {
    /** The file's name. */
    static final String FILE = "store.properties";

    /** Layout of directory, journal, key and value; a record has its own format number. */
    private static final int STORE_FORMAT = 2;
    private static final String CHECK = "check=";

    /**
     * The version of Chronicle Map on the class path.
     *
     * @return its version, or unknown
     */
    static String chronicleVersion() {
        final String version = ChronicleMap.class.getPackage().getImplementationVersion();
        return version == null ? "unknown" : version;
    }

    /**
     * Whether files of this format can be used as they are.
     *
     * @param wantedCapacity configured capacity
     * @param wantedShards   configured number of files
     * @return false if the connections have to move to new files
     */
    boolean fits(final int wantedCapacity, final int wantedShards) {
        return capacity == wantedCapacity && shards == wantedShards && chronicle.equals(chronicleVersion());
    }

    /**
     * Reads the format of an existing store.
     *
     * @param directory the store
     * @return empty if the file is absent or damaged
     * @throws DataplaneException if a newer version of Sluice wrote it
     * @throws IOException        if it cannot be read
     */
    static Optional<StoreFormat> read(final Path directory) throws IOException {
        final Path file = directory.resolve(FILE);
        if (!Files.isRegularFile(file)) {
            return Optional.empty();
        }
        final String text = new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
        final int end = text.lastIndexOf(CHECK);
        if (end < 0 || !text.substring(end).strip().equals(CHECK + Integer.toHexString(crc(text.substring(0, end))))) {
            return Optional.empty();
        }
        final Properties properties = new Properties();
        properties.load(new StringReader(text));
        refuseUnknown(file, "storeFormat", properties, STORE_FORMAT);
        refuseUnknown(file, "recordFormat", properties, ConnectionRecord.FORMAT);
        try {
            return Optional.of(of(properties));
        } catch (final NumberFormatException e) {
            return Optional.empty();
        }
    }

    /**
     * Makes this the format of the store, in one step.
     *
     * @param directory the store
     * @throws IOException if it cannot be written
     */
    void write(final Path directory) throws IOException {
        final List<String> lines = new ArrayList<>();
        lines.add("# The connection table: what its files look like. Written by Sluice, not meant to be edited.");
        lines.add("storeFormat=" + STORE_FORMAT);
        lines.add("recordFormat=" + ConnectionRecord.FORMAT);
        lines.add("chronicleMap=" + chronicle);
        lines.add("capacity=" + capacity);
        lines.add("shards=" + shards);
        lines.add("generation=" + generation);
        lines.add("fileBytes=" + fileBytes);
        lines.add("headerBytes=" + headerBytes);
        lines.add("headerCrc=" + headerCrc);
        final String text = String.join("\n", lines) + "\n";
        StoreDirectory.replace(directory.resolve(FILE), text + CHECK + Integer.toHexString(crc(text)) + "\n");
    }

    private static StoreFormat of(final Properties properties) {
        return new StoreFormat(properties.getProperty("chronicleMap", "unknown"), number(properties, "capacity"),
            number(properties, "shards"), number(properties, "generation"), Long.parseLong(properties.getProperty("fileBytes")),
            number(properties, "headerBytes"), number(properties, "headerCrc"));
    }

    private static int number(final Properties properties, final String name) {
        return Integer.parseInt(properties.getProperty(name));
    }

    private static void refuseUnknown(final Path file, final String name, final Properties properties, final int known) {
        final String value = properties.getProperty(name);
        if (!Integer.toString(known).equals(value)) {
            throw new DataplaneException("connection table: " + file + " says " + name + "=" + value
                + ", this version reads only " + known
                + ". Nothing was changed. Start the version that wrote it, or move the directory away to begin with no connections");
        }
    }

    private static int crc(final String text) {
        final CRC32C crc = new CRC32C();
        crc.update(text.getBytes(StandardCharsets.ISO_8859_1));
        return (int) crc.getValue();
    }
}
