package io.sluice.dataplane.api;

import java.net.InetSocketAddress;
import java.util.List;
import java.util.function.Predicate;

/**
 * The one door between the control plane and the packets. Every method may be called by any thread; none of them makes a
 * lane wait.
 */
public interface DataplaneControl extends AutoCloseable {
    /**
     * Opens the ports and the connection table, takes over what is there, and starts the lanes.
     *
     * @throws DataplaneException with what is wrong and what to do: not root, an interface that does not exist, a table that
     *                            another process has open
     */
    void start();

    /**
     * Puts a whole specification into force, or none of it.
     *
     * @param spec everything
     * @throws DataplaneException if it cannot be applied; what ran before goes on
     */
    void apply(ForwardingSpec spec);

    /**
     * What would happen to the first packet of a flow, or to the next packet if there is a connection already.
     *
     * @param protocol TCP or UDP
     * @param client   source
     * @param virtual  destination
     * @return the stages and the outcome
     */
    Explanation explain(Protocol protocol, InetSocketAddress client, InetSocketAddress virtual);

    /**
     * Connections of the table, copied.
     *
     * @param filter which ones
     * @param limit  at most this many
     * @return in no particular order
     */
    List<ConnectionView> connections(Predicate<ConnectionView> filter, int limit);

    /**
     * All counters.
     *
     * @return node counters first, then drops, then per subject
     */
    List<CounterView> counters();

    /**
     * How things are.
     *
     * @return a snapshot
     */
    DataplaneStatus status();

    /**
     * Stops the lanes, writes every connection to the table of record, closes it cleanly, and takes the installed addresses
     * off the interfaces again.
     */
    @Override
    void close();
}
