package io.sluice.dataplane.neighbour;

import io.sluice.dataplane.api.DataplaneException;
import io.sluice.dataplane.wire.Address;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * The file {@code installed-addresses}: which addresses Sluice has put on which interface, one {@code ADDRESS INTERFACE} a
 * line. Written before an address is added and after it is removed, so that after a crash it names at least what is there.
 */
final class InstalledAddresses {
    private static final String NAME = "installed-addresses";
    /** Only literal addresses: nothing in the file may cause a look-up of a name. */
    private static final Pattern LINE = Pattern.compile("([0-9a-fA-F.:]+) (\\S{1,15})");

    private final Path file;
    private final Map<InetAddress, String> interfaces = new LinkedHashMap<>();

    /**
     * Reads the file, if there is one.
     *
     * @param directory state directory, which exists
     * @throws DataplaneException if it cannot be read
     */
    InstalledAddresses(final Path directory) {
        this.file = directory.resolve(NAME);
        try {
            if (Files.exists(file)) {
                Files.readAllLines(file).forEach(this::parse);
            }
        } catch (final IOException e) {
            throw new DataplaneException("cannot read " + file + ", which names the addresses that Sluice has installed: " + e
                + ". Make it readable, or delete it and remove those addresses by hand", e);
        }
    }

    Map<InetAddress, String> interfaces() {
        return Map.copyOf(interfaces);
    }

    String interfaceOf(final InetAddress address) {
        return interfaces.get(address);
    }

    void put(final InetAddress address, final String interfaceName) {
        if (!interfaceName.equals(interfaces.put(address, interfaceName))) {
            write();
        }
    }

    void remove(final InetAddress address) {
        if (interfaces.remove(address) != null) {
            write();
        }
    }

    private void parse(final String line) {
        final var matcher = LINE.matcher(line);
        if (matcher.matches()) {
            try {
                interfaces.put(InetAddress.getByName(matcher.group(1)), matcher.group(2));
            } catch (final UnknownHostException e) {
                // A damaged line names no address, so nothing can be removed by it.
                return;
            }
        }
    }

    private void write() {
        final StringBuilder text = new StringBuilder();
        interfaces.forEach((address, name) -> text.append(Address.toString(Address.high(address), Address.low(address)))
            .append(' ').append(name).append('\n'));
        final Path fresh = file.resolveSibling(NAME + ".new");
        try {
            Files.writeString(fresh, text);
            try (FileChannel channel = FileChannel.open(fresh, StandardOpenOption.WRITE)) {
                channel.force(true);
            }
            Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (final IOException e) {
            throw new DataplaneException("cannot write " + file + ": " + e
                + ". Sluice adds no address that it could not remove later. Make the state directory writable", e);
        }
    }
}
