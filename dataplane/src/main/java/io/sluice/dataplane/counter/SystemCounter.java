package io.sluice.dataplane.counter;

import java.util.Locale;

/** What a node counts beside drops: each entry with the sentence that is shown with it. */
public enum SystemCounter {
    PACKETS_RECEIVED("frames taken from the ports; a GSO super-frame counts once"),
    PACKETS_PASSED("frames left to the kernel because they are not ours"),
    PACKETS_FORWARDED("frames sent, packets of our own making included"),
    PACKETS_DROPPED("frames dropped; the drops counters say why"),
    PACKETS_HANDED_OVER("frames that arrived at another lane than their owner and were handed to it"),
    CONNECTIONS_CURRENT("connections in the table now (a level)"),
    CONNECTIONS_OPENED("connections opened"),
    CONNECTIONS_CLOSED("connections that ended by FIN or RST"),
    CONNECTIONS_EXPIRED("connections that ended by an idle timeout"),
    CONNECTIONS_REPLACED("connections in TIME_WAIT, LAST_ACK or CLOSED that a new SYN of the same client replaced"),
    CONNECTIONS_RESTORED("connections taken over from the table of record at start"),
    CONNECTIONS_NOT_RESTORED("stored connections whose listener, pool or address is no longer configured"),
    CONNECTION_EVENTS_LOST("changes of connections that could not be handed to the table of record because its queue was full"),
    TTM_INSERTED("segments that left with the client's address as an option"),
    TTM_NO_ROOM("segments that went on without the client's address because 40 bytes of options or the MTU had no room for it"),
    TTM_OPTIONS_PRUNED("segments whose other options were dropped to make room for the client's address"),
    TTM_CLAIMS_REMOVED("options of clients that claimed to be another client, replaced by NOPs"),
    TTM_TRUSTED("segments whose own client address option was passed on because their source is trusted"),
    SYN_OPTIONS_REMOVED("timestamp, Fast Open and MPTCP options of clients' SYNs replaced by NOPs"),
    PROXY_HEADERS_SENT("first datagrams that left with a PROXY protocol header"),
    PROXY_NO_ROOM("first datagrams that went on without a PROXY protocol header because the MTU had no room for it"),
    RESETS_SENT("RSTs made here: to both sides of an expired connection, or for unknown connections"),
    ICMP_SENT("ICMP errors made here: packet too big, time exceeded"),
    ICMP_RATE_LIMITED("ICMP errors not made because there were too many"),
    ICMP_TRANSLATED("ICMP errors about our connections passed on to the other side"),
    ECHO_ANSWERED("pings of virtual addresses answered"),
    FRAGMENTS_FOLLOWED("fragments delivered along with the first one of their datagram"),
    FRAGMENTS_MADE("fragments made because the next link's MTU was smaller and the sender allowed it"),
    PIPELINE_FULL("times the receiving thread found no free slot in the ring"),
    CYCLES("turns of the lane's loop");

    private final String sentence;

    SystemCounter(final String sentence) {
        this.sentence = sentence;
    }

    /**
     * What it counts.
     *
     * @return a sentence without capital and full stop
     */
    public String sentence() {
        return sentence;
    }

    /**
     * The name in the API and in metrics.
     *
     * @return lower case with underscores
     */
    public String key() {
        return name().toLowerCase(Locale.ROOT);
    }
}
