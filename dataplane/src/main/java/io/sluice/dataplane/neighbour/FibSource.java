package io.sluice.dataplane.neighbour;

/**
 * The newest {@link Fib}, and the door through which a lane asks for a neighbour.
 */
public interface FibSource {
    /**
     * The newest snapshot: one acquire load. Any thread.
     *
     * @return never null
     */
    Fib current();

    /**
     * Asks that the kernel resolve (and keep resolved) the next hop towards a destination. Never blocks, allocates nothing;
     * asked again by every packet that misses, so a request lost to a full queue does no harm. Lanes call this.
     *
     * @param high destination, first eight bytes (IPv4 mapped)
     * @param low  destination, last eight bytes
     */
    void want(long high, long low);
}
