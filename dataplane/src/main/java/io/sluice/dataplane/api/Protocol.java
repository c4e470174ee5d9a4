package io.sluice.dataplane.api;

/** A balanced transport protocol. */
public enum Protocol {
    /** RFC 9293. */
    TCP(6),
    /** RFC 768. */
    UDP(17);

    private final int number;

    Protocol(final int number) {
        this.number = number;
    }

    /**
     * The number in the IP header.
     *
     * @return IANA protocol number
     */
    public int number() {
        return number;
    }

    /**
     * The protocol with a number.
     *
     * @param number IANA protocol number
     * @return TCP for 6, UDP for 17
     * @throws IllegalArgumentException for any other number
     */
    public static Protocol of(final int number) {
        return switch (number) {
            case 6 -> TCP;
            case 17 -> UDP;
            default -> throw new IllegalArgumentException("protocol " + number + " is not balanced; 6 (TCP) and 17 (UDP) are");
        };
    }
}
