/**
 * Capture files as ports: the classic pcap format of libpcap, see
 * <a href="https://www.ietf.org/archive/id/draft-ietf-opsawg-pcap-05.html">draft-ietf-opsawg-pcap</a>.
 *
 * <pre>
 *   file header, 24 bytes                                record header, 16 bytes, then the frame
 *    0 magic a1b2c3d4 (microseconds) or                   0 seconds since 1970
 *            a1b23c4d (nanoseconds), writer's order       4 micro- or nanoseconds
 *    4 version 2, 6 version 4                             8 bytes in the file
 *    8 reserved, 12 reserved                             12 bytes on the wire
 *   16 longest frame (snaplen)
 *   20 link type: 1 Ethernet
 * </pre>
 */
package io.sluice.dataplane.port.pcap;
