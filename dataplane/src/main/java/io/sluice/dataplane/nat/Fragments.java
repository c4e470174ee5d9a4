package io.sluice.dataplane.nat;

import io.sluice.dataplane.api.LaneShare;
import io.sluice.dataplane.classify.Packet;
import io.sluice.dataplane.verdict.DropReason;
import java.util.Arrays;

/**
 * Remembers which connection a fragmented datagram belongs to, and the identification its fragments leave with: fragments of
 * different clients share one local address, so their own identifications would collide at the receiver's reassembly.
 *
 * <p>A fixed open-addressing table; an entry lives for {@value #LIFETIME_SECONDS} seconds, what a receiver waits for the rest
 * (RFC 1122, 3.3.2 and RFC 8200, 4.5 say 60 at most). Used by the lane's path thread only.
 */
public final class Fragments {
    /** Seconds for which later fragments are followed. */
    public static final int LIFETIME_SECONDS = 30;
    /** {@link #find}: the first fragment has not been seen. */
    public static final int NONE = -1;

    private static final int PROBES = 8;
    private final int mask;
    private final long[] sourceHigh;
    private final long[] sourceLow;
    private final long[] destinationHigh;
    private final long[] destinationLow;
    private final long[] identity;
    private final int[] handle;
    private final int[] ports;
    private final int[] expiry;
    private final int[] newIdentification;
    private final DropReason[] refusal;
    private final int identificationStep;
    private int nextIdentification;

    /**
     * An empty table for the only lane.
     *
     * @param capacity            datagrams followed at once, 1 to 2^24
     * @param firstIdentification where identifications start: a number that nobody outside can guess (RFC 7739)
     */
    public Fragments(final int capacity, final int firstIdentification) {
        this(capacity, firstIdentification, LaneShare.ALL);
    }

    /**
     * An empty table.
     *
     * @param capacity            datagrams followed at once, 1 to 2^24
     * @param firstIdentification where identifications start: a number that nobody outside can guess (RFC 7739)
     * @param share               lanes share local addresses, so each has identifications of its own, as it has ports
     */
    public Fragments(final int capacity, final int firstIdentification, final LaneShare share) {
        // A power of two, so that identifications of 16 bits keep apart when they wrap.
        identificationStep = Integer.highestOneBit(share.lanes() * 2 - 1);
        nextIdentification = (firstIdentification & -identificationStep) + share.lane();
        // Half empty at that number, so that hardly any finds all the places it probes taken.
        final int size = Math.max(PROBES, Integer.highestOneBit(capacity * 4 - 1));
        mask = size - 1;
        sourceHigh = new long[size];
        sourceLow = new long[size];
        destinationHigh = new long[size];
        destinationLow = new long[size];
        identity = new long[size];
        handle = new int[size];
        ports = new int[size];
        expiry = new int[size];
        newIdentification = new int[size];
        refusal = new DropReason[size];
        Arrays.fill(handle, NONE);
    }

    /**
     * An identification that no other datagram has had for a long time.
     *
     * @return 32 bits; IPv4 uses the lower 16
     */
    public int nextIdentification() {
        nextIdentification += identificationStep;
        return nextIdentification;
    }

    /**
     * Remembers a datagram by its first fragment.
     *
     * @param packet         the first fragment, as it came in
     * @param connection     handle of its connection, or {@link #elsewhere}
     * @param identification that its fragments leave with
     * @param nowSeconds     the time
     * @return false if the table is full
     */
    public boolean remember(final Packet packet, final int connection, final int identification, final int nowSeconds) {
        final long id = identity(packet);
        final int home = home(packet, id);
        int free = NONE;
        for (int i = 0; i < PROBES; i++) {
            final int at = home + i & mask;
            if (handle[at] == NONE || expiry[at] - nowSeconds < 0 || matches(at, packet, id)) {
                free = at;
                break;
            }
        }
        if (free == NONE) {
            return false;
        }
        sourceHigh[free] = packet.sourceHigh;
        sourceLow[free] = packet.sourceLow;
        destinationHigh[free] = packet.destinationHigh;
        destinationLow[free] = packet.destinationLow;
        identity[free] = id;
        handle[free] = connection;
        ports[free] = packet.sourcePort << 16 | packet.destinationPort;
        newIdentification[free] = identification;
        refusal[free] = null;
        expiry[free] = nowSeconds + LIFETIME_SECONDS;
        return true;
    }

