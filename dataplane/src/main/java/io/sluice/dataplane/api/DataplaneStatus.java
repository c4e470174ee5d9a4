package io.sluice.dataplane.api;

import java.util.List;

/**
 * How the data plane is.
 *
 * @param running     lanes are processing packets
 * @param lanes       how many there are
 * @param revision    revision of the specification in force
 * @param connections connections in the table now
 * @param capacity    connections it can hold
 * @param restored    connections taken over from the table of record at start
 * @param messages    what an operator should know, newest last: recovery results, files set aside, settings that do not fit
 * @param ports       the packet ports
 */
public record DataplaneStatus(boolean running, int lanes, long revision, long connections, long capacity, long restored,
                              List<String> messages, List<Port> ports) {
    /** Copies the lists. */
    public DataplaneStatus {
        messages = List.copyOf(messages);
        ports = List.copyOf(ports);
    }

    /**
     * One packet port.
     *
     * @param name   interface
     * @param kind   afpacket, afxdp, pcap
     * @param detail how it has come to terms with the interface, such as {@code native mode, copy, 2 queues}; may be empty
     * @param up     usable now
     */
    public record Port(String name, String kind, String detail, boolean up) {
    }
}
