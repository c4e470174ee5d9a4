package io.sluice.dataplane.pipeline;

import static io.sluice.dataplane.pipeline.TestNet.CLIENT4;
import static io.sluice.dataplane.pipeline.TestNet.CLIENT6;
import static io.sluice.dataplane.pipeline.TestNet.LOCAL4;
import static io.sluice.dataplane.pipeline.TestNet.LOCAL6;
import static io.sluice.dataplane.pipeline.TestNet.SERVER4;
import static io.sluice.dataplane.pipeline.TestNet.SERVER6;
import static io.sluice.dataplane.pipeline.TestNet.VIP4;
import static io.sluice.dataplane.pipeline.TestNet.VIP6;
import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.dataplane.api.Protocol;
import io.sluice.dataplane.classify.Classifier;
import io.sluice.dataplane.classify.LaneHash;
import io.sluice.dataplane.classify.Packet;
import io.sluice.dataplane.neighbour.OwnedTraffic;
import io.sluice.dataplane.neighbour.OwnedTraffic.Listener;
import io.sluice.dataplane.neighbour.OwnedTraffic.LocalRange;
import io.sluice.dataplane.port.Burst;
import io.sluice.dataplane.port.afpacket.FanOut;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The kernel's program deals packets out as {@link Steering} says. */
@Tag("netns")
class FanOutTest {
    private static final int PACKETS = 300;

    private final Random random = new Random(1);
    private final LaneHash hash = new LaneHash(random.nextLong());
    private final OwnedTraffic owned = OwnedTraffic.load(List.of());
    private FanOut fanOut;

    @AfterEach
    void unload() {
        fanOut.close();
        owned.close();
    }

    private Steering load(final int lanes) {
        owned.update(List.of(new Listener(VIP4.address(), Protocol.TCP, VIP4.port()),
                new Listener(VIP6.address(), Protocol.TCP, VIP6.port())),
            List.of(new LocalRange(LOCAL4.address(), LOCAL4.port(), TestNet.LAST_LOCAL_PORT),
                new LocalRange(LOCAL6.address(), LOCAL6.port(), TestNet.LAST_LOCAL_PORT)));
        fanOut = FanOut.load(owned.maps(), hash.key(), lanes);
        return new Steering(0, lanes, hash, Steering.exceptions());
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 3, 4, 64})
    void shouldDealClientsOutByTheHash(final int lanes) {
        final Steering steering = load(lanes);
        for (int i = 0; i < PACKETS; i++) {
            final boolean ipv4 = random.nextBoolean();
            final Endpoint client = (ipv4 ? CLIENT4 : CLIENT6).port(1 + random.nextInt(65_535));
            final Endpoint virtual = (ipv4 ? VIP4 : VIP6).port(1 + random.nextInt(65_535));
            final PacketBuilder<?> packet = random.nextBoolean() ? Packets.tcp(client, virtual).syn() : Packets.udp(client, virtual);
            if (!ipv4 && random.nextInt(4) == 0) {
                packet.hopByHop().destinationOptions();
            }
            final Packet parsed = parse(packet.build());
            assertThat(fanOut.lane(packet.build().bytes())).isEqualTo(steering.ofClient(parsed.protocol, parsed.sourceHigh,
                parsed.sourceLow, parsed.sourcePort, parsed.destinationHigh, parsed.destinationLow, parsed.destinationPort));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 3, 4, 64})
    void shouldDealServersOutByTheLocalPort(final int lanes) {
        final Steering steering = load(lanes);
        for (int i = 0; i < PACKETS; i++) {
            final boolean ipv4 = random.nextBoolean();
            final int port = LOCAL4.port() + random.nextInt(TestNet.LAST_LOCAL_PORT - LOCAL4.port() + 1);
            final TestFrame frame = Packets.tcp(ipv4 ? SERVER4 : SERVER6, (ipv4 ? LOCAL4 : LOCAL6).port(port)).build();
            assertThat(fanOut.lane(frame.bytes())).isEqualTo(steering.ofLocalPort(port));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 3, 4, 64})
    void shouldDealFragmentsOutByTheirDatagram(final int lanes) {
        final Steering steering = load(lanes);
        for (int i = 0; i < PACKETS; i++) {
            final boolean ipv4 = random.nextBoolean();
            final UdpPacket datagram = Packets.udp((ipv4 ? CLIENT4 : CLIENT6).port(1 + random.nextInt(65_535)), ipv4 ? VIP4 : VIP6)
                .payload(new byte[1400]).identification(random.nextInt(0x10000));
            for (final TestFrame fragment : datagram.fragments(800)) {
                assertThat(fanOut.lane(fragment.bytes())).isEqualTo(steering.ofDatagram(parse(fragment)));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = 4)
    void shouldLeaveTheRestToTheFirstLane(final int lanes) {
        load(lanes);
        for (int port = 1; port < 50; port++) {
            assertThat(fanOut.lane(Packets.tcp(CLIENT4.port(port), SERVER4).syn().build().bytes())).isZero();
            assertThat(fanOut.lane(Packets.ping(CLIENT4, VIP4).build().bytes())).isZero();
        }
    }

    private static Packet parse(final TestFrame frame) {
        final Packet packet = new Packet();
        final Burst burst = new Burst(1);
        try (Arena arena = Arena.ofConfined()) {
            final MemorySegment memory = arena.allocate(frame.bytes().length);
            memory.copyFrom(MemorySegment.ofArray(frame.bytes()));
            burst.add(0, frame.bytes().length, 0);
            assertThat(Classifier.classify(memory, burst, 0, packet)).isTrue();
            assertThat(packet.malformed).isNull();
        }
        return packet;
    }
}
