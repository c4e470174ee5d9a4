package io.sluice.dataplane.nat;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.dataplane.wire.Address;
import io.sluice.dataplane.wire.NetworkOrder;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Incremental updates beside sums over everything, on random packets and random changes. */
class TransportChecksumTest {
    private static final int ROUNDS = 2000;

    private final TransportChecksum checksum = new TransportChecksum();
    private final Random random = new Random(2024);

    @ParameterizedTest(name = "IPv4 {0} to IPv4 {1}, TCP {2}, partial {3}")
    @CsvSource({"true, true, true, false", "true, true, true, true", "false, false, true, false", "false, true, true, false",
        "true, false, true, false", "false, true, true, true", "true, false, true, true", "true, true, false, false",
        "false, false, false, false", "false, true, false, false", "true, false, false, false", "true, false, false, true"})
    void shouldBeRightAfterAnyChangeOfTheHeader(final boolean from, final boolean to, final boolean tcp, final boolean partial) {
        for (int i = 0; i < ROUNDS; i++) {
            final TestPacket packet = packet(from, tcp).withChecksum(partial);
            final Translation translation = translation(to);
            checksum.open(packet.packet);
            final int growth = 4 * random.nextInt(tcp ? 6 : 13);
            final long transport = change(packet, growth);
            checksum.close(packet.packet, translation, transport, (int) (packet.packet.payload - transport));
            final int field = packet.u16(transport + TransportChecksum.field(packet.packet));
            if (partial) {
                assertThat(field).isEqualTo(TestPacket.pseudoHeader(translation.sourceHigh, translation.sourceLow,
                    translation.destinationHigh, translation.destinationLow, packet.packet.protocol,
                    (int) (packet.packet.end - transport)));
            } else {
                assertThat(packet.verify(transport, translation)).as("round %s", i).isEqualTo(0xffff);
                assertThat(!tcp && field == 0).as("a zero that would mean: none").isFalse();
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"true, true", "true, false", "false, true"})
    void shouldLeaveABrokenPacketBroken(final boolean from, final boolean to) {
        for (int i = 0; i < ROUNDS; i++) {
            final TestPacket packet = packet(from, true).withChecksum(false);
            final long field = packet.packet.transport + 16;
            NetworkOrder.u16(packet.packet.memory, field, packet.u16(field) ^ 1 << random.nextInt(16));
            final Translation translation = translation(to);
            checksum.open(packet.packet);
            final long transport = change(packet, 8);
            checksum.close(packet.packet, translation, transport, (int) (packet.packet.payload - transport));
            assertThat(packet.verify(transport, translation)).isNotEqualTo(0xffff);
        }
    }

    @ParameterizedTest
    @CsvSource({"true, true", "true, false"})
    void shouldKeepAnAbsentChecksumForIpv4AndMakeOneForIpv6(final boolean from, final boolean to) {
        for (int i = 0; i < ROUNDS; i++) {
            final TestPacket packet = packet(from, false);
            final Translation translation = translation(to);
            checksum.open(packet.packet);
            final long transport = change(packet, 0);
            checksum.close(packet.packet, translation, transport, 8);
            if (to) {
                assertThat(packet.u16(transport + 6)).isZero();
            } else {
                assertThat(packet.verify(transport, translation)).isEqualTo(0xffff);
                assertThat(packet.u16(transport + 6)).isNotZero();
            }
        }
    }

    private TestPacket packet(final boolean ipv4, final boolean tcp) {
        if (tcp) {
            final byte[] options = new byte[4 * random.nextInt(6)];
            random.nextBytes(options);
            return TestPacket.tcp(ipv4, options, random.nextInt(60));
        }
        final byte[] payload = new byte[random.nextInt(60)];
        random.nextBytes(payload);
        return TestPacket.udp(ipv4, payload);
    }

    private Translation translation(final boolean ipv4) {
        final Translation translation = new Translation();
        translation.ipv4 = ipv4;
        translation.sourceHigh = ipv4 ? Address.IPV4_HIGH : random.nextLong() | 1;
        translation.destinationHigh = ipv4 ? Address.IPV4_HIGH : random.nextLong() | 1;
        translation.sourceLow = ipv4 ? Address.lowOfIpv4(random.nextInt()) : random.nextLong();
        translation.destinationLow = ipv4 ? Address.lowOfIpv4(random.nextInt()) : random.nextLong();
        return translation;
    }

    /** Moves the header towards the front, and writes random bytes all over it but not over its checksum. */
    private long change(final TestPacket packet, final int growth) {
        final long transport = packet.packet.transport - growth;
        final int field = TransportChecksum.field(packet.packet);
        for (long at = transport; at < packet.packet.payload; at++) {
            NetworkOrder.u8(packet.packet.memory, at, at - transport == field || at - transport == field + 1 ? 0 : random.nextInt(256));
        }
        if (!packet.packet.isTcp()) {
            NetworkOrder.u16(packet.packet.memory, transport + 4, (int) (packet.packet.end - transport));
        }
        return transport;
    }
}
