package io.sluice.dataplane.pipeline;

import io.sluice.dataplane.classify.LaneHash;
import io.sluice.dataplane.classify.Packet;
import io.sluice.dataplane.api.LaneShare;
import org.agrona.collections.Long2LongHashMap;

/**
 * Which lane owns a packet, the same for every lane and at any time:
 *
 * <pre>
 *   from a real server      the local port's number, modulo the lanes        a connection leases ports of its lane
 *   from a client           a hash of client and virtual endpoint, or the lane of a restored connection
 *   a fragment              a hash of addresses and identification: that lane finds out which of the two above it is
 * </pre>
 *
 * <p>Ports deliver packets accordingly as far as they can. What arrives elsewhere is handed to its owner.
 *
 * <p>A connection that an earlier process opened with another number of lanes has a local port of one lane and, by the hash, a
 * client of another. It belongs to the port's lane, and its client's hash is {@linkplain #exceptions noted}: these exceptions
 * are fixed before the lanes start and never end, since they only say where to look. Immutable from then on.
 */
public final class Steering {
    /** For one lane, which owns everything. */
    public static final Steering ALONE = new Steering(0, 1, new LaneHash(0), exceptions());

    private final int lane;
    private final int lanes;
    private final LaneHash hash;
    private final Long2LongHashMap exceptions;

    /**
     * As one lane sees it.
     *
     * @param lane       number of the lane
     * @param lanes      number of lanes
     * @param hash       the same for all
     * @param exceptions the same for all, from {@link #exceptions()}
     */
    public Steering(final int lane, final int lanes, final LaneHash hash, final Long2LongHashMap exceptions) {
        this.lane = lane;
        this.lanes = lanes;
        this.hash = hash;
        this.exceptions = exceptions;
    }

    /**
     * No exceptions yet.
     *
     * @return hash of a client's flow to its lane
     */
    public static Long2LongHashMap exceptions() {
        return new Long2LongHashMap(-1);
    }

    /**
     * The lane that sees it this way.
     *
     * @return its number
     */
    public int lane() {
        return lane;
    }

    /**
     * The lane's local ports.
     *
     * @return its share of every pool
     */
    public LaneShare ports() {
        return new LaneShare(lane, lanes);
    }

    /** Whether there is only one lane, so that nothing can be in the wrong one. */
    boolean isAlone() {
        return lanes == 1;
    }

    /**
     * The owner of what comes from a client.
     *
     * @param protocol    protocol number
     * @param clientHigh  client, first eight bytes
     * @param clientLow   client, last eight bytes
     * @param clientPort  client's port
     * @param virtualHigh virtual address, first eight bytes
     * @param virtualLow  virtual address, last eight bytes
     * @param virtualPort virtual port
     * @return a lane
     */
    public int ofClient(final int protocol, final long clientHigh, final long clientLow, final int clientPort,
                        final long virtualHigh, final long virtualLow, final int virtualPort) {
        final long flow = hash.ofFlow(protocol, clientHigh, clientLow, clientPort, virtualHigh, virtualLow, virtualPort);
        if (!exceptions.isEmpty()) {
            final long exception = exceptions.get(flow);
            if (exception >= 0) {
                return (int) exception;
            }
        }
        return LaneHash.lane(flow, lanes);
    }

    /**
     * The owner of what comes from a real server.
     *
     * @param port local port
     * @return a lane
     */
    public int ofLocalPort(final int port) {
        return port % lanes;
    }

    /** The lane that follows a fragmented datagram. */
    int ofDatagram(final Packet fragment) {
        return LaneHash.lane(hash.ofDatagram(fragment.protocol, fragment.sourceHigh, fragment.sourceLow, fragment.destinationHigh,
            fragment.destinationLow, fragment.identification), lanes);
    }

    /** Notes that a client's flow is with this lane whatever its hash says. Before any lane runs. */
    void keepHere(final int protocol, final long clientHigh, final long clientLow, final int clientPort, final long virtualHigh,
                  final long virtualLow, final int virtualPort) {
        final long flow = hash.ofFlow(protocol, clientHigh, clientLow, clientPort, virtualHigh, virtualLow, virtualPort);
        if (LaneHash.lane(flow, lanes) != lane) {
            exceptions.put(flow, lane);
        }
    }
}