    /**
     * Notes that a first fragment has been dropped, so that the rest of its datagram does not go on without it, or with what
     * an earlier datagram of the same identification has left behind. Nothing if there is no entry that the rest would find.
     *
     * @param packet     the first fragment, as it came in
     * @param reason     why it was dropped
     * @param nowSeconds the time
     */
    public void refuse(final Packet packet, final DropReason reason, final int nowSeconds) {
        final int entry = find(packet, nowSeconds);
        if (entry != NONE) {
            refusal[entry] = reason;
        }
    }

    /**
     * Why a datagram's first fragment was dropped.
     *
     * @param entry from {@link #find}
     * @return null if it was forwarded
     */
    public DropReason refusal(final int entry) {
        return refusal[entry];
    }

    /**
     * Finds the datagram of a later fragment.
     *
     * @param packet     the fragment
     * @param nowSeconds the time
     * @return an entry for {@link #connection} and {@link #identification}, or {@link #NONE}
     */
    public int find(final Packet packet, final int nowSeconds) {
        final long id = identity(packet);
        final int home = home(packet, id);
        for (int i = 0; i < PROBES; i++) {
            final int at = home + i & mask;
            if (handle[at] != NONE && expiry[at] - nowSeconds >= 0 && matches(at, packet, id)) {
                return at;
            }
        }
        return NONE;
    }

    /**
     * What to give {@link #remember} for a datagram that another lane owns.
     *
     * @param lane the owner
     * @return a number that is no connection's handle
     */
    public static int elsewhere(final int lane) {
        return NONE - 1 - lane;
    }

    /**
     * The lane that owns a datagram.
     *
     * @param entry from {@link #find}
     * @return its number, or {@link #NONE} if the datagram belongs to a connection of this lane
     */
    public int lane(final int entry) {
        return handle[entry] < NONE ? NONE - 1 - handle[entry] : NONE;
    }

    /**
     * The connection of a datagram.
     *
     * @param entry from {@link #find}, of this lane
     * @return handle given to {@link #remember}; the connection may have ended since
     */
    public int connection(final int entry) {
        return handle[entry];
    }

    /**
     * The ports of the first fragment: a connection in the same place with other ports is another one.
     *
     * @param entry from {@link #find}
     * @return source port in the upper, destination port in the lower 16 bits
     */
    public int ports(final int entry) {
        return ports[entry];
    }

    /**
     * The identification its fragments leave with.
     *
     * @param entry from {@link #find}
     * @return 32 bits
     */
    public int identification(final int entry) {
        return newIdentification[entry];
    }

    private boolean matches(final int at, final Packet packet, final long id) {
        return identity[at] == id && sourceLow[at] == packet.sourceLow && destinationLow[at] == packet.destinationLow
            && sourceHigh[at] == packet.sourceHigh && destinationHigh[at] == packet.destinationHigh;
    }

    private static long identity(final Packet packet) {
        return (long) packet.protocol << 32 | packet.identification & 0xffff_ffffL;
    }

    private int home(final Packet packet, final long id) {
        final long mixed = (packet.sourceLow ^ Long.rotateLeft(packet.sourceHigh, 17) ^ Long.rotateLeft(packet.destinationLow, 31)
            ^ id * 0x9e37_79b9_7f4a_7c15L) * 0xd6e8_feb8_6659_fd93L;
        return (int) (mixed >>> 40) & mask;
    }
}
