package io.sluice.dataplane.port.afpacket;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.dataplane.port.Burst;
import io.sluice.dataplane.port.EthernetBytes;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Frames that need the kernel's help: UDP built by hand, sent by a port, received by an ordinary socket at the far end. All
 * offloads of the near interface are off, so that the kernel really sums and cuts, and the far end really verifies.
 */
@Tag("netns")
class AfPacketOffloadTest {
    private static final int HEADERS = 14 + 20 + 8;
    private static final int TRANSPORT = 14 + 20;
    private static final int CHECKSUM_FIELD = 6;
    private static final int TIMEOUT_MS = 10_000;

    private AfPacketPair pair;
    private DatagramSocket socket;

    @BeforeEach
    void open() {
        pair = new AfPacketPair();
        pair.nearHost.exec("ethtool", "-K", "n0", "tx", "off", "gso", "off", "tso", "off", "tx-udp-segmentation", "off");
        pair.farHost.exec("ip", "addr", "add", "10.9.0.2/24", "dev", "f0");
        socket = pair.farHost.call(() -> new DatagramSocket(new InetSocketAddress("10.9.0.2", 4000)));
    }

    @AfterEach
    void close() {
        socket.close();
        pair.close();
    }

    @Test
    void shouldHaveThePartialChecksumCompleted() throws IOException {
        send(payload(500), 0, true);
        assertThat(receive()).isEqualTo(payload(500));
        assertThat(pair.near.transmitFailures()).isZero();
    }

    @Test
    void shouldHaveASuperFrameCutIntoDatagrams() throws IOException {
        final byte[] whole = payload(10_300);
        send(whole, 1000, true);
        for (int i = 0; i < 11; i++) {
            assertThat(receive()).isEqualTo(Arrays.copyOfRange(whole, 1000 * i, Math.min(1000 * (i + 1), whole.length)));
        }
    }

    @Test
    void shouldSendNoFlagThatWasNotAskedFor() throws IOException {
        send(payload(500), 0, false);
        send(payload(300), 0, true);
        // The first has a pseudo-header sum where a complete checksum should be, and nobody was told: the far end drops it.
        assertThat(receive()).isEqualTo(payload(300));
    }

    @Test
    void shouldSkipASuperFrameWithImpossibleMetadata() throws IOException {
        final Burst burst = new Burst();
        final int wrong = EthernetBytes.add(pair.nearFrames, burst, datagram(payload(3000)));
        burst.gso(wrong, Burst.GSO_UDP, 1000);
        burst.partialChecksum(wrong, 60_000, CHECKSUM_FIELD);
        pair.near.transmit(burst, wrong);
        final int right = EthernetBytes.add(pair.nearFrames, burst, datagram(payload(300)));
        burst.partialChecksum(right, TRANSPORT, CHECKSUM_FIELD);
        pair.near.transmit(burst, right);
        assertThat(pair.near.flush()).isEqualTo(1);
        assertThat(pair.near.transmitFailures()).isEqualTo(1);
        assertThat(receive()).isEqualTo(payload(300));
    }

    private void send(final byte[] payload, final int gsoSize, final boolean partial) {
        final Burst burst = new Burst();
        final int i = EthernetBytes.add(pair.nearFrames, burst, datagram(payload));
        if (partial) {
            burst.partialChecksum(i, TRANSPORT, CHECKSUM_FIELD);
        }
        if (gsoSize > 0) {
            burst.gso(i, Burst.GSO_UDP, gsoSize);
        }
        pair.near.transmit(burst, i);
        assertThat(pair.near.flush()).isEqualTo(1);
    }

    private byte[] receive() throws IOException {
        socket.setSoTimeout(TIMEOUT_MS);
        final DatagramPacket packet = new DatagramPacket(new byte[65_536], 65_536);
        socket.receive(packet);
        return Arrays.copyOf(packet.getData(), packet.getLength());
    }

    /** From 10.9.0.1:3000 to 10.9.0.2:4000, with the pseudo-header's sum as checksum. */
    private byte[] datagram(final byte[] payload) {
        final String mac = pair.farHost.exec("cat", "/sys/class/net/f0/address").strip().replace(":", "");
        final int length = 8 + payload.length;
        final ByteBuffer frame = ByteBuffer.allocate(HEADERS + payload.length);
        frame.putShort((short) Integer.parseInt(mac.substring(0, 4), 16)).putInt((int) Long.parseLong(mac.substring(4), 16));
        frame.putShort((short) 0x0200).putInt(1).putShort((short) 0x0800);
        frame.putShort((short) 0x4500).putShort((short) (20 + length)).putInt(0x4000).putShort((short) 0x4011).putShort((short) 0);
        frame.putInt(0x0a090001).putInt(0x0a090002);
        frame.putShort(24, (short) ~sum(frame, 14, 20));
        frame.putShort((short) 3000).putShort((short) 4000).putShort((short) length);
        frame.putShort((short) fold(sum(frame, 26, 8) + 17 + length));
        return frame.put(payload).array();
    }

    private static byte[] payload(final int length) {
        final byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            bytes[i] = (byte) (i * 7 + length);
        }
        return bytes;
    }

    private static int sum(final ByteBuffer bytes, final int from, final int length) {
        int sum = 0;
        for (int i = from; i < from + length; i += 2) {
            sum += Short.toUnsignedInt(bytes.getShort(i));
        }
        return fold(sum);
    }

    private static int fold(final int sum) {
        final int once = (sum & 0xffff) + (sum >>> 16);
        return (once & 0xffff) + (once >>> 16);
    }
}
