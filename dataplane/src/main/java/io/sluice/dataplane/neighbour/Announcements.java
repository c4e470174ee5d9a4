package io.sluice.dataplane.neighbour;

import java.net.InetAddress;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Tells the links which addresses are here, so that hosts which knew them elsewhere change their mind at once: a gratuitous ARP
 * request (RFC 5227, 2.3), or an unsolicited neighbour advertisement (RFC 4861, 7.2.6), and another one two seconds later. Again
 * when the interface comes back up, is made again, or changes its link-layer address.
 *
 * <p>One thread at a time.
 */
final class Announcements {
    private static final int TIMES = 2;
    private static final long INTERVAL_NS = TimeUnit.SECONDS.toNanos(2);

    private final ClaimSender sender;
    private final Map<InetAddress, Announcement> announcements = new HashMap<>();

    Announcements(final ClaimSender sender) {
        this.sender = sender;
    }

    /** How often an address is still to be announced, and when next. */
    private record Announcement(Claim claim, int left, long atNs) {
        boolean isDue(final long nowNs) {
            return left > 0 && nowNs - atNs >= 0;
        }

        Announcement next(final long nowNs) {
            return new Announcement(claim, left - 1, nowNs + INTERVAL_NS);
        }
    }

    /**
     * Announces what is new among the addresses that are installed, and what is due again.
     *
     * @param installed on links that are up; what is not among them counts as new when it comes back
     * @param nowNs     time
     */
    void follow(final Collection<Claim> installed, final long nowNs) {
        final Map<InetAddress, Announcement> before = Map.copyOf(announcements);
        announcements.clear();
        for (final Claim claim : installed) {
            final Announcement known = before.get(claim.address());
            if (claim.hasNeighbours()) {
                announcements.put(claim.address(), known != null && isSame(known.claim(), claim) ? known
                    : new Announcement(claim, TIMES, nowNs));
            }
        }
        sender.announce(announcements.values().stream().filter(each -> each.isDue(nowNs)).map(Announcement::claim).toList());
        announcements.replaceAll((address, each) -> each.isDue(nowNs) ? each.next(nowNs) : each);
    }

    /** Whether it is time to announce something again. */
    boolean isDue(final long nowNs) {
        return announcements.values().stream().anyMatch(each -> each.isDue(nowNs));
    }

    private static boolean isSame(final Claim known, final Claim claim) {
        return known.link().index() == claim.link().index() && known.link().mac() == claim.link().mac();
    }
}
