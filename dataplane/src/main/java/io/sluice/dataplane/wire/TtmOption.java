package io.sluice.dataplane.wire;

import java.lang.foreign.MemorySegment;

/**
 * The TTM option: the client's address as a TCP option. The same bytes as {@code native/include/sluice_wire.h}.
 *
 * <pre>
 *        0               1               2               3
 *      +---------------+---------------+-------------------------------+
 *   0  |  kind (254)   |  len (8, 20)  |             port              |
 *      +---------------+---------------+-------------------------------+
 *   4  |     address: 4 bytes (IPv4 client) or 16 bytes (IPv6 client)  |
 *      +---------------------------------------------------------------+
 * </pre>
 */
public final class TtmOption {
    /** Kind by default. */
    public static final int KIND = 254;
    /** Kind that older products use for IPv6 clients. */
    public static final int KIND_OLD_IPV6 = 253;
    /** Length for an IPv4 client. */
    public static final int LENGTH_IPV4 = 8;
    /** Length for an IPv6 client. */
    public static final int LENGTH_IPV6 = 20;
    /** Offset of the port. */
    public static final int PORT = 2;
    /** Offset of the address. */
    public static final int ADDRESS = 4;

    private TtmOption() {
    }

    /**
     * The length of the option for a client.
     *
     * @param high client, first eight bytes (IPv4 mapped)
     * @param low  client, last eight bytes
     * @return 8 or 20
     */
    public static int length(final long high, final long low) {
        return Address.isIpv4(high, low) ? LENGTH_IPV4 : LENGTH_IPV6;
    }

    /**
     * Writes the option.
     *
     * @param memory where the segment is
     * @param at     offset of the kind byte
     * @param kind   8 bits
     * @param high   client, first eight bytes (IPv4 mapped)
     * @param low    client, last eight bytes
     * @param port   client's port
     */
    public static void write(final MemorySegment memory, final long at, final int kind, final long high, final long low,
                             final int port) {
        NetworkOrder.i32(memory, at, kind << 24 | length(high, low) << 16 | port);
        if (Address.isIpv4(high, low)) {
            NetworkOrder.i32(memory, at + ADDRESS, (int) low);
        } else {
            NetworkOrder.i64(memory, at + ADDRESS, high);
            NetworkOrder.i64(memory, at + ADDRESS + 8, low);
        }
    }

    /**
     * Whether an option kind is one that real servers may take for a client's address. A client must never get one of these
     * through, whatever kind its listener inserts.
     *
     * @param kind        kind of an option of a client's segment
     * @param listenerKind kind that the listener inserts
     * @return true if it has to be removed
     */
    public static boolean isClaim(final int kind, final int listenerKind) {
        return kind == KIND || kind == KIND_OLD_IPV6 || kind == listenerKind;
    }
}
