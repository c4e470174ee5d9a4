package io.sluice.dataplane.neighbour;

import io.sluice.dataplane.api.DataplaneException;
import io.sluice.dataplane.neighbour.OwnedTraffic.Listener;
import io.sluice.dataplane.neighbour.OwnedTraffic.LocalRange;
import io.sluice.dataplane.os.Bpf;
import io.sluice.dataplane.os.BpfProgram;
import io.sluice.dataplane.wire.Address;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;

/**
 * The maps of {@code native/tc/owned_drop.bpf.c}: which addresses and ports are ours.
 *
 * <pre>
 *   owned_listeners   key    address(16, network order)  port(2, network order)  protocol(1)  zero(1)     value  4 bytes
 *   owned_addresses   key    address(16, network order)
 *                     value  4 x { first port(2)  last port(2) }, host order, first &gt; last if unused;  echo(4): 1 if pings are ours
 *   dropped           key    0 (4)                                                value  packets(8) of each CPU
 * </pre>
 */
final class OwnedMaps {
    private static final int RANGES = 4;
    private static final int ADDRESS_LENGTH = 16;
    private static final int LISTENER_LENGTH = 20;
    private static final int OWNERSHIP_LENGTH = RANGES * 4 + 4;
    private static final Path POSSIBLE_CPUS = Path.of("/sys/devices/system/cpu/possible");

    private final Bpf bpf;
    private final int listenerMap;
    private final int addressMap;
    private final int droppedMap;
    private final int possibleCpus = possibleCpus();
    private final Set<ByteBuffer> listeners = new HashSet<>();
    private final Map<ByteBuffer, ByteBuffer> addresses = new HashMap<>();

    OwnedMaps(final Bpf bpf, final BpfProgram program) {
        this.bpf = bpf;
        this.listenerMap = program.map("owned_listeners");
        this.addressMap = program.map("owned_addresses");
        this.droppedMap = program.map("dropped");
    }

    /**
     * Makes the maps hold exactly this. What stays is never missing in between.
     *
     * @throws DataplaneException                if an address has more than four port ranges
     * @throws io.sluice.dataplane.os.BpfException if the kernel refuses
     */
    void set(final Collection<Listener> wantedListeners, final Collection<LocalRange> localRanges) {
        final Set<ByteBuffer> freshListeners = new HashSet<>();
        final Map<InetAddress, Set<LocalRange>> ranges = new HashMap<>();
        final Set<InetAddress> echo = new HashSet<>();
        for (final Listener listener : wantedListeners) {
            freshListeners.add(key(listener));
            echo.add(listener.address());
            ranges.computeIfAbsent(listener.address(), fresh -> new LinkedHashSet<>());
        }
        for (final LocalRange range : localRanges) {
            ranges.computeIfAbsent(range.address(), fresh -> new LinkedHashSet<>()).add(range);
        }
        final Map<ByteBuffer, ByteBuffer> freshAddresses = new HashMap<>();
        ranges.forEach((address, ports) ->
            freshAddresses.put(key(address, ADDRESS_LENGTH), ownership(address, ports, echo.contains(address))));
        apply(freshListeners, freshAddresses);
    }

    long dropped() {
        final byte[] counts = bpf.lookup(droppedMap, new byte[Integer.BYTES], possibleCpus * Long.BYTES);
        final ByteBuffer perCpu = ByteBuffer.wrap(counts).order(ByteOrder.nativeOrder());
        long sum = 0;
        while (perCpu.hasRemaining()) {
            sum += perCpu.getLong();
        }
        return sum;
    }

    private void apply(final Set<ByteBuffer> freshListeners, final Map<ByteBuffer, ByteBuffer> freshAddresses) {
        // An address is looked up before its listeners, so listeners come first and go last.
        for (final ByteBuffer listener : freshListeners) {
            if (listeners.add(listener)) {
                bpf.update(listenerMap, listener.array(), new byte[] {1, 0, 0, 0});
            }
        }
        freshAddresses.forEach((address, ownership) -> {
            if (!ownership.equals(addresses.put(address, ownership))) {
                bpf.update(addressMap, address.array(), ownership.array());
            }
        });
        addresses.keySet().removeIf(address -> !freshAddresses.containsKey(address) && forget(addressMap, address));
        listeners.removeIf(listener -> !freshListeners.contains(listener) && forget(listenerMap, listener));
    }

    private boolean forget(final int map, final ByteBuffer key) {
        bpf.delete(map, key.array());
        return true;
    }

    private static ByteBuffer key(final Listener listener) {
        return key(listener.address(), LISTENER_LENGTH).putShort(ADDRESS_LENGTH, (short) listener.port())
            .put(ADDRESS_LENGTH + 2, (byte) listener.protocol().number());
    }

    private static ByteBuffer key(final InetAddress address, final int length) {
        return ByteBuffer.allocate(length).putLong(0, Address.high(address)).putLong(8, Address.low(address));
    }

    private static ByteBuffer ownership(final InetAddress address, final Set<LocalRange> ranges, final boolean echo) {
        if (ranges.size() > RANGES) {
            throw new DataplaneException("local address " + address.getHostAddress() + " has " + ranges.size() + " port ranges, but "
                + RANGES + " at most are possible. Join ranges, or use another address");
        }
        final ByteBuffer value = ByteBuffer.allocate(OWNERSHIP_LENGTH).order(ByteOrder.nativeOrder());
        for (final LocalRange range : ranges) {
            value.putShort((short) range.firstPort()).putShort((short) range.lastPort());
        }
        while (value.position() < RANGES * 4) {
            value.putShort((short) 1).putShort((short) 0);
        }
        return value.putInt(echo ? 1 : 0).rewind();
    }

    /** The kernel writes one value for every CPU that there could be: a list such as {@code 0-3,8-11}. */
    private static int possibleCpus() {
        try {
            final String list = Files.readString(POSSIBLE_CPUS).strip();
            return Integer.parseInt(list.substring(Math.max(list.lastIndexOf('-'), list.lastIndexOf(',')) + 1)) + 1;
        } catch (final IOException e) {
            throw new UncheckedIOException("cannot read " + POSSIBLE_CPUS, e);
        }
    }
}
