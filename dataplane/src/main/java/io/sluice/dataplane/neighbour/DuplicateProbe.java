package io.sluice.dataplane.neighbour;

import io.sluice.dataplane.os.NeighbourSocket;
import io.sluice.dataplane.wire.Address;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Asks the links whether another host uses an address: three ARP probes (RFC 5227), or three neighbour solicitations from
 * {@code ::} (RFC 4862), 100 ms apart. All addresses are asked for together, so it takes 0.3 s however many they are. The RFCs wait
 * longer between probes, for hosts that slept and bridges that learn; an operator who restarts a load balancer would not.
 *
 * <p>The kernel's own detection for IPv6 is not used: an address cannot be used while it runs, and an address that lost stays on the
 * interface as a dead one.
 *
 * <p>One thread at a time.
 */
final class DuplicateProbe {
    private static final int PROBES = 3;
    private static final long INTERVAL_NS = TimeUnit.MILLISECONDS.toNanos(100);
    /** More than any frame that is looked at needs: an advertisement with some options. */
    private static final int FRAME_LENGTH = 512;

    private final NeighbourSocket socket;
    private final ClaimSender sender;
    private final LongSupplier clockNs;
    private final MemorySegment frame = Arena.ofAuto().allocate(FRAME_LENGTH, 8);

    /**
     * A probe.
     *
     * @param socket  at rest
     * @param sender  over the same socket
     * @param clockNs real time: replies need it
     */
    DuplicateProbe(final NeighbourSocket socket, final ClaimSender sender, final LongSupplier clockNs) {
        this.socket = socket;
        this.sender = sender;
        this.clockNs = clockNs;
    }

    /** What a claim and a rival's message have in common. */
    private record Subject(int interfaceIndex, long high, long low) {
        static Subject of(final Claim claim) {
            return new Subject(claim.link().index(), Address.high(claim.address()), Address.low(claim.address()));
        }
    }

    /**
     * Asks and listens.
     *
     * @param claims  on links that are up and have neighbours
     * @param ownMacs of all interfaces of this host, whose answers do not count
     * @return the claims that another host makes too, and its link-layer address
     * @throws io.sluice.dataplane.os.SystemCallException if the kernel does not let us listen
     */
    Map<Claim, Long> ask(final Collection<Claim> claims, final Set<Long> ownMacs) {
        final Map<Claim, Long> taken = new HashMap<>();
        final Map<Subject, Claim> open = new HashMap<>();
        claims.forEach(claim -> open.put(Subject.of(claim), claim));
        socket.listen();
        try {
            for (int i = 0; i < PROBES && !open.isEmpty(); i++) {
                sender.probe(List.copyOf(open.values()));
                hear(open, ownMacs, taken);
            }
        } finally {
            socket.rest();
        }
        return taken;
    }

    private void hear(final Map<Subject, Claim> open, final Set<Long> ownMacs, final Map<Claim, Long> taken) {
        final long untilNs = clockNs.getAsLong() + INTERVAL_NS;
        long leftNs = INTERVAL_NS;
        while (leftNs > 0 && !open.isEmpty()) {
            final int length = socket.receive(frame);
            if (length == NeighbourSocket.NOTHING) {
                socket.await(leftNs);
            } else {
                final Rival rival = Rival.read(frame, length);
                if (rival != null && !ownMacs.contains(rival.mac())) {
                    final Claim claim = open.remove(new Subject(socket.receivedBy(), rival.high(), rival.low()));
                    if (claim != null) {
                        taken.put(claim, rival.mac());
                    }
                }
            }
            leftNs = untilNs - clockNs.getAsLong();
        }
    }
}
