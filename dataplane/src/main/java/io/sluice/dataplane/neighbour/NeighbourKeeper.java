package io.sluice.dataplane.neighbour;

import io.sluice.dataplane.neighbour.Neighbour.Hop;
import io.sluice.dataplane.os.NetlinkException;
import io.sluice.dataplane.os.NetlinkRequest;
import io.sluice.dataplane.os.Rtnetlink;
import io.sluice.dataplane.os.RtnetlinkClient;
import io.sluice.dataplane.wire.Address;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Makes the kernel resolve neighbours, and keep them resolved while they are in use: our frames leave by raw sockets, so the
 * kernel itself sees no reason to. Each request is an {@code NTF_USE} entry, on which the kernel does its own ARP or ND.
 *
 * <p>One thread. Time is passed in.
 */
final class NeighbourKeeper {
    private static final long FORGET_AFTER_MS = 300_000;
    private static final long FORGET_FAILED_AFTER_MS = 30_000;
    private static final long ASK_AGAIN_MS = 1_000;
    private static final long CHECK_STALE_EVERY_MS = 5_000;
    private static final int MAX_REMEMBERED = 16_384;
    private static final int MAX_REQUESTS_PER_TICK = 1_000;

    private final RtnetlinkClient kernel;
    private final Map<Hop, Memory> remembered = new LinkedHashMap<>(64, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(final Map.Entry<Hop, Memory> eldest) {
            return size() > MAX_REMEMBERED;
        }
    };
    private int requestsThisTick;
    private long requests;
    private long failures;

    NeighbourKeeper(final RtnetlinkClient kernel) {
        this.kernel = kernel;
    }

    private static final class Memory {
        private long usedMs;
        private long askedMs = Long.MIN_VALUE / 2;
    }

    /**
     * A packet needs this neighbour now.
     *
     * @param hop   the neighbour
     * @param state what is known of it, or null
     * @param nowMs time
     */
    void want(final Hop hop, final Neighbour state, final long nowMs) {
        use(hop, nowMs);
        if (state == null || !state.usable() && state.state() != Neighbour.NUD_INCOMPLETE) {
            ask(hop, ASK_AGAIN_MS, nowMs);
        }
    }

    /**
     * This neighbour is in use, or shall be kept resolved.
     *
     * @param hop   the neighbour
     * @param nowMs time
     */
    void use(final Hop hop, final long nowMs) {
        remembered.computeIfAbsent(hop, fresh -> new Memory()).usedMs = nowMs;
    }

    /**
     * Once a second: asks for what is missing, has stale ones checked, and forgets what nobody uses.
     *
     * @param known neighbours
     * @param nowMs time
     */
    void tick(final Map<Hop, Neighbour> known, final long nowMs) {
        requestsThisTick = 0;
        remembered.entrySet().removeIf(entry -> {
            final Neighbour state = known.get(entry.getKey());
            final long idleMs = nowMs - entry.getValue().usedMs;
            return idleMs > (state == null || !state.usable() ? FORGET_FAILED_AFTER_MS : FORGET_AFTER_MS);
        });
        for (final Hop hop : remembered.keySet().toArray(new Hop[0])) {
            final Neighbour state = known.get(hop);
            if (state == null || state.state() == Neighbour.NUD_FAILED || state.state() == 0) {
                ask(hop, ASK_AGAIN_MS, nowMs);
            } else if (state.state() == Neighbour.NUD_STALE) {
                ask(hop, CHECK_STALE_EVERY_MS, nowMs);
            }
        }
    }

    /**
     * Neighbours remembered.
     *
     * @return count
     */
    int remembered() {
        return remembered.size();
    }

    long requests() {
        return requests;
    }

    long failures() {
        return failures;
    }

    private void ask(final Hop hop, final long intervalMs, final long nowMs) {
        final Memory memory = remembered.get(hop);
        if (nowMs - memory.askedMs < intervalMs || requestsThisTick >= MAX_REQUESTS_PER_TICK) {
            return;
        }
        requestsThisTick++;
        memory.askedMs = nowMs;
        requests++;
        try {
            kernel.change("resolve a neighbour", request(hop));
        } catch (final NetlinkException e) {
            // The interface has just gone, or the kernel's table is full: it is asked again.
            failures++;
        }
    }

    private static NetlinkRequest request(final Hop hop) {
        final boolean ipv4 = Address.isIpv4(hop.high(), hop.low());
        return new NetlinkRequest(Rtnetlink.RTM_NEWNEIGH, NetlinkRequest.CREATE | NetlinkRequest.ACKNOWLEDGE)
            .u8(ipv4 ? Rtnetlink.AF_INET : Rtnetlink.AF_INET6).u8(0).u16(0)
            .u32(hop.interfaceIndex())
            .u16(0).u8(Rtnetlink.NTF_USE).u8(0)
            .attribute(Rtnetlink.NDA_DST, Address.toInetAddress(hop.high(), hop.low()));
    }
}
