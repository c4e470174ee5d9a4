package io.sluice.dataplane.counter;

import java.util.Locale;

/** What is counted for each listener and for each backend. */
public enum SubjectCounter {
    CONNECTIONS_CURRENT("connections now (a level)"),
    CONNECTIONS_OPENED("connections opened"),
    CONNECTIONS_REFUSED("new connections refused; the drops counters say why"),
    PACKETS_IN("packets from clients; a GSO super-frame counts once"),
    BYTES_IN("bytes of IP packets from clients"),
    PACKETS_OUT("packets from real servers; a GSO super-frame counts once"),
    BYTES_OUT("bytes of IP packets from real servers");

    private final String sentence;

    SubjectCounter(final String sentence) {
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
