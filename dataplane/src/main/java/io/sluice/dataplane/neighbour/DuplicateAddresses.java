package io.sluice.dataplane.neighbour;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

/**
 * Which addresses other hosts use, and when to ask again. Two hosts that want the same address and ask at the same moment both see
 * a conflict, so each waits a random while longer than {@value #AGAIN_AFTER_S} s.
 *
 * <p>One thread at a time.
 */
final class DuplicateAddresses {
    static final int AGAIN_AFTER_S = 10;
    private static final long AGAIN_AFTER_NS = TimeUnit.SECONDS.toNanos(AGAIN_AFTER_S);
    private static final long SPREAD_NS = TimeUnit.SECONDS.toNanos(2);

    private static final long NOBODY = -1;

    private final DuplicateProbe probe;
    private final Map<Claim, Answer> answers = new HashMap<>();

    DuplicateAddresses(final DuplicateProbe probe) {
        this.probe = probe;
    }

    /** Who uses an address, and until when that is believed. */
    private record Answer(long mac, long untilNs) {
        boolean isOld(final long nowNs) {
            return nowNs - untilNs >= 0;
        }
    }

    /**
     * Sorts out what other hosts use. Asks for what has not been asked for, or not for a while; an interface that was made again, or
     * that changed, counts as another one. Waits for answers only when it asks.
     *
     * @param claims   addresses that are not installed yet, on links that are up; what is not among them is forgotten
     * @param ownMacs  of all interfaces of this host
     * @param problems gets a sentence for each address that another host uses
     * @param nowNs    time
     * @return the claims that nobody else makes
     */
    List<Claim> free(final List<Claim> claims, final Set<Long> ownMacs, final List<String> problems, final long nowNs) {
        answers.keySet().retainAll(Set.copyOf(claims));
        final List<Claim> askable = claims.stream().filter(Claim::hasNeighbours).toList();
        if (askable.stream().map(answers::get).anyMatch(known -> known == null || known.isOld(nowNs))) {
            // All of them, since it takes no longer.
            final long untilNs = nowNs + AGAIN_AFTER_NS + ThreadLocalRandom.current().nextLong(SPREAD_NS);
            final Map<Claim, Long> taken = probe.ask(askable, ownMacs);
            askable.forEach(claim -> answers.put(claim, new Answer(taken.getOrDefault(claim, NOBODY), untilNs)));
        }
        final List<Claim> free = new ArrayList<>();
        for (final Claim claim : claims) {
            final Answer answer = answers.get(claim);
            if (answer == null || answer.mac() == NOBODY) {
                free.add(claim);
            } else {
                problems.add(claim.text() + " is not installed on " + claim.link().name() + ": another host there uses it, "
                    + KernelView.macText(answer.mac()) + ". Take it away from that host, or configure another address here; it is"
                    + " tried again about every " + AGAIN_AFTER_S + " s");
            }
        }
        return free;
    }

    /** Whether it is time to ask again about an address that another host uses. */
    boolean isDue(final long nowNs) {
        return answers.values().stream().anyMatch(answer -> answer.mac() != NOBODY && answer.isOld(nowNs));
    }
}
