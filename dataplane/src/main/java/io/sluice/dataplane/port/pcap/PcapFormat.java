package io.sluice.dataplane.port.pcap;

import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/** Offsets and constants of a capture file; the diagram is in the package description. */
final class PcapFormat {
    static final int MAGIC = 0;
    static final int VERSION_MAJOR = 4;
    static final int VERSION_MINOR = 6;
    static final int SNAPLEN = 16;
    static final int LINK_TYPE = 20;
    static final int FILE_HEADER_LENGTH = 24;

    static final int SECONDS = 0;
    static final int FRACTION = 4;
    static final int CAPTURED_LENGTH = 8;
    static final int ORIGINAL_LENGTH = 12;
    static final int RECORD_HEADER_LENGTH = 16;

    static final int MAGIC_MICROSECONDS = 0xa1b2c3d4;
    static final int MAGIC_NANOSECONDS = 0xa1b23c4d;
    static final int MAGIC_PCAPNG = 0x0a0d0d0a;
    static final int LINK_ETHERNET = 1;
    /** Bits of the link type field that hold it; the others tell of frame check sequences. */
    static final int LINK_TYPE_MASK = 0xffff;
    /** What libpcap takes as the largest frame there can be. */
    static final int LONGEST_FRAME = 262_144;

    static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private PcapFormat() {
    }
}
