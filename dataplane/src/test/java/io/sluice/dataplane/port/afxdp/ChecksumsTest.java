package io.sluice.dataplane.port.afxdp;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.dataplane.neighbour.RawPacket;
import io.sluice.dataplane.os.NetworkDevice.Driver;
import io.sluice.dataplane.port.Burst;
import io.sluice.dataplane.port.EthernetBytes;
import io.sluice.dataplane.port.FrameArena;
import io.sluice.dataplane.port.Frames;
import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Partial checksums are told from complete and from wrong ones, and completed to what the sender would have written. */
class ChecksumsTest {
    private static final int IPV4_TRANSPORT = 34;
    private static final int IPV6_TRANSPORT = 54;

    private final Frames frames = new Frames(FrameArena.allocate(64, FrameArena.SMALL_FRAME), 16);

    @ParameterizedTest
    @CsvSource({"10.1.0.80, 6", "10.1.0.80, 17", "fd01::80, 6", "fd01::80, 17"})
    void shouldMarkAPartialChecksumAndCompleteIt(final String destination, final int protocol) {
        final byte[] whole = frame(destination, protocol);
        final byte[] partial = withPseudoHeaderSum(whole, protocol);
        final Burst burst = marked(partial);
        assertThat(burst.isChecksumPartial(0)).isTrue();
        assertThat(burst.checksumStart(0)).isEqualTo(transport(whole));
        assertThat(burst.checksumOffset(0)).isEqualTo(protocol == RawPacket.TCP ? 16 : 6);
        assertThat(Checksums.isWithinFrame(burst, 0)).isTrue();

        Checksums.complete(frames.arena().memory(), burst, 0);

        assertThat(EthernetBytes.bytes(frames, burst, 0)).isEqualTo(whole);
        assertThat(burst.isChecksumPartial(0)).isFalse();
    }

    @ParameterizedTest
    @CsvSource({"10.1.0.80, 6", "10.1.0.80, 17", "fd01::80, 6", "fd01::80, 17"})
    void shouldLeaveCompleteAndWrongChecksumsAlone(final String destination, final int protocol) {
        final byte[] whole = frame(destination, protocol);
        assertThat(marked(whole).isChecksumPartial(0)).as("complete").isFalse();
        for (int i = transport(whole); i < whole.length; i++) {
            final byte[] broken = whole.clone();
            broken[i] ^= 0x10;
            assertThat(marked(broken).isChecksumPartial(0)).as("byte %d broken", i).isFalse();
        }
    }

    @Test
    void shouldLeaveFragmentsAndCutFramesAlone() {
        final RawPacket packet = packet("10.1.0.80");
        final byte[] datagram = packet.datagram(53, 100);
        final byte[] fragment = HexFormat.of().parseHex(packet.ipv4Fragment(1, RawPacket.UDP, datagram, 0, 64));
        assertThat(marked(withPseudoHeaderSum(fragment, RawPacket.UDP)).isChecksumPartial(0)).as("fragment").isFalse();
        final byte[] whole = withPseudoHeaderSum(frame("fd01::80", RawPacket.TCP), RawPacket.TCP);
        for (int length = 14; length < whole.length; length++) {
            assertThat(marked(Arrays.copyOf(whole, length)).isChecksumPartial(0)).as("%d bytes", length).isFalse();
        }
    }

    @Test
    void shouldRefuseMetadataThatPointsOutOfTheFrame() {
        final Burst burst = marked(frame("10.1.0.80", RawPacket.UDP));
        final int length = burst.length(0);
        burst.partialChecksum(0, length - 8, 6);
        assertThat(Checksums.isWithinFrame(burst, 0)).isTrue();
        burst.partialChecksum(0, length - 7, 6);
        assertThat(Checksums.isWithinFrame(burst, 0)).isFalse();
        burst.partialChecksum(0, 65_535, 65_535);
        assertThat(Checksums.isWithinFrame(burst, 0)).isFalse();
    }

    @Test
    void shouldExpectPartialChecksumsFromSoftwareAndGuestDriversOnly() {
        assertThat(Checksums.mayBePartial(new Driver("veth", ""))).isTrue();
        assertThat(Checksums.mayBePartial(new Driver("virtio_net", "0000:00:03.0"))).isTrue();
        assertThat(Checksums.mayBePartial(new Driver("", ""))).isTrue();
        assertThat(Checksums.mayBePartial(new Driver("ice", "0000:81:00.0"))).isFalse();
    }

    private Burst marked(final byte[] frame) {
        final Burst burst = new Burst();
        EthernetBytes.add(frames, burst, frame);
        frames.release(burst.offset(0));
        Checksums.mark(frames.arena().memory(), burst, 0);
        return burst;
    }

    private static byte[] frame(final String destination, final int protocol) {
        final RawPacket packet = packet(destination);
        final byte[] payload = protocol == RawPacket.TCP ? packet.syn(80) : packet.datagram(53, 21);
        return HexFormat.of().parseHex(packet.frame(protocol, payload));
    }

    private static RawPacket packet(final String destination) {
        return new RawPacket("02:00:00:00:01:02", destination.contains(":") ? "fd01::2" : "10.1.0.2", "02:00:00:00:01:01", destination);
    }

    private static int transport(final byte[] frame) {
        return frame[12] == 8 ? IPV4_TRANSPORT : IPV6_TRANSPORT;
    }

    /** As the kernel leaves it to hardware: the folded sum of addresses, protocol and length. */
    private static byte[] withPseudoHeaderSum(final byte[] frame, final int protocol) {
        final byte[] partial = frame.clone();
        final int transport = transport(frame);
        final int addresses = transport == IPV4_TRANSPORT ? 26 : 22;
        long sum = protocol + frame.length - transport;
        for (int i = addresses; i < transport; i += 2) {
            sum += (frame[i] & 0xff) << 8 | frame[i + 1] & 0xff;
        }
        while (sum >> 16 != 0) {
            sum = (sum & 0xffff) + (sum >> 16);
        }
        final int field = transport + (protocol == RawPacket.TCP ? 16 : 6);
        partial[field] = (byte) (sum >> 8);
        partial[field + 1] = (byte) sum;
        return partial;
    }
}
