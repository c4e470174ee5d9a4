package io.sluice.dataplane.os;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * A cursor over the next hops of a multipath route (RTA_MULTIPATH). It never reads past its end.
 *
 * <pre>
 *       0                   1                   2                   3
 *       0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *      +-------------------------------+---------------+---------------+
 *      |   length, attributes included |     flags     |   weight - 1  |
 *      +-------------------------------+---------------+---------------+
 *      |                        interface index                        |
 *      +---------------------------------------------------------------+
 *      |                         attributes ...                        |
 * </pre>
 */
public final class RtnetlinkNextHops {
    private static final int FIXED_LENGTH = 8;
    private static final int FLAGS = 2;
    private static final int WEIGHT = 3;
    private static final int INTERFACE = 4;
    private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED;

    private final MemorySegment memory;
    private final long end;
    private long start;
    private long next;

    RtnetlinkNextHops(final MemorySegment memory, final long from, final long to) {
        this.memory = memory;
        this.start = from;
        this.next = from;
        this.end = to;
    }

    /**
     * Steps to the next next hop.
     *
     * @return false if there is none, or what follows is not a whole one
     */
    public boolean next() {
        if (end - next < FIXED_LENGTH) {
            return false;
        }
        final int length = length(next);
        if (length < FIXED_LENGTH || length > end - next) {
            next = end;
            return false;
        }
        start = next;
        next = start + (length + 3 & ~3);
        return true;
    }

    /**
     * RTNH_F_ flags.
     *
     * @return eight bits
     */
    public int flags() {
        return memory.get(ValueLayout.JAVA_BYTE, start + FLAGS) & 0xff;
    }

    /**
     * Its share of the flows.
     *
     * @return 1 to 256
     */
    public int weight() {
        return (memory.get(ValueLayout.JAVA_BYTE, start + WEIGHT) & 0xff) + 1;
    }

    /**
     * Where it leaves.
     *
     * @return interface index
     */
    public int interfaceIndex() {
        return memory.get(ValueLayout.JAVA_INT_UNALIGNED, start + INTERFACE);
    }

    /**
     * Its attributes: gateway, encapsulation.
     *
     * @return a cursor before the first
     */
    public NetlinkAttributes attributes() {
        return new NetlinkAttributes(memory, start + FIXED_LENGTH, start + length(start));
    }

    private int length(final long at) {
        return Short.toUnsignedInt(memory.get(SHORT, at));
    }
}
