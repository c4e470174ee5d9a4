package io.sluice.dataplane.neighbour;

import io.sluice.dataplane.os.Errno;
import io.sluice.dataplane.os.NeighbourSocket;
import io.sluice.dataplane.wire.Address;
import io.sluice.dataplane.wire.Arp;
import io.sluice.dataplane.wire.NeighbourDiscovery;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.Inet4Address;
import java.util.Collection;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Sends probes and announcements for many addresses, one frame each: not more than 64 in a millisecond, which is gentle even to
 * switches that look at ARP by software. What cannot be sent is left out; both kinds are sent more than once.
 *
 * <p>One thread at a time.
 */
final class ClaimSender {
    private static final int FRAMES_AT_ONCE = 64;
    private static final long PAUSE_NS = TimeUnit.MILLISECONDS.toNanos(1);
    private static final int ATTEMPTS = 3;

    private final NeighbourSocket socket;
    private final MemorySegment frame = Arena.ofAuto().allocate(NeighbourDiscovery.ADVERTISEMENT_LENGTH, 8);

    ClaimSender(final NeighbourSocket socket) {
        this.socket = socket;
    }

    /** Asks whether anybody uses these addresses. */
    void probe(final Collection<Claim> claims) {
        int sent = 0;
        for (final Claim claim : claims) {
            pauseAfter(sent++);
            if (claim.address() instanceof Inet4Address) {
                Arp.writeProbe(frame, 0, claim.link().mac(), ipv4(claim));
                send(claim, Arp.FRAME_LENGTH);
            } else {
                NeighbourDiscovery.writeProbe(frame, 0, claim.link().mac(), Address.high(claim.address()), Address.low(claim.address()));
                send(claim, NeighbourDiscovery.PROBE_LENGTH);
            }
        }
    }

    /** Tells everybody that these addresses are here. */
    void announce(final Collection<Claim> claims) {
        int sent = 0;
        for (final Claim claim : claims) {
            pauseAfter(sent++);
            if (claim.address() instanceof Inet4Address) {
                Arp.writeAnnouncement(frame, 0, claim.link().mac(), ipv4(claim));
                send(claim, Arp.FRAME_LENGTH);
            } else {
                NeighbourDiscovery.writeAdvertisement(frame, 0, claim.link().mac(), Address.high(claim.address()),
                    Address.low(claim.address()));
                send(claim, NeighbourDiscovery.ADVERTISEMENT_LENGTH);
            }
        }
    }

    private void send(final Claim claim, final int length) {
        int result = socket.send(claim.link().index(), frame, length);
        for (int i = 1; i < ATTEMPTS && (result == -Errno.EAGAIN || result == -Errno.ENOBUFS); i++) {
            LockSupport.parkNanos(PAUSE_NS);
            result = socket.send(claim.link().index(), frame, length);
        }
    }

    private static void pauseAfter(final int sent) {
        if (sent > 0 && sent % FRAMES_AT_ONCE == 0) {
            LockSupport.parkNanos(PAUSE_NS);
        }
    }

    private static int ipv4(final Claim claim) {
        return (int) Address.low(claim.address());
    }
}
