package io.sluice.dataplane.wire;

/**
 * ICMP (RFC 792, RFC 1191) and ICMPv6 (RFC 4443): type, code, checksum, four bytes that depend on the type, and for errors
 * the beginning of the packet in question.
 *
 * <pre>
 *        0               1               2               3
 *      +---------------+---------------+-------------------------------+
 *   0  |     type      |     code      |           checksum            |
 *      +---------------+---------------+-------------------------------+
 *   4  |  echo: identifier, sequence   |  v4 too big: 0, next-hop MTU  |  v6 too big: MTU (4 bytes)
 *      +-------------------------------+-------------------------------+
 *   8  |        data of an echo, or the packet that an error is about  |
 *      +---------------------------------------------------------------+
 * </pre>
 */
public final class Icmp {
    /** Bytes before the data. */
    public static final int LENGTH = 8;
    /** Offset of the type. */
    public static final int TYPE = 0;
    /** Offset of the code. */
    public static final int CODE = 1;
    /** Offset of the checksum. */
    public static final int CHECKSUM = 2;
    /** Offset of the four bytes that depend on the type. */
    public static final int REST = 4;

    /** ICMP: echo reply. */
    public static final int ECHO_REPLY = 0;
    /** ICMP: destination unreachable. */
    public static final int UNREACHABLE = 3;
    /** ICMP: echo request. */
    public static final int ECHO_REQUEST = 8;
    /** ICMP: time exceeded. */
    public static final int TIME_EXCEEDED = 11;
    /** ICMP: parameter problem. */
    public static final int PARAMETER_PROBLEM = 12;
    /** Code of {@link #UNREACHABLE}: fragmentation needed and don't fragment set. */
    public static final int FRAGMENTATION_NEEDED = 4;

    /** ICMPv6: destination unreachable. */
    public static final int V6_UNREACHABLE = 1;
    /** ICMPv6: packet too big. */
    public static final int V6_TOO_BIG = 2;
    /** ICMPv6: time exceeded. */
    public static final int V6_TIME_EXCEEDED = 3;
    /** ICMPv6: parameter problem. */
    public static final int V6_PARAMETER_PROBLEM = 4;
    /** ICMPv6: echo request. */
    public static final int V6_ECHO_REQUEST = 128;
    /** ICMPv6: echo reply. */
    public static final int V6_ECHO_REPLY = 129;

    private Icmp() {
    }

    /**
     * Whether an ICMP type is an error about one of our packets.
     *
     * @param type ICMP type
     * @return true for unreachable, time exceeded and parameter problem
     */
    public static boolean isError(final int type) {
        return type == UNREACHABLE || type == TIME_EXCEEDED || type == PARAMETER_PROBLEM;
    }

    /**
     * Whether an ICMPv6 type is an error.
     *
     * @param type ICMPv6 type
     * @return true for types below 128
     */
    public static boolean isV6Error(final int type) {
        return type < 128;
    }
}
