package io.sluice.dataplane.wire;

/**
 * The UDP header (RFC 768).
 *
 * <pre>
 *        0               1               2               3
 *      +-------------------------------+-------------------------------+
 *   0  |          source port          |       destination port        |
 *      +-------------------------------+-------------------------------+
 *   4  |            length             |  checksum (0: none, IPv4)     |
 *      +-------------------------------+-------------------------------+
 * </pre>
 */
public final class Udp {
    /** Bytes of the header. */
    public static final int LENGTH = 8;
    /** Offset of the source port. */
    public static final int SOURCE_PORT = 0;
    /** Offset of the destination port. */
    public static final int DESTINATION_PORT = 2;
    /** Offset of the length of header and payload. */
    public static final int DATAGRAM_LENGTH = 4;
    /** Offset of the checksum. */
    public static final int CHECKSUM = 6;

    private Udp() {
    }

    /**
     * A computed checksum as it is sent: zero means "none", so a computed zero becomes all ones.
     *
     * @param checksum computed value
     * @return 1 to 65535
     */
    public static int sent(final int checksum) {
        return checksum == 0 ? 0xffff : checksum;
    }
}
