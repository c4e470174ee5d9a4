package io.sluice.dataplane.api;

/** Which kind of port the interfaces get: all the same, since frames of the two kinds do not mix. */
public enum PortChoice {
    /** AF_XDP if every interface's driver has it without copying, else AF_PACKET. The default. */
    AUTO,
    /** Raw packet sockets: any driver; super-frames cross whole, so that it is the better one for bulk traffic where there are such. */
    AF_PACKET,
    /** AF_XDP sockets: the better one for packet rate, and by far with drivers that need not copy. */
    AF_XDP
}
